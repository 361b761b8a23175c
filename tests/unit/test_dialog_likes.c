/* likes.yaml in the mini dialog: what a message sounds like, when it is not looked at, and what the machine makes of it. */
#include "test.h"

#include "dialog/machine.h"

#include "dialog_fixture.h"

static const int64_t now_s = 1769860800; /* 2026-01-31T12:00:00Z */

static const char likes[] = "brake_failed:\n"
                            "  - I squeeze the lever and nothing happens\n"
                            "  - it rolls on down the hill whatever I pull\n"
                            "  - the lever comes back to the grip like butter\n"
                            "  - I had to put my feet down to halt\n"
                            "wheel_loose:\n"
                            "  - the front goes round like an egg\n"
                            "  - it sways from side to side as if it were drunk\n"
                            "  - there is play at the hub when I rock it\n"
                            "  - the rim scrapes the fork at every turn\n"
                            "nothing:\n"
                            "  - I go to work on it every day\n"
                            "  - the bell is as loud as ever\n"
                            "  - it is red and I like it\n"
                            "  - we live at the top of the town\n";

static struct fixture files;
static struct dialog *dialog;
static struct arena turn;

static int set_up(void **state) {
    (void)state;
    fixture_open(&files);
    fixture_put(&files, "likes.yaml", likes);
    dialog = fixture_load(&files);
    assert_non_null(dialog);
    arena_init(&turn, 4 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dialog_free(dialog);
    fixture_close(&files);
    arena_finish(&turn);
    return 0;
}

/* The name of what a message sounds like, with what was asked before it ("a b"); or "". */
static struct str sounds_like(const char *message, const char *asked) {
    static uint16_t findings[16];
    struct asked a = {findings, 0};
    struct hearing h;
    for (struct str rest = str_of(asked); rest.len > 0;)
        findings[a.count++] = dialog_find_finding(dialog, str_cut(&rest, ' '));
    assert_true(hear(dialog, str_of(message), a, false, now_s, &turn, &h));
    return h.sounds_like.finding == DIALOG_NONE ? STR("") : dialog->findings[h.sounds_like.finding].name;
}

static void in_other_words(void **state) {
    (void)state;
    assert_str(sounds_like("it just rolled down the hill and I pulled like mad", ""), "brake_failed");
    assert_str(sounds_like("the front rim is scraping against the fork", ""), "wheel_loose");
    assert_str(sounds_like("scraping fork", "frame_cracked wheel_loose"), "wheel_loose");
}

static void nothing_is_set(void **state) {
    (void)state;
    struct hearing h;
    assert_true(hear(dialog, STR("it just rolled down the hill and I pulled like mad"), (struct asked){0}, false, now_s, &turn, &h));
    assert_int_equal(h.heard_count, 0);
    assert_false(h.answered);
}

static void not_looked_at(void **state) {
    (void)state;
    assert_str(sounds_like("lever butter", ""), ""); /* too little to go by */
    assert_str(sounds_like("brakes are gone, I squeeze the lever and nothing happens", ""), ""); /* said outright */
    assert_str(sounds_like("the bell is loud and the thing is red", ""), "");
    assert_str(sounds_like("yes", "brake_failed"), "");
    assert_str(sounds_like("help", "brake_failed wheel_loose"), "");
}

static struct turn said(struct session *s, const char *text) {
    struct turn t = {.dialog = dialog, .place = dialog->places, .session = s, .arena = &turn, .now_ms = now_s * 1000};
    if (text)
        assert_true(machine_turn(&t, str_of(text)));
    else
        machine_start(&t);
    return t;
}

static bool asks_alone(const struct session *s, const char *finding) {
    uint16_t asked[DIALOG_SCREEN_MAX];
    return machine_asks(dialog, s, asked) == 1 && asked[0] == dialog_find_finding(dialog, str_of(finding));
}

/* It is asked about next and alone; after a no it is known, and the same words ask no more. */
static void asked_about_once(void **state) {
    (void)state;
    struct session s = {0};
    said(&s, NULL);
    struct turn t = said(&s, "it just rolled down the hill and I pulled like mad");
    assert_true(asks_alone(&s, "brake_failed"));
    assert_int_equal(frame_state(dialog, &s.now, dialog_find_finding(dialog, STR("brake_failed"))), VALUE_UNKNOWN);
    assert_true(str_find(t.replies[t.reply_count - 1].text, STR("Did I get that right?")) == 0);
    said(&s, "no");
    assert_int_equal(frame_state(dialog, &s.now, dialog_find_finding(dialog, STR("brake_failed"))), VALUE_KNOWN);
    said(&s, "it just rolled down the hill and I pulled like mad");
    assert_false(asks_alone(&s, "brake_failed"));
}

/* Without the file, or with nothing but sentences of nothing, there is no model. */
static void without_likes(void **state) {
    (void)state;
    struct dialog *plain = fixture_dialog();
    assert_null(plain->likeness);
    dialog_free(plain);
    struct fixture f;
    fixture_open(&f);
    fixture_put(&f, "likes.yaml", "nothing:\n  - we live at the top of the town\n");
    struct dialog *d = fixture_load(&f);
    assert_non_null(d);
    assert_null(d->likeness);
    dialog_free(d);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_other_words),   cmocka_unit_test(nothing_is_set), cmocka_unit_test(not_looked_at),
        cmocka_unit_test(asked_about_once), cmocka_unit_test(without_likes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
