#include "test.h"

#include "dialog_fixture.h"
#include "text/reading.h"

static struct dialog *mini;

static int set_up(void **state) {
    (void)state;
    mini = fixture_dialog();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dialog_free(mini);
    return 0;
}

static const struct finding *finding(const char *name) {
    uint16_t i = dialog_find_finding(mini, str_of(name));
    assert_int_not_equal(i, DIALOG_NONE);
    return &mini->findings[i];
}

static const struct rule *rule(const char *name) {
    uint16_t i = dialog_find_rule(mini, str_of(name));
    assert_int_not_equal(i, DIALOG_NONE);
    return &mini->rules[i];
}

static const struct state *state_named(const char *name) {
    uint16_t i = dialog_find_state(mini, str_of(name));
    assert_int_not_equal(i, DIALOG_NONE);
    return &mini->states[i];
}

static void assert_wording(const struct wording *w, const char *text) {
    assert_int_equal(w->count, 1);
    assert_str(w->variants[0], text);
}

static void settings(void **state) {
    (void)state;
    assert_str(mini->name, "squeaky-bike");
    assert_str(mini->title, "A squeaking bicycle");
    assert_int_equal(mini->start, dialog_find_state(mini, STR("hello")));
    assert_int_equal(mini->comfort_count, 1);
    assert_str(mini->remedies[mini->comforts[0]].name, "ring-bell");
    assert_int_equal(mini->about_other.count, 1);
    assert_int_equal(mini->about_other.nodes[0].op, GUARD_IS);
    assert_int_equal(mini->about_other.nodes[0].number, 1);
    assert_int_not_equal(mini->revision, 0);
    assert_str(mini->levels[LEVEL_EMERGENCY].name, "emergency");
    assert_wording(&mini->levels[LEVEL_SELF_CARE].title, "You can mend it");
    assert_wording(&mini->levels[LEVEL_URGENT].say, "Have it looked at today. Push it there.");
    assert_int_equal(mini->levels[LEVEL_NONE].title.count, 0);
}

static void yesno(void **state) {
    (void)state;
    const struct finding *f = finding("brake_failed");
    assert_int_equal(f->kind, FINDING_YESNO);
    assert_wording(&f->short_name, "a brake that fails");
    assert_wording(&f->ask, "Does a brake fail to hold {your} bike?");
    assert_wording(&f->again, "Please squeeze both brakes and push the bike. Does it roll?");
    assert_wording(&f->why, "A bike that does not stop is a danger to all.");
    assert_int_equal(f->source_count, 1);
    assert_str(mini->sources[f->sources[0]].name, "Manual");
    assert_str(mini->screens[f->screen].name, "danger");
    assert_null(f->only_if.nodes);
    assert_int_equal(f->otherwise.state, VALUE_UNKNOWN);
    assert_false(f->history);
    assert_true(finding("wheel_loose")->history);
    assert_int_equal(finding("whose")->screen, DIALOG_NONE);
}

static void choice(void **state) {
    (void)state;
    const struct finding *f = finding("whose");
    assert_int_equal(f->kind, FINDING_CHOICE);
    assert_int_equal(f->option_count, 2);
    assert_str(f->options[1].name, "friend");
    assert_str(f->options[1].say, "a friend's");
    assert_int_equal(dialog_find_option(f, STR("friend")), 1);
    assert_int_equal(dialog_find_option(f, STR("foe")), DIALOG_NONE);
    assert_str(finding("squeak_place")->options[2].say, "the saddle");
}

static void set(void **state) {
    (void)state;
    const struct finding *f = finding("tools");
    assert_int_equal(f->kind, FINDING_SET);
    assert_int_equal(f->option_count, 3);
    assert_int_equal(f->other, 2);
    assert_true(f->has_none);
    assert_true(f->sensitive);
    assert_int_equal(f->width, 5);
}

