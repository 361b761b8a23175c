#include "dialog/voice.h"

#include <string.h>

static const struct pronoun {
    struct str name, self, other;
} pronouns[] = {
    {STR_INIT("you"), STR_INIT("you"), STR_INIT("they")},          {STR_INIT("your"), STR_INIT("your"), STR_INIT("their")},
    {STR_INIT("yours"), STR_INIT("yours"), STR_INIT("theirs")},    {STR_INIT("yourself"), STR_INIT("yourself"), STR_INIT("themselves")},
    {STR_INIT("you_obj"), STR_INIT("you"), STR_INIT("them")},      {STR_INIT("You"), STR_INIT("You"), STR_INIT("They")},
    {STR_INIT("Your"), STR_INIT("Your"), STR_INIT("Their")},
};

bool voice_is_pronoun(struct str name) {
    for (size_t i = 0; i < sizeof pronouns / sizeof *pronouns; i++)
        if (str_equal(name, pronouns[i].name))
            return true;
    return false;
}

static void add_options(struct buf *b, const struct finding *f, uint32_t mask) {
    unsigned left = (unsigned)__builtin_popcount(mask);
    if (left == 0)
        buf_add(b, STR("none"));
    for (uint16_t i = 0; i < f->option_count; i++) {
        if (!(mask >> i & 1))
            continue;
        buf_add(b, f->options[i].say);
        left--;
        buf_add(b, left > 1 ? STR(", ") : left == 1 ? STR(" and ") : STR(""));
    }
}

void voice_add_value(const struct voice *v, struct buf *b, uint16_t finding) {
    const struct dialog *d = v->view.dialog;
    const struct finding *f = &d->findings[finding];
    struct value value = view_value(&v->view, finding);
    if (value.state == VALUE_UNKNOWN) {
        buf_add(b, STR("not known"));
    } else if (value.state != VALUE_KNOWN) {
        buf_add(b, STR("not sure"));
    } else if (f->kind == FINDING_YESNO) {
        buf_add(b, value.number > 0 ? STR("yes") : STR("no"));
    } else if (f->kind == FINDING_CHOICE) {
        if (value.number < (float)f->option_count)
            buf_add(b, f->options[(uint16_t)value.number].say);
    } else if (f->kind == FINDING_SET) {
        add_options(b, f, (uint32_t)value.number);
    } else if (value.number >= 10) {
        buf_printf(b, "%.0f", (double)value.number);
    } else {
        buf_printf(b, "%.2g", (double)value.number);
    }
}

static bool add_fill_in(const struct voice *v, struct buf *b, struct str name) {
    for (size_t i = 0; i < sizeof pronouns / sizeof *pronouns; i++) {
        if (str_equal(name, pronouns[i].name)) {
            buf_add(b, v->about_other ? pronouns[i].other : pronouns[i].self);
            return true;
        }
    }
    const struct dialog *d = v->view.dialog;
    for (uint16_t i = 0; i < d->place_key_count; i++) {
        if (str_equal(name, d->place_keys[i])) {
            buf_add(b, v->place->texts[i]);
            return true;
        }
    }
    if (str_equal(name, STR("level"))) {
        buf_add(b, voice_text(v, &d->levels[v->view.told].title));
        return true;
    }
    uint16_t finding = dialog_find_finding(d, name);
    if (finding == DIALOG_NONE)
        return false;
    voice_add_value(v, b, finding);
    return true;
}

void voice_add(const struct voice *v, struct buf *b, struct str text) {
    while (text.len > 0) {
        const char *open = memchr(text.ptr, '{', text.len);
        size_t before = open ? (size_t)(open - text.ptr) : text.len;
        buf_add(b, str_slice(text, 0, before));
        text = str_slice(text, before, text.len);
        const char *close = open ? memchr(text.ptr, '}', text.len) : NULL;
        if (!close)
            break;
        size_t length = (size_t)(close - text.ptr);
        if (!add_fill_in(v, b, str_slice(text, 1, length - 1)))
            buf_add(b, str_slice(text, 0, length + 1));
        text = str_slice(text, length + 1, text.len);
    }
    buf_add(b, text);
}

static struct str pick(const struct voice *v, const struct wording *w) {
    if (w->count <= 1)
        return w->count ? w->variants[0] : STR_NONE;
    return w->variants[(v->seed * 2654435761u >> 16) % w->count];
}

struct str voice_text(const struct voice *v, const struct wording *w) {
    struct str text = pick(v, w);
    if (text.len == 0 || !memchr(text.ptr, '{', text.len))
        return text;
    struct buf b;
    buf_init(&b, v->arena);
    voice_add(v, &b, text);
    return buf_str(&b);
}

struct str voice_say(const struct voice *v, uint16_t say) { return voice_text(v, &v->view.dialog->says[say].text); }
