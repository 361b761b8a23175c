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
    for (unsigned i = 0; i < 32; i++)
        if ((r.chosen | r.refused | r.doubted) >> i & 1)
            buf_printf(&b, "%s%s%u", b.len ? " " : "", r.refused >> i & 1 ? "-" : r.doubted >> i & 1 ? "?" : "", i + 1);
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
          {"i", ""}, {"99", ""}, {"the third and the fourth", "3 4"}, {"not the second one", "-2"},
          {"yes to the first", "yes 1"}, {"the middle one", "28"}, {"no, the second one", "no 2"},
          {"that was two years ago", ""}, {"no, 2 years ago, none of those now", "no none"});
}

static void choices_one_by_one(void **state) {
    (void)state;
    CHECK({"no to the first, yes to the second, not sure about the third", "yes unsure -1 2 ?3"}, {"1 yes, 2 no", "yes no 1 -2"},
          {"1 no 2 no 3 yes", "yes -1 -2 3"}, {"1) no, 2) yes", "yes no -1 2"}, {"1. no 2. yes", "yes -1 2"},
          {"first no second yes", "yes -1 2"}, {"not 1, 2 or 3", "-1 -2 -3"}, {"not the first, the second", "-1 2"},
          {"not the first or the second but the third", "-1 -2 3"}, {"2, maybe 4", "2 ?4"},
          {"all of them except the last two", "all except 16 17"}, {"the last but one", "17"}, {"the first and the middle two", "1 29"},
          {"only one", "only"}, {"all of them except one", "all except"}, {"yes to the first, no to the rest", "yes 1 -30"},
          {"item 3", "3"}, {"2. no weakness", ""});
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(yes_and_no), cmocka_unit_test(screens),
                                       cmocka_unit_test(choices), cmocka_unit_test(choices_one_by_one)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
