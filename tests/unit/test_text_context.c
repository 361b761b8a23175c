/* Denied, doubted, supposed, somebody else's, over, asked: how each sign of a message is meant. */
#include "test.h"

#include "reading_fixture.h"

static const char *const phrases[] = {
    "droop", "weakness",     "arm/leg + numb", "slurring",        "headache", "chest pain", "bells palsy", "stroke",
    "fever", "palpitations", "lithium",        "can not swallow", "tingling", "epilepsy",   "diabetes",    "stiff",
    "fit",   "twitch",       "face + fine"};

static int set_up(void **state) {
    (void)state;
    fixture_begin(phrases, sizeof phrases / sizeof *phrases);
    return 0;
}

static struct str hits_of(const char *message) {
    struct reading r;
    struct buf b;
    buf_init(&b, &turn);
    assert_true(text_read(lexicon, str_of(message), fixture_now, &turn, &r));
    for (size_t i = 0; i < r.hit_count; i++) {
        buf_printf(&b, "%s%s", i ? "; " : "", phrases[r.hits[i].phrase]);
        fixture_context(&b, r.hits[i].context);
    }
    return b.len ? buf_str(&b) : STR("");
}

#define CHECK(...) FIXTURE_CHECK(hits_of, __VA_ARGS__)

static void denial(void **state) {
    (void)state;
    CHECK({"no droop", "droop denied"},
          {"no droop, weakness or slurring", "droop denied; weakness denied; slurring denied"},
          {"no droop but my arm is numb", "droop denied; arm/leg + numb"},
          {"no droop, my arm is numb", "droop denied; arm/leg + numb"},
          {"no droop and my arm is numb", "droop denied; arm/leg + numb"},
          {"no drooping my arm is numb", "droop denied; arm/leg + numb"},
          {"no weakness arm is numb", "weakness denied; arm/leg + numb"},
          {"I don't have chest pain or a fever", "chest pain denied; fever denied"},
          {"no, my arm is numb", "arm/leg + numb"}, {"no my arm is numb", "arm/leg + numb"},
          {"no droop. Weakness though", "droop denied; weakness"}, {"not only droop, weakness too", "droop; weakness"},
          {"my arm is not numb", "arm/leg + numb denied"},
          {"pt denies chest pain, palpitations and fever", "chest pain denied; palpitations denied; fever denied"},
          {"I can not swallow and I have a headache", "can not swallow; headache"},
          {"can't swallow, headache", "can not swallow; headache"},
          {"no droop just weakness", "droop denied; weakness"}, {"no longer on lithium", "lithium denied"},
          {"never had epilepsy", "epilepsy denied"}, {"I do not think my arm is numb", "arm/leg + numb denied"});
}

static void denial_after(void **state) {
    (void)state;
    CHECK({"weakness fine", "weakness denied"}, {"epilepsy yes, diabetes no", "epilepsy; diabetes denied"},
          {"epilepsy yes diabetes no", "epilepsy; diabetes denied"},
          {"epilepsy no, diabetes yes", "epilepsy denied; diabetes"}, {"droop: none", "droop denied"},
          {"my arm is numb, feeling fine otherwise", "arm/leg + numb"},
          {"my arm is numb and speech fine", "arm/leg + numb"});
}

static void undone(void **state) {
    (void)state;
    CHECK({"I wouldn't say there isn't any tingling", "tingling"}, {"can't say I have no tingling", "tingling"},
          {"ain't no weakness nowhere", "weakness denied"}, {"don't have no weakness", "weakness denied"},
          {"not without tingling", "tingling"},
          {"haven't got a droop, haven't got weakness", "droop denied; weakness denied"});
}

static void doubt(void **state) {
    (void)state;
    CHECK({"maybe a droop", "droop doubt"}, {"not sure about the droop, but weakness", "droop doubt; weakness"},
          {"a bit of a droop, maybe", "droop doubt"}, {"it might be drooping", "droop doubt"},
          {"not sure why my arm is numb", "arm/leg + numb"});
}

static void supposed(void **state) {
    (void)state;
    CHECK({"what if I get a droop later on", "droop suppose"}, {"I am worried about a stroke", "stroke suppose"},
          {"if I smile there is a droop", "droop"},
          {"what if it is a stroke? my arm is numb", "stroke suppose; arm/leg + numb"});
}

static void others(void **state) {
    (void)state;
    CHECK({"my mum had bells palsy so I have a twitch", "bells palsy others; twitch"},
          {"my aunt had a stroke", "stroke others"}, {"my husband says there is a droop", "droop"},
          {"he has weakness", "weakness others"}, {"my aunt had a stroke, not me", "stroke denied"},
          {"my mum had a stroke. My arm is numb", "stroke others; arm/leg + numb"});
}

static void past(void **state) {
    (void)state;
    CHECK({"used to take lithium", "lithium past"},
          {"had palpitations back in 2019, not these days", "palpitations denied past"},
          {"had a headache two years ago, now a droop", "headache past; droop"}, {"a headache 3 days ago", "headache"},
          {"had a fit 2 years ago", "fit past"}, {"the twitch started two years ago", "twitch"},
          {"droop since 2019", "droop"});
}

static void asked(void **state) {
    (void)state;
    CHECK({"could it be a stroke?", "stroke asked"}, {"is it a stroke", "stroke asked"},
          {"do I have epilepsy", "epilepsy asked"}, {"why is my arm numb", "arm/leg + numb"},
          {"weakness or stiff? no it feels normal", "weakness denied; stiff denied"}, {"droop? no.", "droop denied"},
          {"any weakness? yes", "weakness"}, {"stroke?", "stroke asked"},
          {"can stress cause weakness?", "weakness asked"},
          {"my arm is numb, is it a stroke?", "arm/leg + numb; stroke asked"},
          {"should I worry about my numb arm?", "arm/leg + numb"}, {"at 4am I had a fit", "fit"},
          {"around 4 am I had a fit", "fit"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(denial),   cmocka_unit_test(denial_after), cmocka_unit_test(undone), cmocka_unit_test(doubt),
        cmocka_unit_test(supposed), cmocka_unit_test(others),       cmocka_unit_test(past),   cmocka_unit_test(asked)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