static void number(void **state) {
    (void)state;
    const struct finding *f = finding("rides_per_week");
    assert_int_equal(f->kind, FINDING_NUMBER);
    assert_str(f->unit, "rides a week");
    assert_int_equal(f->measure, MEASURE_COUNT);
    assert_int_equal(f->per, PER_WEEK);
    assert_int_equal(f->low, 0);
    assert_int_equal(f->high, 100);
    assert_int_equal(f->option_count, 4);
    assert_str(f->options[1].say, "once or twice");
    assert_int_equal(f->options[1].number, 2);
    assert_int_equal(f->width, 12);

    const struct finding *days = finding("loose_days");
    assert_int_equal(days->width, 16);
    assert_int_equal(days->of_count, 1);
    assert_str(mini->findings[days->of[0]].name, "wheel_loose");
    assert_int_equal(days->only_if.nodes[0].op, GUARD_YES);
    assert_int_equal(days->otherwise.state, VALUE_KNOWN);
    assert_int_equal(days->otherwise.number, 0);
    assert_int_equal(mini->unprompted[MEASURE_DAYS], dialog_find_finding(mini, STR("loose_days")));
    assert_int_equal(mini->unprompted[MEASURE_MG], DIALOG_NONE);
}

/* Every place lies within one word and no two share a bit. */
static void places_in_frame(void **state) {
    (void)state;
    uint64_t taken[FRAME_BYTES / 8] = {0};
    for (uint16_t i = 0; i < mini->finding_count; i++) {
        const struct finding *f = &mini->findings[i];
        assert_true(f->width > 0 && f->bit % 64 + f->width <= 64 && f->bit < FRAME_BYTES * 8);
        uint64_t mask = ((UINT64_C(1) << f->width) - 1) << f->bit % 64;
        for (unsigned plane = 0; plane < (f->kind == FINDING_YESNO ? FRAME_PLANES : 1); plane++) {
            uint64_t *word = &taken[plane * mini->plane_words + f->bit / 64u];
            assert_true((*word & mask) == 0);
            *word |= mask;
        }
    }
}

static void values_keep_in_frame(void **state) {
    (void)state;
    struct frame frame = {0};
    for (uint16_t i = 0; i < mini->finding_count; i++)
        frame_set(mini, &frame, i, (struct value){VALUE_KNOWN, 1});
    for (uint16_t i = 0; i < mini->finding_count; i++)
        assert_true(value_equal(frame_get(mini, &frame, i), (struct value){VALUE_KNOWN, 1}));
    uint16_t tools = dialog_find_finding(mini, STR("tools"));
    frame_set(mini, &frame, tools, (struct value){VALUE_KNOWN, 7});
    assert_true(value_equal(frame_get(mini, &frame, tools), (struct value){VALUE_KNOWN, 7}));
}

static void rules(void **state) {
    (void)state;
    static const char *const in_order[] = {"E1", "E2", "U1", "R1"};
    assert_int_equal(mini->rule_count, 4);
    for (uint16_t i = 0; i < 4; i++)
        assert_str(mini->rules[i].name, in_order[i]);
    const struct rule *r = rule("E1");
    assert_int_equal(r->level, LEVEL_EMERGENCY);
    assert_wording(&r->because, "a bike without a brake cannot be stopped");
    assert_wording(&r->instead, "Get off. Call {mechanic_number}.");
    assert_int_equal(r->source_count, 2);
    assert_str(mini->sources[r->sources[1]].title, "Leaflet of the club");
    assert_false(r->derived);
    assert_true(rule("U1")->derived);
    assert_int_equal(rule("U1")->instead.count, 0);
}

static void rules_of_findings(void **state) {
    (void)state;
    const struct finding *f = finding("wheel_loose"); /* in U1, in E1's list, and in R1 by way of a condition */
    assert_int_equal(f->rule_count, 3);
    assert_str(mini->rules[f->rules[0]].name, "E1");
    assert_str(mini->rules[f->rules[1]].name, "U1");
    assert_str(mini->rules[f->rules[2]].name, "R1");
    assert_int_equal(finding("whose")->rule_count, 0);
}

