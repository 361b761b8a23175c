/* Quantities as people write them. */
#include "test.h"

#include "reading_fixture.h"

static int set_up(void **state) {
    (void)state;
    static const char *const phrases[] = {"twitching", "coffee", "face + droop"};
    fixture_begin(phrases, sizeof phrases / sizeof *phrases);
    return 0;
}

static const char *const kinds[] = {"count", "for", "ago", "age", "mg", "units", "times"};
static const char *const pers[] = {"", "/day", "/week", "/month"};

static struct str quantities_of(const char *message) {
    struct reading r;
    struct buf b;
    buf_init(&b, &turn);
    assert_true(text_read(lexicon, str_of(message), fixture_now, &turn, &r));
    for (size_t i = 0; i < r.quantity_count; i++) {
        const struct quantity *q = &r.quantities[i];
        bool hours = q->kind == QUANTITY_DURATION || q->kind == QUANTITY_AGO;
        buf_printf(&b, "%s%s %.4g%s%s", i ? "; " : "", kinds[q->kind], q->value, hours ? "h" : "", pers[q->per]);
    }
    return b.len ? buf_str(&b) : STR("");
}

#define CHECK(...) FIXTURE_CHECK(quantities_of, __VA_ARGS__)

static void numbers(void **state) {
    (void)state;
    CHECK({"3", "count 3"}, {"forty two", "count 42"}, {"twenty-five", "count 25"},
          {"a hundred and twenty", "count 120"}, {"two thousand", "count 2000"}, {"1,200", "count 1200"},
          {"2.5", "count 2.5"}, {"5ish", "count 5"}, {"5 ish", "count 5"}, {"5-6", "count 5.5"}, {"5 - 6", "count 5.5"},
          {"between 5 and 7", "count 6"}, {"five to six", "count 5.5"}, {"two or three", "count 2.5"},
          {"8/10 easily", "count 8"}, {"8 out of 10", "count 8"}, {"eight out of ten", "count 8"},
          {"a couple", "count 2"}, {"a few", "count 3"}, {"half a dozen", "count 6"}, {"two dozen", "count 24"},
          {"ten or so", "count 10"}, {"about 10", "count 10"}, {"no numbers here", ""}, {"one and a half", "count 1.5"},
          {"24/7", ""}, {"blood pressure 140/90", ""}, {"since 8am", "ago 4h"}, {"at 22:30", "ago 13.5h"},
          {"100% fine", ""}, {"the left one", ""}, {"one of my eyes", ""}, {"seventy one", "count 71"});
}

static void spans(void **state) {
    (void)state;
    CHECK({"two weeks", "for 336h"}, {"3wks", "for 504h"}, {"a fortnight", "for 336h"}, {"about a month", "for 720h"},
          {"half an hour", "for 0.5h"}, {"an hour and a half", "for 1.5h"}, {"one and a half hours", "for 1.5h"},
          {"half a year", "for 4380h"}, {"a year and a half", "for 1.314e+04h"}, {"5-6 days", "for 132h"},
          {"a week or two", "for 252h"}, {"two or three days", "for 60h"}, {"2 weeks 3 days", "for 408h"},
          {"a couple of weeks", "for 336h"}, {"a few days now", "for 72h"}, {"on and off for months", "for 2160h"},
          {"for ages", ""}, {"over a month", "for 720h"}, {"10 mins", "for 0.1667h"}, {"half a day", "for 12h"},
          {"a year or more", "for 8760h"}, {"3 days to a week", "for 120h"}, {"for the last 3 days", "for 72h"},
          {"the past week", "for 168h"}, {"6 weeks old twitch", "for 1008h"});
}

