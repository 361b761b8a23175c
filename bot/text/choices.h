/* Private to text/: which items of a list a message picks, and which it turns down. */
#ifndef TEXT_CHOICES_H
#define TEXT_CHOICES_H

#include "text/words.h"

/* "The second one", "1 and 3", "no to the first, yes to the last two": sets chosen, refused and doubted of the reading. */
void choices_read(struct work *w);

/* Whether a word, other than numbers and "a", may pick items: forms that do have FORM_PICKS. */
bool choices_pick_by(struct str word);

#endif