static void causes_and_remedies(void **state) {
    (void)state;
    assert_int_equal(mini->cause_count, 1);
    const struct cause *c = &mini->causes[0];
    assert_str(c->name, "dry-chain");
    assert_str(c->title, "a dry chain");
    assert_int_equal(c->point_count, 3);
    assert_true(c->points[0].give == 3 && c->points[2].give == -1.5f);
    assert_wording(&c->points[0].because, "{you} ride {rides_per_week} times a week");
    assert_int_equal(c->points[0].only_if.count, 3);
    assert_int_equal(c->points[1].because.count, 0);
    assert_int_equal(c->about.count, 2);
    assert_int_equal(c->remedy_count, 1);
    const struct remedy *r = &mini->remedies[c->remedies[0]];
    assert_str(r->name, "oil-chain");
    assert_int_equal(r->only_if.nodes[0].op, GUARD_HAS);
    assert_int_equal(r->caution_count, 2);
    assert_int_equal(r->cautions[0].only_if.nodes[0].number, 2 + 4);
    assert_null(r->cautions[1].only_if.nodes);
}

static void topics_and_says(void **state) {
    (void)state;
    assert_int_equal(mini->topic_count, 2);
    assert_str(mini->topics[1].title, "What does it cost for a friend?");
    assert_non_null(mini->topics[1].only_if.nodes);
    assert_int_equal(mini->say_count, SAY_COUNT + 3);
    assert_str(mini->says[SAY_WHY_NONE].name, "why-none");
    assert_wording(&mini->says[SAY_SUMMARY_NO].text, "No:");
    assert_str(mini->says[SAY_COUNT].name, "hello");
}

static void states(void **state) {
    (void)state;
    const struct state *s = state_named("hello");
    assert_int_equal(s->say_count, 1);
    assert_str(mini->says[s->says[0]].name, "hello");
    assert_int_equal(s->next[0].state, dialog_find_state(mini, STR("safety")));
    assert_int_equal(s->otherwise, DIALOG_NONE);

    s = state_named("safety");
    assert_int_equal(s->settle, 1 << LEVEL_EMERGENCY | 1 << LEVEL_URGENT);
    assert_int_equal(s->with_count, 2);
    assert_true(ask_is_screen(mini, s->with[0]));
    assert_int_equal(ask_to_finding(mini, s->with[1]), dialog_find_finding(mini, STR("whose")));

    assert_true(state_named("gate")->settle_gates);
    s = state_named("advice");
    assert_true(s->end);
    assert_int_equal(s->advise_count, 3);
    assert_int_equal(s->advise[1].parts[1].kind, PART_REMEDIES);
    assert_int_equal(s->advise[2].parts[0].kind, PART_SAY);
    assert_str(mini->says[s->advise[2].parts[0].say].name, "come_back");

    s = state_named("after");
    assert_true(s->listen);
    assert_str(mini->says[s->otherwise].name, "anything-else");
    s = state_named("pushing");
    assert_int_equal(s->next_count, 2);
    assert_int_equal(s->next[0].only_if.nodes[0].op, GUARD_UNSURE);
    assert_null(s->next[1].only_if.nodes);
    assert_int_equal(mini->always_count, 1);
    assert_int_equal(mini->always[0].only_if.nodes[0].op, GUARD_LEVEL);
    assert_int_equal(mini->always[0].only_if.nodes[0].number, LEVEL_EMERGENCY);
}

static void screens(void **state) {
    (void)state;
    assert_int_equal(mini->screen_count, 1);
    assert_int_equal(mini->screens[0].finding_count, 3);
    assert_str(mini->findings[mini->screens[0].findings[1]].name, "frame_cracked");
    assert_int_equal(mini->screens[0].again.count, 1);
    assert_wording(&mini->screens[0].why, "Each of these can throw you off.");
}