static void times_ago(void **state) {
    (void)state;
    CHECK({"3 days ago", "ago 72h"}, {"about an hour ago", "ago 1h"}, {"three weeks back", "ago 504h"},
          {"since Tuesday", "ago 96h"}, {"since last Tuesday", "ago 96h"}, {"on Saturday", "ago 168h"},
          {"yesterday", "ago 24h"}, {"last night", "ago 14h"}, {"this morning", "ago 0h"}, {"since today", "ago 0h"},
          {"the day before yesterday", "ago 48h"}, {"since the evening before last", "ago 40h"},
          {"since christmas", "ago 888h"}, {"since boxing day", "ago 864h"}, {"since new year's day", "ago 720h"},
          {"since new year", "ago 720h"}, {"happy new year", ""}, {"last week", "ago 168h"}, {"last month", "ago 720h"},
          {"two weeks ago on Monday", "ago 336h"}, {"a week last Tuesday", "ago 264h"},
          {"since the weekend", "ago 156h"}, {"since november", "ago 2184h"}, {"in March", "ago 8064h"},
          {"it may be", ""}, {"back in 2019", "ago 5.774e+04h"}, {"since 3rd january", "ago 672h"},
          {"since Jan 12", "ago 456h"}, {"yesterday evening", "ago 16h"}, {"an hour and a half ago", "ago 1.5h"},
          {"sun tan", ""}, {"since sun", "ago 144h"}, {"months ago", "ago 2160h"});
}

static void ages(void **state) {
    (void)state;
    CHECK({"29F, night shifts", "age 29"}, {"f29", "age 29"}, {"29 yo", "age 29"}, {"a 45 year old man", "age 45"},
          {"aged 7", "age 7"}, {"I'm 58", "age 58"}, {"he's 71, his mouth dropped", "age 71"},
          {"my son of 6 yrs", "age 6"}, {"55 male", "age 55"}, {"I am thirty-eight.", "age 38"},
          {"She is seventy one.", "age 71"}, {"18 months old", "age 1.5"}, {"I'm 16 weeks pregnant", "for 2688h"},
          {"sorry meant 40 not 14 years old", "age 40; age 14"}, {"a history of 6 yrs", "for 5.256e+04h"},
          {"my 7 yr old", "age 7"});
}

static void rates(void **state) {
    (void)state;
    CHECK({"3 cans a day", "count 3/day"}, {"14 coffees a week", "count 14/week"},
          {"10 units per week", "units 10/week"}, {"5 hours a night", "for 5h/day"}, {"twice a day", "times 2/day"},
          {"once or twice a week", "times 1.5/week"}, {"three times daily", "times 3/day"}, {"200mg", "mg 200"},
          {"0.2 g", "mg 200"}, {"100mcg", "mg 0.1"}, {"two 500 ml cans", "count 2"},
          {"third time since november", "times 3; ago 2184h"}, {"wine every night", "times 1/day"},
          {"8 hrs per day", "for 8h/day"});
}

static void any_bytes(void **state) {
    (void)state;
    const char *const odd[] = {"",
                               "9999999999999999999999",
                               "1/0",
                               "0/0",
                               "half",
                               "half a",
                               "a",
                               "an hour and",
                               "since",
                               "last",
                               "between 5 and",
                               "5-",
                               "-5",
                               "the",
                               "32nd of january",
                               "in 2099",
                               "of 6 yrs",
                               "before yesterday",
                               "1:99",
                               "day before last"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        (void)quantities_of(odd[i]);
}

static void dates(void **state) {
    (void)state;
    CHECK({"since the 12th", "ago 456h"}, {"on the 3rd one", ""}, {"the end of November", "ago 1536h"}, {"mid January", "ago 408h"},
          {"at the beginning of the month", "ago 684h"}, {"since 20/12", "ago 1008h"}, {"on 2025-12-20", "ago 1008h"},
          {"20/12", ""}, {"three Sundays ago", "ago 480h"}, {"on Sundays", ""}, {"the weekend before last", "ago 324h"},
          {"since the summer", "ago 4800h"}, {"in winter", ""}, {"born in June 1988", "age 37"}, {"born in 1950", "age 75"},
          {"12/03/1990", "age 35"}, {"a crown on Monday, and twitching ever since", "ago 120h; ago 120h"}, {"fine since", ""},
          {"my aunt's 61", "age 61"});
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers), cmocka_unit_test(spans), cmocka_unit_test(times_ago), cmocka_unit_test(dates),
                                       cmocka_unit_test(ages),    cmocka_unit_test(rates), cmocka_unit_test(any_bytes)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
