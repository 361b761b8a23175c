#include "dialog/voice.h"

enum { FILLED_BYTES = 96 }; /* more than most fill-ins of a text take */

static const struct pronoun {
    struct str name, self, other;
} pronouns[] = {
    {STR_INIT("you"), STR_INIT("you"), STR_INIT("they")},          {STR_INIT("your"), STR_INIT("your"), STR_INIT("their")},
    {STR_INIT("yours"), STR_INIT("yours"), STR_INIT("theirs")},    {STR_INIT("yourself"), STR_INIT("yourself"), STR_INIT("themselves")},
    {STR_INIT("you_obj"), STR_INIT("you"), STR_INIT("them")},      {STR_INIT("You"), STR_INIT("You"), STR_INIT("They")},
    {STR_INIT("Your"), STR_INIT("Your"), STR_INIT("Their")},
};

int voice_find_pronoun(struct str name) {
    for (size_t i = 0; i < sizeof pronouns / sizeof *pronouns; i++)
        if (str_equal(name, pronouns[i].name))
            return (int)i;
    return -1;
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

static void fill(const struct voice *v, struct buf *b, const struct hole *hole) {
    switch ((enum hole_kind)hole->kind) {
    case HOLE_PRONOUN:
        buf_add(b, v->about_other ? pronouns[hole->index].other : pronouns[hole->index].self);
        break;
    case HOLE_PLACE:
        buf_add(b, v->place->texts[hole->index]);
        break;
    case HOLE_LEVEL:
        buf_add(b, voice_text(v, &v->view.dialog->levels[v->view.told].title));
        break;
    case HOLE_FINDING:
        voice_add_value(v, b, hole->index);
        break;
    }
}

static uint16_t pick(const struct voice *v, const struct wording *w) {
    return (uint16_t)(w->count > 1 ? (v->seed * 2654435761u >> 16) % w->count : 0);
}

struct str voice_text(const struct voice *v, const struct wording *w) {
    if (w->count == 0)
        return STR_NONE;
    uint16_t variant = pick(v, w);
    struct str text = w->variants[variant];
    const struct holes *holes = &w->holes[variant];
    if (holes->count == 0)
        return text;
    struct buf b;
    size_t at = 0;
    buf_init(&b, v->arena);
    buf_reserve(&b, text.len + FILLED_BYTES);
    for (const struct hole *h = holes->items; h < holes->items + holes->count; h++) {
        buf_add(&b, str_slice(text, at, h->from - at));
        fill(v, &b, h);
        at = h->to;
    }
    buf_add(&b, str_slice(text, at, text.len));
    return buf_str(&b);
}

struct str voice_say(const struct voice *v, uint16_t say) { return voice_text(v, &v->view.dialog->says[say].text); }
