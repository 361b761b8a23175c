#include <stdio.h>
#include <string.h>

#include "chat/compose.h"
#include "chat/irc_work.h"
#include "core/utf8.h"

/* ---- names ---- */

static char lower(char ch) { return ch >= 'A' && ch <= 'Z' ? (char)(ch | 0x20) : ch; }

/* RFC 1459 calls {}|^ the small letters of []\~. */
static char lower_rfc1459(char ch) {
    return ch == '[' ? '{' : ch == ']' ? '}' : ch == '\\' ? '|' : ch == '~' ? '^' : lower(ch);
}

bool irc_same(const struct chat *c, struct str a, struct str b) {
    if (c->ascii_case)
        return str_equal_nocase(a, b);
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower_rfc1459(a.ptr[i]) != lower_rfc1459(b.ptr[i]))
            return false;
    return true;
}

bool irc_is_us(const struct chat *c, struct str nick) { return irc_same(c, nick, str_of(c->nick)); }

static struct irc_channel *find_channel(struct chat *c, struct str name) {
    for (size_t i = 0; i < c->channel_count; i++)
        if (irc_same(c, c->channels[i].name, name))
            return &c->channels[i];
    return NULL;
}

/* ---- channels ---- */

void irc_join(struct chat *c, struct irc_channel *ch) {
    irc_send(c, "JOIN %.*s", STR_ARG(ch->name));
    ch->join_at_ms = c->now_ms + c->long_pause_ms; /* asked again, should nothing come of it */
}

bool irc_on_join(struct chat *c, const struct irc_line *l, struct err *e) {
    struct irc_channel *ch = find_channel(c, irc_line_param(l, 0));
    (void)e;
    if (irc_is_us(c, l->nick) && ch) {
        ch->join_at_ms = CHAT_NEVER;
        irc_note(c, "in %.*s", STR_ARG(ch->name));
    }
    return true;
}

bool irc_on_kick(struct chat *c, const struct irc_line *l, struct err *e) {
    struct irc_channel *ch = find_channel(c, irc_line_param(l, 0));
    (void)e;
    if (ch && irc_is_us(c, irc_line_param(l, 1))) {
        ch->join_at_ms = c->now_ms + c->long_pause_ms;
        irc_note(c, "kicked out of %.*s; back after the long pause", STR_ARG(ch->name));
    }
    return true;
}

bool irc_on_part(struct chat *c, const struct irc_line *l, struct err *e) {
    struct irc_channel *ch = find_channel(c, irc_line_param(l, 0));
    (void)e;
    if (ch && irc_is_us(c, l->nick))
        ch->join_at_ms = c->now_ms + c->long_pause_ms;
    return true;
}

/* Banned, full, by invitation, with a key, for registered nicks, no such channel. */
bool irc_on_barred(struct chat *c, const struct irc_line *l, struct err *e) {
    struct irc_channel *ch = find_channel(c, irc_line_param(l, 1));
    (void)e;
    if (ch && ch->join_at_ms != CHAT_NEVER) {
        ch->join_at_ms = c->now_ms + c->long_pause_ms;
        irc_note(c, "cannot join %.*s (%.*s); tried again after the long pause", STR_ARG(ch->name), STR_ARG(l->command));
    }
    return true;
}

/* ---- history ---- */

bool irc_on_batch(struct chat *c, const struct irc_line *l, struct err *e) {
    struct str name = irc_line_param(l, 0), type = irc_line_param(l, 1);
    bool opens = str_starts_with(name, STR("+"));
    bool plays_back = str_equal(type, STR("chathistory")) || str_equal(type, STR("znc.in/playback"));
    (void)e;
    name = str_slice(name, 1, SIZE_MAX);
    if (name.len == 0 || name.len >= IRC_BATCH_SIZE || (opens && !plays_back))
        return true;
    for (size_t i = 0; i < IRC_BATCHES; i++)
        if (opens ? !c->batches[i][0] : str_equal(str_of(c->batches[i]), name)) {
            snprintf(c->batches[i], IRC_BATCH_SIZE, "%.*s", opens ? (int)name.len : 0, name.ptr);
            break;
        }
    return true;
}

static bool is_history(const struct chat *c, const struct irc_line *l) {
    bool there;
    struct str batch = irc_line_tag(l, "batch", &there);
    for (size_t i = 0; batch.len > 0 && i < IRC_BATCHES; i++)
        if (str_equal(str_of(c->batches[i]), batch))
            return true;
    return false;
}

/* ---- messages in ---- */

/* CTCP: "\1ACTION waves\1" is text; a question about our program is answered; the rest is passed over. */
static struct str without_ctcp(struct chat *c, const struct irc_line *l, struct str text) {
    if (text.len == 0 || text.ptr[0] != '\1')
        return text;
    text = str_slice(text, 1, SIZE_MAX);
    text = str_cut(&text, '\1');
    struct str word = str_cut(&text, ' ');
    if (str_equal(word, STR("ACTION")))
        return text;
    if (str_equal(word, STR("VERSION")) && irc_may_send(c))
        irc_send(c, "NOTICE %.*s :\1VERSION Lippy " LIPPY_VERSION "\1", STR_ARG(l->nick));
    return STR_NONE;
}

/* Without bold, colours and the like, which mIRC's control characters make; what is no UTF-8 becomes U+FFFD. */
static void add_plain(struct buf *b, struct str text) {
    char bytes[4];
    for (uint32_t point; text.len > 0;) {
        text = str_slice(text, utf8_next(text, &point), SIZE_MAX);
        for (size_t digits = 0; point == 3 && digits < 2 && text.len > 0 && str_is_digit(text.ptr[0]); digits++)
            text = str_slice(text, 1, SIZE_MAX);
        if (point >= 0x20 || point == '\t')
            buf_add(b, (struct str){bytes, utf8_put(point, bytes)});
    }
}