static struct str place_text(const char *country, const char *key) {
    for (uint16_t k = 0; k < mini->place_key_count; k++)
        if (str_equal(mini->place_keys[k], str_of(key)))
            return dialog_find_place(mini, str_of(country))->texts[k];
    fail();
    return STR_NONE;
}

static void places(void **state) {
    (void)state;
    assert_int_equal(mini->place_count, 3);
    assert_str(mini->places[0].code, "default");
    assert_str(place_text("NL", "mechanic_number"), "0900-2244");
    assert_str(place_text("nl", "club"), "the cycling club"); /* a hole, filled */
    assert_str(place_text("gb", "club"), "Cycling UK");
    assert_str(place_text("fr", "club"), "the cycling club");
    assert_str(place_text("", "mechanic_number"), "the nearest workshop");
}

/* ---- phrases ---- */

static uint32_t phrase(const char *text) {
    for (uint32_t p = 0; p < mini->phrase_count; p++)
        if (str_equal(mini->phrase_text[p], str_of(text)))
            return p;
    fail_msg("no phrase \"%s\"", text);
    return 0;
}

static const struct meaning *meaning(const char *text, uint32_t which, uint32_t count) {
    uint32_t p = phrase(text);
    assert_int_equal(mini->phrase_meaning[p + 1] - mini->phrase_meaning[p], count);
    return &mini->meanings[mini->phrase_meaning[p] + which];
}

static void assert_means(const char *text, enum meaning_kind kind, const char *target, struct value v) {
    const struct meaning *m = meaning(text, 0, 1);
    assert_int_equal(m->kind, kind);
    assert_int_equal(m->target, dialog_find_finding(mini, str_of(target)));
    assert_int_equal(m->value.state, v.state);
    assert_true(m->value.number == v.number);
}

static void meanings(void **state) {
    (void)state;
    assert_int_equal(mini->phrase_count, lexicon_phrase_count(mini->lexicon));
    assert_means("brake fails", MEANS_VALUE, "brake_failed", VALUE_YES);
    assert_means("brakes work", MEANS_VALUE, "brake_failed", VALUE_NO);
    assert_means("brakes might fail", MEANS_VALUE, "brake_failed", VALUE_DOUBT);
    assert_means("brake fluid", MEANS_NOTHING, "brake_failed", (struct value){VALUE_UNKNOWN, 0});
    assert_means("mine", MEANS_VALUE, "whose", (struct value){VALUE_KNOWN, 0});
    assert_means("seat + squeak", MEANS_VALUE, "squeak_place", (struct value){VALUE_KNOWN, 2});
    assert_means("wrench", MEANS_VALUE, "tools", (struct value){VALUE_KNOWN, 2});
    assert_means("hammer", MEANS_VALUE, "tools", (struct value){VALUE_KNOWN, 4});
    assert_means("no tools", MEANS_VALUE, "tools", (struct value){VALUE_KNOWN, 0});
    assert_means("every day", MEANS_VALUE, "rides_per_week", (struct value){VALUE_KNOWN, 7});
    assert_means("cycling", MEANS_NEAR, "rides_per_week", (struct value){VALUE_UNKNOWN, 0});
    assert_true(meaning("trip to work", 0, 1)->number == 1);
    assert_int_equal(meaning("weekend tour", 0, 1)->kind, MEANS_EACH);
    assert_int_equal(meaning("why do you ask", 0, 1)->kind, MEANS_COMMAND);
    assert_int_equal(meaning("why do you ask", 0, 1)->target, COMMAND_WHY);
}

