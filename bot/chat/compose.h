/* An answer as text: the dialog's few marks in a platform's own flavour, quick replies as a list, long ones in pieces, and a
 * key for each piece by which a platform knows one that it has had already.
 *
 * The dialogs know three marks: *words* stand out, a line that begins with "- " is one of a list, <https://...> is a link.
 * Anything else is shown as it is written, whatever it means on the platform. */
#ifndef CHAT_COMPOSE_H
#define CHAT_COMPOSE_H

#include "chat/chat.h"
#include "core/buf.h"

enum compose_markup {
    COMPOSE_STYLING,  /* as written: plain text, and XEP-0393 */
    COMPOSE_MARKDOWN, /* Mattermost and Discord: **words**, the rest escaped by backslashes */
    COMPOSE_MRKDWN,   /* Slack: *words*, & < > as entities */
    COMPOSE_IRC,      /* words between 0x02; no line marks */
};

/* Adds the parts with an empty line between them. The nick, where there is one, stands in front. Choices follow their text as
 * a list, but for those of the part number `buttons`, which the platform shows in its own way; SIZE_MAX: all are listed. */
void compose_text(struct buf *out, const struct chat_say *say, enum compose_markup markup, size_t buttons);

/* The last part with choices, or SIZE_MAX. */
size_t compose_question(const struct chat_say *say);

enum compose_unit { COMPOSE_BYTES, COMPOSE_POINTS, COMPOSE_UTF16 };

/* Cuts the next piece of at most `most` units off *rest: at an empty line, else a line's end, else a blank; inside a word only
 * where the word alone is longer than a whole piece, and then never inside a grapheme (UAX 29). Blanks at the cut are dropped.
 * A slice of *rest; the empty str at the end. */
struct str compose_cut(struct str *rest, size_t most, enum compose_unit unit);
size_t compose_length(struct str text, enum compose_unit unit);

enum { COMPOSE_KEY_SIZE = 24 };
/* The key of piece number `piece` of an answer: the same for the same address, answered message and text, also after a
 * restart; letters, digits and '-', followed by a NUL. */
void compose_key(const struct chat_say *say, struct str text, unsigned piece, char key[COMPOSE_KEY_SIZE]);

#endif
