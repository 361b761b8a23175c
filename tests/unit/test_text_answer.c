/* The shape of messages as answers. */
#include "test.h"

#include "reading_fixture.h"

static int set_up(void **state) {
    (void)state;
    static const char *const phrases[] = {"droop", "weakness", "diabetes", "twitch", "one side + droop"};
    fixture_begin(phrases, sizeof phrases / sizeof *phrases);
    return 0;
}

static struct str answer_of(const char *message) {
    static const char *const names[] = {"yes", "no", "unsure", "none", "all", "only", "except", "correct", "question"};
    struct reading r;
    struct buf b;
    buf_init(&b, &turn);
    assert_true(text_read(lexicon, str_of(message), fixture_now, &turn, &r));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (r.answer >> i & 1)
            buf_printf(&b, "%s%s", b.len ? " " : "", names[i]);
    for (unsigned i = 0; i < 16; i++)
        if (r.chosen >> i & 1)
            buf_printf(&b, "%s%u", b.len ? " " : "", i + 1);
    return b.len ? buf_str(&b) : STR("");
}

#define CHECK(...) FIXTURE_CHECK(answer_of, __VA_ARGS__)

static void yes_and_no(void **state) {
    (void)state;
    CHECK({"yes", "yes"}, {"yeah it does", "yes"}, {"so yes", "yes"}, {"no", "no"}, {"nope, none of that", "no"},
          {"no droop", ""}, {"no, a droop", "no"}, {"no it is a droop", "no"}, {"weakness no", ""}, {"it does", "yes"},
          {"I do", "yes"}, {"it does not", "no"}, {"I don't", "no"}, {"never had any", "no"}, {"denies", "no"},
          {"can't say I haven't had any", "yes"}, {"not sure", "unsure"}, {"i dont know", "unsure"}, {"", ""},
          {"twitch", ""});
}

static void screens(void **state) {
    (void)state;
    CHECK({"none", "none"}, {"nothing", "none"}, {"all of them", "all"}, {"both", "all"}, {"only the droop", "only"},
          {"just weakness", "only"}, {"it just started", ""}, {"droop, nothing else", "only"},
          {"all of them except the droop", "all except"}, {"yes only the droop", "yes only"},
          {"is it bad?", "question"}, {"actually weakness", "correct"});
}

static void choices(void **state) {
    (void)state;
    CHECK({"2", "2"}, {"the second one", "2"}, {"second", "2"}, {"1 and 3", "1 3"}, {"1, 3", "1 3"}, {"b", "2"},
          {"a and c", "1 3"}, {"number two", "2"}, {"the last one", "16"}, {"the first two", "1 2"}, {"two", "2"},
          {"1st", "1"}, {"one side is drooping", ""}, {"one side is dropoing", ""}, {"2 weeks", ""}, {"a bit", ""},
          {"second time", ""}, {"the second one, since yesterday", "2"}, {"option 4", "4"}, {"3 coffees", ""},
          {"i", ""}, {"99", ""}, {"the third and the fourth", "3 4"}, {"not the second one", ""},
          {"yes to the first", "yes 1"}, {"the middle one", ""}, {"no, the second one", "no 2"},
          {"that was two years ago", ""}, {"no, 2 years ago, none of those now", "no none"});
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(yes_and_no), cmocka_unit_test(screens),
                                       cmocka_unit_test(choices)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