static bool sender_may(struct chat *c, struct str who) {
    enum pace_verdict verdict = pace_count(&c->pace, who, c->now_ms);
    if (verdict == PACE_TELL)
        irc_note(c, "somebody writes faster than we answer; some of it is passed over");
    return verdict == PACE_FINE;
}

static bool may_be_for_us(struct chat *c, const struct irc_line *l) {
    bool from_bot, has_id;
    struct str id = irc_line_tag(l, "msgid", &has_id);
    irc_line_tag(l, "bot", &from_bot);
    return !from_bot && !irc_is_us(c, l->nick) && !is_history(c, l) && l->nick.len > 0 && l->nick.len < l->source.len &&
           l->source.len <= IRC_SOURCE_MOST && utf8_is_valid(l->source) && (id.len == 0 || seen_first(&c->seen, id));
}

static void hand_on(struct chat *c, const struct irc_line *l, struct irc_channel *ch, struct str who, struct str said) {
    bool has_id;
    struct chat_out out = {
        .kind = CHAT_MESSAGE,
        .who = who,
        .room = ch ? ch->name : STR_NONE,
        .to = ch ? ch->name : who,
        .nick = l->nick,
        .aside = ch ? who : STR_NONE,
        .id = irc_line_tag(l, "msgid", &has_id),
        .addressed = true,
        .text = said,
    };
    if (ch)
        out.addressed = chat_is_addressed(said, str_of(c->nick), &out.text);
    if (!utf8_is_valid(out.id))
        out.id = STR_NONE;
    irc_put(c, &out);
}

bool irc_on_privmsg(struct chat *c, const struct irc_line *l, struct err *e) {
    struct str target = irc_line_param(l, 0);
    struct irc_channel *ch = find_channel(c, target);
    struct buf who, said;
    (void)e;
    if ((!ch && !irc_is_us(c, target)) || !may_be_for_us(c, l))
        return true;
    buf_init_heap(&who);
    buf_init_heap(&said);
    /* In small letters of ASCII only: what differs for some servers must not become the same here. */
    for (size_t i = 0; i < l->source.len; i++)
        buf_add_char(&who, lower(l->source.ptr[i]));
    if (!who.failed && sender_may(c, buf_str(&who)))
        add_plain(&said, without_ctcp(c, l, irc_line_param(l, 1)));
    if (!said.failed && said.len > 0)
        hand_on(c, l, ch, buf_str(&who), buf_str(&said));
    buf_finish(&who);
    buf_finish(&said);
    return true;
}

/* ---- messages out ---- */

/* A list is set in one line as far as it goes: every line of ours costs a second or so of the flood limit. */
static void join_lists(struct buf *out, struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        char next = i + 1 < text.len ? text.ptr[i + 1] : ' ';
        if (text.ptr[i] == '\n' && (next == '-' || str_is_digit(next)))
            buf_add(out, STR("  "));
        else
            buf_add_char(out, text.ptr[i]);
    }
}

static bool hold_line(struct chat *c, struct str to, struct str text, struct err *e) {
    buf_clear(&c->line);
    buf_printf(&c->line, "PRIVMSG %.*s :", STR_ARG(to));
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x20 || text.ptr[i] == '\2')
            buf_add_char(&c->line, text.ptr[i]);
    struct chat_out out = {.kind = CHAT_WIRE, .text = buf_str(&c->line)};
    return (!c->line.failed && outbox_push(&c->held, &out)) || err_set(e, ERR_LIMIT, "too many lines wait to be sent");
}

/* The server puts ":nick!user@host " in front, of which we know the nick, and the limits that are usual for the rest. */
static size_t text_most(const struct chat *c, struct str to) {
    size_t around = strlen(":!lippypppp@ PRIVMSG  :") + strlen(c->nick) + 64 + to.len;
    return around + IRC_TEXT_MOST > IRC_LINE_MOST ? IRC_LINE_MOST - around : IRC_TEXT_MOST;
}

static bool hold_text(struct chat *c, struct str to, struct str text, struct err *e) {
    size_t most = text_most(c, to);
    bool fine = true;
    while (fine && text.len > 0) {
        struct str line = str_cut(&text, '\n'), piece;
        while (fine && (piece = compose_cut(&line, most, COMPOSE_BYTES)).len > 0)
            fine = hold_line(c, to, piece, e);
    }
    return fine;
}

static bool is_address(struct str to) {
    for (size_t i = 0; i < to.len; i++)
        if ((unsigned char)to.ptr[i] <= ' ' || to.ptr[i] == ',')
            return false;
    return to.len > 0 && to.len <= IRC_SOURCE_MOST && to.ptr[0] != ':';
}

bool irc_hold(struct chat *c, const struct chat_say *say, struct err *e) {
    struct str person = say->to, to = str_cut(&person, '!'); /* a person's key begins with the nick */
    struct buf text, lines;
    if (!is_address(to))
        return err_set(e, ERR_SCHEMA, "no address to say something to");
    buf_init_heap(&text);
    buf_init_heap(&lines);
    compose_text(&text, say, COMPOSE_IRC, SIZE_MAX);
    join_lists(&lines, buf_str(&text));
    bool failed = text.failed || lines.failed;
    bool fine = failed ? err_set(e, ERR_LIMIT, "no memory") : hold_text(c, to, buf_str(&lines), e);
    buf_finish(&text);
    buf_finish(&lines);
    return fine;
}
