/* What a text sounds like, told from a few example sentences. */
#include "lexicon_fixture.h"

#include <string.h>

#include "text/likeness.h"

enum { WHEEL = 7, BRAKE = 3 };

static const char *const phrases[] = {"wheel", "brake", "saddle", NULL};

#define LIKE(target, text) {STR_INIT(text), target}
static const struct likeness_example examples[] = {
    LIKE(WHEEL, "the front goes round like an egg"),
    LIKE(WHEEL, "it sways from side to side as if it were drunk"),
    LIKE(WHEEL, "there is play at the hub when I rock it"),
    LIKE(WHEEL, "the rim scrapes the fork on every turn"),
    LIKE(BRAKE, "I squeeze the lever and nothing happens"),
    LIKE(BRAKE, "it rolls on down the hill whatever I pull"),
    LIKE(BRAKE, "the lever comes back to the grip like butter"),
    LIKE(BRAKE, "I had to put my feet down to halt"),
    LIKE(LIKENESS_NOTHING, "I ride to work every day"),
    LIKE(LIKENESS_NOTHING, "the bell is as loud as ever"),
    LIKE(LIKENESS_NOTHING, "it is red and I like it"),
    LIKE(LIKENESS_NOTHING, "my friend lives at the top of the hill"),
};
enum { EXAMPLES = sizeof examples / sizeof *examples };

static struct built b;
static const struct likeness *likeness;

static int set_up(void **state) {
    (void)state;
    built_begin(&b);
    built_phrases(&b, phrases);
    built_seal(&b);
    likeness = likeness_build(b.lexicon, examples, EXAMPLES, &b.arena, &b.arena);
    assert_non_null(likeness);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    built_end(&b);
    return 0;
}

static struct likeness_match best_of(const struct likeness *k, const char *text, uint64_t without) {
    struct likeness_match best[LIKENESS_BEST_MAX];
    uint64_t use[READING_TOKENS_MAX / 64 + 1];
    memset(use, 0xff, sizeof use);
    use[0] &= ~without;
    size_t count = likeness_find(k, b.lexicon, built_read(&b, str_of(text)), use, best);
    assert_true(count <= LIKENESS_BEST_MAX);
    for (size_t i = 1; i < count; i++) {
        assert_true(best[i].score <= best[i - 1].score);
        assert_int_not_equal(best[i].target, best[i - 1].target);
    }
    return count > 0 ? best[0] : (struct likeness_match){LIKENESS_NOTHING, 0};
}

static void assert_like(const char *text, uint16_t target) {
    struct likeness_match m = best_of(likeness, text, 0);
    if (m.target != target)
        fail_msg("\"%s\" is like %u (%.2f), not %u", text, m.target, (double)m.score, target);
}

static void every_example_is_like_itself(void **state) {
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct likeness_match m = best_of(likeness, examples[i].text.ptr, 0);
        if (examples[i].target != LIKENESS_NOTHING)
            assert_int_equal(m.target, examples[i].target);
        else
            assert_true(m.score < 0.5f);
    }
}

static void other_words_and_slips(void **state) {
    (void)state;
    assert_like("squeezing the lever does nothing at all", BRAKE);
    assert_like("i pulled the levers and it just rolled on", BRAKE);
    assert_like("the rim is scraping on the fork", WHEEL);
    assert_like("swayed like a drunk, side to side", WHEEL);
    assert_like("SQUEEZEING THE LEVVER, NOTHNG HAPENS", BRAKE);
}

static void a_clause_counts_for_itself(void **state) {
    (void)state;
    assert_like("I ride to work every day and the bell is loud, but I squeeze the lever and nothing happens. My friend lives there", BRAKE);
}

/* Tokens that are not to be used say nothing: here all of the first clause. */
static void left_out_tokens(void **state) {
    (void)state;
    const char *text = "squeeze the lever and nothing happens";
    struct likeness_match whole = best_of(likeness, text, 0), none = best_of(likeness, text, ~UINT64_C(0));
    assert_int_equal(whole.target, BRAKE);
    assert_true(none.score < whole.score);
}

static void nothing_to_go_by(void **state) {
    (void)state;
    assert_true(best_of(likeness, "zzqx vrrk", 0).score < 0.5f);
    assert_true(best_of(likeness, "", 0).score < 0.5f);
    assert_true(best_of(likeness, "?!\xff\xfe", 0).score < 0.5f);
}

/* The same examples give the same model, to the bit. */
static void taught_the_same_twice(void **state) {
    (void)state;
    struct arena work;
    arena_init(&work, 0);
    const struct likeness *again = likeness_build(b.lexicon, examples, EXAMPLES, &b.arena, &work);
    arena_finish(&work);
    assert_non_null(again);
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct likeness_match one = best_of(likeness, examples[i].text.ptr, 0), other = best_of(again, examples[i].text.ptr, 0);
        assert_int_equal(one.target, other.target);
        assert_memory_equal(&one.score, &other.score, sizeof one.score);
    }
}

static void the_example_behind_it(void **state) {
    (void)state;
    const struct reading *r = built_read(&b, STR("my lever came back to the grip"));
    assert_str(likeness_example(likeness, b.lexicon, r, BRAKE, &b.turn), "the lever comes back to the grip like butter");
}

static void limits(void **state) {
    (void)state;
    static struct likeness_example many[LIKENESS_TARGETS_MAX + 1];
    for (uint16_t i = 0; i <= LIKENESS_TARGETS_MAX; i++)
        many[i] = (struct likeness_example){STR("one of very many sentences"), i};
    assert_null(likeness_build(b.lexicon, many, LIKENESS_TARGETS_MAX + 1, &b.arena, &b.arena));
    assert_non_null(likeness_build(b.lexicon, many, LIKENESS_TARGETS_MAX, &b.arena, &b.arena));
    struct arena small;
    arena_init(&small, 4096);
    assert_null(likeness_build(b.lexicon, examples, EXAMPLES, &small, &small));
    arena_finish(&small);
    assert_non_null(likeness_build(b.lexicon, NULL, 0, &b.arena, &b.arena));
}

/* More examples of nothing than are looked at: they are thinned out, and none of the others is lost. */
static void too_much_of_nothing(void **state) {
    (void)state;
    enum { MANY = LIKENESS_EXAMPLES_MAX + 5000 };
    struct arena a;
    arena_init(&a, 0);
    struct likeness_example *many = ARENA_ARRAY(&a, struct likeness_example, MANY + EXAMPLES);
    for (size_t i = 0; i < MANY; i++)
        many[i] = (struct likeness_example){arena_printf(&a, "word%zu", i), LIKENESS_NOTHING};
    memcpy(many + MANY, examples, sizeof examples);
    const struct likeness *k = likeness_build(b.lexicon, many, MANY + EXAMPLES, &a, &a);
    assert_non_null(k);
    assert_int_equal(best_of(k, "I squeeze the lever and nothing happens", 0).target, BRAKE);
    arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_is_like_itself),
        cmocka_unit_test(other_words_and_slips),
        cmocka_unit_test(a_clause_counts_for_itself),
        cmocka_unit_test(left_out_tokens),
        cmocka_unit_test(nothing_to_go_by),
        cmocka_unit_test(taught_the_same_twice),
        cmocka_unit_test(the_example_behind_it),
        cmocka_unit_test(limits),
        cmocka_unit_test(too_much_of_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
