/* Private to text/: words with apostrophes that the dialog does not expand itself. */
#ifndef TEXT_CONTRACTION_H
#define TEXT_CONTRACTION_H

#include "core/str.h"

/* Opens a folded word: "mum's" is "mum", "mustn't" is "must" "not", "they've" is "they" "have"; any other apostrophe is left out
 * ("o'clock" is "oclock"). Gives one or two words; each lies in `written`, which is changed, or is static, and FOLD_SLACK bytes are
 * readable behind it. */
size_t contraction_open(char *written, size_t len, struct str out[2]);

#endif