static void phrases_with_several_meanings(void **state) {
    (void)state;
    assert_int_equal(meaning("what does it cost", 0, 2)->target, 0);
    assert_int_equal(meaning("what does it cost", 1, 2)->target, 1);
    assert_int_equal(meaning("ride", 0, 2)->kind, MEANS_EACH);
    assert_int_equal(meaning("ride", 1, 2)->kind, MEANS_NEAR);
    /* a tool, a cause and a topic, in the order in which the sections are read */
    assert_int_equal(meaning("chain oil", 0, 3)->kind, MEANS_VALUE);
    assert_int_equal(meaning("chain oil", 1, 3)->kind, MEANS_CAUSE);
    assert_int_equal(meaning("chain oil", 2, 3)->kind, MEANS_TOPIC);
}

static void phrases_are_heard(void **state) {
    (void)state;
    struct arena a;
    struct reading reading;
    arena_init(&a, 0);
    assert_true(text_read(mini->lexicon, STR("My brakes are gone!"), 0, &a, &reading));
    uint32_t wanted = phrase("brakes + gone/broken");
    bool heard = false;
    for (size_t i = 0; i < reading.hit_count; i++)
        heard |= reading.hits[i].phrase == wanted;
    assert_true(heard);
    arena_finish(&a);
}

/* ---- the whole ---- */

static void levels_have_names(void **state) {
    (void)state;
    assert_string_equal(level_name(LEVEL_SELF_CARE), "self_care");
    assert_string_equal(level_name(LEVEL_NONE), "none");
    assert_string_equal(level_name((enum level)77), "none");
}

static void revision_is_of_all_bytes(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct dialog *same = fixture_load(&f);
    assert_int_equal(same->revision, mini->revision);
    struct dialog_file first = f.files[0];
    f.files[0] = f.files[1]; /* the order in which the caller found them does not matter */
    f.files[1] = first;
    struct dialog *shuffled = fixture_load(&f);
    assert_int_equal(shuffled->revision, mini->revision);
    fixture_edit(&f, "says.yaml", "Ride well.", "Ride well!");
    struct dialog *other = fixture_load(&f);
    assert_int_not_equal(other->revision, mini->revision);
    dialog_free(same);
    dialog_free(shuffled);
    dialog_free(other);
    fixture_close(&f);
}

static void sections_may_be_spread(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_edit(&f, "dialog.yaml", "  hello: {say: [hello], next: safety}\n", "");
    fixture_put(&f, "dialog-hello.yaml", "states:\n  hello: {say: [hello], next: safety}\n");
    fixture_edit(&f, "words.yaml", "  brake: [brake, brakes, front brake]\n", "");
    fixture_put(&f, "words.brakes.yaml", "groups: {brake: [brake, brakes]}\n");
    fixture_put(&f, "topics-none-yet.yaml", "# nothing\n");
    fixture_put(&f, "conditions-none.yaml", "");
    struct dialog *d = fixture_load(&f);
    assert_non_null(d);
    assert_int_equal(d->state_count, mini->state_count);
    dialog_free(d);
    fixture_close(&f);
}

static void nothing_is_kept_of_the_files(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct dialog *d = fixture_load(&f);
    fixture_close(&f);
    assert_non_null(d);
    assert_str(d->findings[0].name, "brake_failed");
    assert_str(d->phrase_text[0], "help");
    dialog_free(d);
    dialog_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),
        cmocka_unit_test(yesno),
        cmocka_unit_test(choice),
        cmocka_unit_test(set),
        cmocka_unit_test(number),
        cmocka_unit_test(places_in_frame),
        cmocka_unit_test(values_keep_in_frame),
        cmocka_unit_test(rules),
        cmocka_unit_test(rules_of_findings),
        cmocka_unit_test(causes_and_remedies),
        cmocka_unit_test(topics_and_says),
        cmocka_unit_test(states),
        cmocka_unit_test(screens),
        cmocka_unit_test(places),
        cmocka_unit_test(meanings),
        cmocka_unit_test(phrases_with_several_meanings),
        cmocka_unit_test(phrases_are_heard),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(revision_is_of_all_bytes),
        cmocka_unit_test(sections_may_be_spread),
        cmocka_unit_test(nothing_is_kept_of_the_files),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
