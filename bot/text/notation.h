/* Private to text/: the notation of phrases (dialogs/README.md, "Phrases"), taken apart. */
#ifndef TEXT_NOTATION_H
#define TEXT_NOTATION_H

#include "core/err.h"
#include "core/str.h"

enum { PHRASE_BYTES_MAX = 400, PHRASE_PARTS_MAX = 4 };

/* Whether the notation is right; `parts` says whether "+" may be in it. What does not show in the text alone (an unknown group) is not
 * looked at. */
bool notation_check(struct str phrase, bool parts, struct err *e);

/* Each takes the next one off *rest and returns it; empty at the end. */
/* "a b + c": "a b", "c"; *behind for one that has to come behind the one before it: "a +> b". */
struct str notation_part(struct str *rest, bool *behind);
struct str notation_element(struct str *part);        /* "a b/c <d>": "a", "b/c", "<d>" */
struct str notation_alternative(struct str *element); /* "b/c": "b", "c"; "24/7" is one */

/* Whether an alternative is a group: *name is what is between < and >. */
bool notation_is_group(struct str alternative, struct str *name);
/* Takes a leading "=" off. */
bool notation_is_exact(struct str *alternative);

#endif
