#include "dialog/model.h"

uint16_t dialog_find_finding(const struct dialog *d, struct str name) {
    for (uint16_t i = 0; i < d->finding_count; i++)
        if (str_equal(d->findings[i].name, name))
            return i;
    return DIALOG_NONE;
}

uint16_t dialog_find_rule(const struct dialog *d, struct str name) {
    for (uint16_t i = 0; i < d->rule_count; i++)
        if (str_equal(d->rules[i].name, name))
            return i;
    return DIALOG_NONE;
}

uint16_t dialog_find_state(const struct dialog *d, struct str name) {
    for (uint16_t i = 0; i < d->state_count; i++)
        if (str_equal(d->states[i].name, name))
            return i;
    return DIALOG_NONE;
}

uint16_t dialog_find_option(const struct finding *f, struct str name) {
    for (uint16_t i = 0; i < f->option_count; i++)
        if (str_equal(f->options[i].name, name))
            return i;
    return DIALOG_NONE;
}

const struct place *dialog_find_place(const struct dialog *d, struct str code) {
    for (uint16_t i = 1; i < d->place_count; i++)
        if (str_equal_nocase(d->places[i].code, code))
            return &d->places[i];
    return &d->places[0];
}

const char *level_name(enum level level) {
    static const char *const names[] = {[LEVEL_NONE] = "none",
                                        [LEVEL_SELF_CARE] = "self_care",
                                        [LEVEL_ROUTINE] = "routine",
                                        [LEVEL_URGENT] = "urgent",
                                        [LEVEL_EMERGENCY] = "emergency"};
    return (unsigned)level <= LEVEL_EMERGENCY ? names[level] : "none";
}
