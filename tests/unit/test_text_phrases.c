/* Phrases in all their notations, cues, and the automaton against a search that only compares. */
#include "lexicon_fixture.h"

static struct built b;

static const char *const fillers[] = {"my", "the", "is", "a", "really", "just", NULL};
static const char *const limbs[] = {"arm", "leg", "left hand", NULL};
static const char *const numbs[] = {"numb", "no feeling", "=dead", NULL};
static const char *const nested[] = {"<limb>", "foot", NULL};

enum { DROOP, ARM_NUMB, LIMB_NUMB, SIDE, FIT, SWALLOW, LIMB, WENT, EXTREMITY, THREE, DROOP_AGAIN, EYE, SIDE_EYE, USED };
static const char *const phrases[] = {
    [DROOP] = "face is drooping",
    [ARM_NUMB] = "arm/elbow + numb",
    [LIMB_NUMB] = "<limb> + <numb>",
    [SIDE] = "left/right side",
    [FIT] = "=fit",
    [SWALLOW] = "can not swallow",
    [LIMB] = "<limb>",
    [WENT] = "<limb> went <numb>",
    [EXTREMITY] = "<extremity> hurts",
    [THREE] = "smile + corner + down",
    [DROOP_AGAIN] = "the face droops",
    [EYE] = "eye",
    [SIDE_EYE] = "left side + eye",
    [USED] = "had =fits in",
    NULL,
};

static int set_up(void **state) {
    (void)state;
    built_begin(&b);
    built_fillers(&b, fillers);
    built_expand(&b, "cant", "can not");
    built_group(&b, "limb", limbs);
    built_group(&b, "numb", numbs);
    built_group(&b, "extremity", nested);
    built_cue(&b, CUE_DENY, "no");
    built_cue(&b, CUE_DENY, "not");
    built_cue(&b, CUE_DOUBT, "not sure");
    built_cue(&b, CUE_UNSURE, "i do not know");
    built_cue(&b, CUE_ONLY, "just");
    built_cue(&b, CUE_PAST, "used to");
    built_cue(&b, CUE_DENY_AFTER, "is fine");
    built_cue(&b, CUE_STOP, "but");
    built_phrases(&b, phrases);
    built_seal(&b);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    built_end(&b);
    return 0;
}

#define HITS(message, expected) assert_str(built_hits(&b, phrases, STR(message)), expected)

static void fillers_and_endings_do_not_matter(void **state) {
    (void)state;
    HITS("my face is really drooping", "face is drooping[1-4]; the face droops[1-4]");
    HITS("FACE DROOPED", "face is drooping[0-1]; the face droops[0-1]");
    HITS("face today drooping", "");
    HITS("drooping face", "");
    HITS("I cant swallow", "can not swallow[1-3]");
}

static void alternatives_and_groups_stand_for_one_another(void **state) {
    (void)state;
    HITS("on the right side", "left/right side[2-3]");
    HITS("left arm", "<limb>[1-1]");
    HITS("left hand", "<limb>[0-1]");
    HITS("leg hurts", "<extremity> hurts[0-1]; <limb>[0-0]");
    HITS("foot hurt", "<extremity> hurts[0-1]");
}

static void longer_hits_come_before_shorter_ones(void **state) {
    (void)state;
    HITS("leg went numb", "<limb> + <numb>[0-2]; <limb> went <numb>[0-2]; <limb>[0-0]");
}

static void parts_may_come_in_any_order(void **state) {
    (void)state;
    HITS("numb arm", "arm/elbow + numb[0-1]; <limb> + <numb>[0-1]; <limb>[1-1]");
    HITS("elbow is all numb", "arm/elbow + numb[0-3]");
    HITS("no feeling in my leg", "<limb> + <numb>[0-4]; <limb>[4-4]");
    HITS("down at one corner when I smile", "smile + corner + down[0-6]");
    HITS("corner smile", "");
}

static void parts_stay_together(void **state) {
    (void)state;
    HITS("arm one two three four five six seven eight numb",
         "arm/elbow + numb[0-9]; <limb> + <numb>[0-9]; <limb>[0-0]");
    HITS("arm one two three four five six seven eight nine numb", "<limb>[0-0]");
    HITS("arm one two three four five six seven my eight the numb",
         "arm/elbow + numb[0-11]; <limb> + <numb>[0-11]; <limb>[0-0]");
    HITS("arm. numb", "<limb>[0-0]");
    HITS("arm? numb", "<limb>[0-0]");
    HITS("my arm but numb", "<limb>[1-1]");
}

static void each_part_is_joined_with_its_nearest(void **state) {
    (void)state;
    HITS("arm arm numb", "<limb>[0-0]; arm/elbow + numb[1-2]; <limb> + <numb>[1-2]; <limb>[1-1]");
    HITS("numb arm numb",
         "arm/elbow + numb[0-1]; <limb> + <numb>[0-1]; arm/elbow + numb[1-2]; <limb> + <numb>[1-2]; <limb>[1-1]");
}

static void a_part_inside_another_is_no_second_part(void **state) {
    (void)state;
    static const char *const list[] = {"arm + numb arm", NULL};
    struct built own;
    built_begin(&own);
    built_phrases(&own, list);
    built_seal(&own);
    assert_str(built_hits(&own, list, STR("numb arm")), "");
    assert_str(built_hits(&own, list, STR("arm and numb arm")), "arm + numb arm[0-3]");
    built_end(&own);
}

/* Parts that end together are tried with the one that was added last before the others. */
static void one_word_may_be_two_parts(void **state) {
    (void)state;
    static const char *const list[] = {"began + eye/cheek + cheek/down", NULL};
    struct built own;
    built_begin(&own);
    built_phrases(&own, list);
    built_seal(&own);
    const struct reading *r = built_read(&own, STR("began eye down cheek"));
    assert_int_equal(r->hit_count, 2);
    assert_int_equal(r->hits[0].last, 3);
    assert_int_equal(r->hits[0].own, 1 | 1 << 1 | 1 << 3);
    assert_int_equal(r->hits[1].own, 1 | 1 << 1 | 1 << 2);
    built_end(&own);
}

/* However many parts a message holds, only those of phrases that are all there are kept. */
static void many_parts_cut_nothing(void **state) {
    (void)state;
    static const char *const list[] = {"lip/oak + ash", "lip/elm + fir", "lip/yew + fig", "lip/bay + box", NULL};
    char text[4 * 300 + 8] = "";
    struct built own;
    built_begin(&own);
    built_phrases(&own, list);
    built_seal(&own);
    for (size_t i = 0; i < 300; i++)
        memcpy(text + 4 * i, "lip ", 4);
    memcpy(text + 4 * 300, "fig", 4);
    const struct reading *r = built_read(&own, str_of(text));
    assert_int_equal(r->token_count, 301);
    assert_false(r->cut);
    assert_int_equal(r->hit_count, 1);
    assert_int_equal(r->hits[0].phrase, 2);
    assert_int_equal(r->hits[0].first, 299);
    built_end(&own);
}

static void exact_words_take_no_endings_and_no_slips(void **state) {
    (void)state;
    HITS("a fit", "=fit[1-1]");
    HITS("fits fitted fitting", "");
    HITS("dead leg", "<limb> + <numb>[0-1]; <limb>[1-1]");
    HITS("deadly leg", "<limb>[1-1]");
    HITS("had fits in may", "had =fits in[0-2]");
    HITS("had fit in may", "=fit[1-1]");
}

static void sequences_do_not_go_over_commas_or_stops(void **state) {
    (void)state;
    HITS("face, drooping", "");
    HITS("face. Drooping", "");
    HITS("face, the drooping", "");
    HITS("face, is drooping", "");
    HITS("face: drooping", "face is drooping[0-1]; the face droops[0-1]");
    HITS("face - drooping", "face is drooping[0-1]; the face droops[0-1]");
    HITS("face (drooping)", "face is drooping[0-1]; the face droops[0-1]");
}

static void a_hit_knows_which_words_are_its_own(void **state) {
    (void)state;
    const struct reading *r = built_read(&b, STR("my arm is not the least numb"));
    assert_int_equal(r->hits[0].phrase, ARM_NUMB);
    assert_int_equal(r->hits[0].first, 1);
    assert_int_equal(r->hits[0].own, 1 | 1 << 5);
    r = built_read(&b, STR("my face is drooping"));
    assert_int_equal(r->hits[0].own, 1 | 1 << 2);
    r = built_read(&b, STR("cant swallow"));
    assert_int_equal(r->hits[0].own, 7);
}

static struct str cues_of(const char *message) {
    static const char *const names[] = {
#define X(name, word) word,
        CUE_KINDS(X)
#undef X
    };
    const struct reading *r = built_read(&b, str_of(message));
    struct buf out;
    buf_init(&out, &b.turn);
    for (size_t i = 0; i < r->cue_count; i++)
        buf_printf(&out, "%s%s[%u-%u]", i ? "; " : "", names[r->cues[i].phrase], (unsigned)r->cues[i].first,
                   (unsigned)r->cues[i].last);
    return out.len ? buf_str(&out) : STR("");
}

/* The stages that follow drop the cues inside longer ones. */
static void cues_are_found_with_their_fillers(void **state) {
    (void)state;
    assert_str(cues_of("not sure"), "doubt[0-1]");
    assert_str(cues_of("i really do not know"), "unsure[0-4]");
    assert_str(cues_of("just the arm"), "only[0-0]");
    assert_str(cues_of("i used to, not"), "past[1-2]; deny[3-3]");
    assert_str(cues_of("face is fine"), "deny-after[1-2]");
    assert_str(cues_of("fine"), "");
    assert_str(cues_of("not, sure"), "doubt[0-1]");
    assert_str(cues_of("not. sure"), "deny[0-0]");
    assert_str(cues_of("used arm to"), "");
}

static void the_same_phrase_may_have_many_ids(void **state) {
    (void)state;
    static const char *const list[] = {"lip twitch", "lips + jaw", "lip twitching", "lips + jaw", NULL};
    struct built own;
    built_begin(&own);
    built_phrases(&own, list);
    built_seal(&own);
    assert_int_equal(lexicon_phrase_count(own.lexicon), 4);
    const struct reading *r = built_read(&own, STR("my lip twitches, jaw lip"));
    assert_int_equal(r->hit_count, 4);
    assert_int_equal(r->hits[0].phrase, 0);
    assert_int_equal(r->hits[1].phrase, 2);
    assert_int_equal(r->hits[2].phrase, 1);
    assert_int_equal(r->hits[3].phrase, 3);
    built_end(&own);
}

/* --- Against a search that only compares --- */

enum { WORDS = 9, FILLER = 8, MESSAGE_MAX = 30, LIST = 60, FOUND_MAX = 400 };

static const char *const words[WORDS] = {"korv", "lund", "mist", "nork", "polt", "rusk", "talm", "vorg", "zum"};

struct part {
    int words[3];
    size_t count;
};

struct pattern {
    struct part parts[3];
    size_t count;
};

struct found {
    int phrase, first, last;
};

static uint32_t seed = 7;
static uint32_t below(uint32_t n) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 16) % n;
}

static void make_pattern(struct pattern *p, char *text) {
    *text = '\0';
    p->count = below(2) ? 1 : 2 + below(2);
    for (size_t i = 0; i < p->count; i++) {
        struct part *part = &p->parts[i];
        part->count = p->count == 1 ? 1 + below(3) : 1 + below(2);
        strcat(text, i ? " + " : "");
        for (size_t j = 0; j < part->count; j++) {
            part->words[j] = (int)below(FILLER);
            strcat(text, j ? " " : "");
            if (below(6) == 0)
                strcat(strcat(text, words[FILLER]), " ");
            strcat(text, words[part->words[j]]);
        }
    }
}

/* Two parts of one phrase that are the same are refused. */
static bool has_twins(const struct pattern *p) {
    for (size_t i = 0; i < p->count; i++)
        for (size_t j = 0; j < i; j++)
            if (p->parts[i].count == p->parts[j].count &&
                memcmp(p->parts[i].words, p->parts[j].words, p->parts[i].count * sizeof(int)) == 0)
                return true;
    return false;
}

struct said {
    int words[MESSAGE_MAX];
    int sentence[MESSAGE_MAX];
    int content_before[MESSAGE_MAX + 1];
    int count;
    char text[MESSAGE_MAX * 8];
};

static void make_message(struct said *m) {
    int sentence = 0;
    m->count = 3 + (int)below(MESSAGE_MAX - 3);
    m->text[0] = '\0';
    m->content_before[0] = 0;
    for (int i = 0; i < m->count; i++) {
        m->words[i] = (int)below(WORDS);
        if (i && below(12) == 0) {
            strcat(m->text, ".");
            sentence++;
        }
        strcat(strcat(m->text, i ? " " : ""), words[m->words[i]]);
        m->sentence[i] = sentence;
        m->content_before[i + 1] = m->content_before[i] + (m->words[i] != FILLER);
    }
}

/* The first token of the part if it ends at `last`, or -1. */
static int part_ends(const struct said *m, const struct part *part, int last) {
    int at = last, first = -1;
    if (m->words[last] == FILLER)
        return -1;
    for (size_t j = part->count; j-- > 0; at--) {
        while (at >= 0 && m->words[at] == FILLER)
            at--;
        if (at < 0 || m->words[at] != part->words[j] || m->sentence[at] != m->sentence[last])
            return -1;
        first = at;
    }
    return first;
}

static size_t keep(struct found *found, size_t count, struct found f) {
    for (size_t i = 0; i < count; i++)
        if (found[i].phrase == f.phrase && found[i].first == f.first && found[i].last == f.last)
            return count;
    assert_true(count < FOUND_MAX);
    found[count] = f;
    return count + 1;
}

/* The latest occurrence of a part that was found by the time the one from `from` to `end` was: it ends earlier, or there and is longer. */
static bool latest(const struct said *m, const struct part *part, int from, int end, int *first, int *last) {
    for (*last = end; *last >= 0; --*last)
        if ((*first = part_ends(m, part, *last)) >= 0 && (*last < end || *first < from))
            return true;
    return false;
}

/* Whether the phrase ends with this part of it, which lies from `from` to `end`. */
static bool spread_ends(const struct said *m, const struct pattern *p, size_t with, int from, int end, int *start) {
    int first[3], last[3], between = 0;
    *start = from;
    for (size_t i = 0; i < p->count; i++) {
        first[i] = from;
        last[i] = end;
        if (i != with && !latest(m, &p->parts[i], from, end, &first[i], &last[i]))
            return false;
        for (size_t j = 0; j < i; j++)
            if ((first[i] <= first[j] && last[i] >= last[j]) || (first[j] <= first[i] && last[j] >= last[i]))
                return false;
        *start = first[i] < *start ? first[i] : *start;
        between -= m->content_before[last[i] + 1] - m->content_before[first[i]];
    }
    between += m->content_before[end + 1] - m->content_before[*start];
    return m->sentence[*start] == m->sentence[end] && between <= 8 * ((int)p->count - 1);
}

static size_t compare_all(const struct said *m, const struct pattern *list, struct found *found) {
    size_t count = 0;
    for (int i = 0; i < LIST; i++)
        for (int end = 0; end < m->count; end++)
            for (size_t part = 0; part < list[i].count; part++) {
                int from = part_ends(m, &list[i].parts[part], end), start = from;
                if (from >= 0 && (list[i].count == 1 || spread_ends(m, &list[i], part, from, end, &start)))
                    count = keep(found, count, (struct found){i, start, end});
            }
    return count;
}

static void the_automaton_finds_what_comparing_finds(void **state) {
    (void)state;
    size_t total = 0;
    for (int round = 0; round < 20; round++) {
        struct pattern list[LIST];
        char texts[LIST][96];
        const char *phrase_texts[LIST + 1] = {NULL};
        for (int i = 0; i < LIST; i++) {
            do
                make_pattern(&list[i], texts[i]);
            while (has_twins(&list[i]));
            phrase_texts[i] = texts[i];
        }
        struct built own;
        built_begin(&own);
        static const char *const own_fillers[] = {"zum", NULL};
        built_fillers(&own, own_fillers);
        built_phrases(&own, phrase_texts);
        built_seal(&own);
        for (int n = 0; n < 100; n++) {
            struct said m;
            struct found found[FOUND_MAX];
            make_message(&m);
            size_t count = compare_all(&m, list, found);
            const struct reading *r = built_read(&own, str_of(m.text));
            assert_int_equal(r->token_count, m.count);
            for (size_t i = 0; i < r->hit_count && count <= READING_HITS_MAX; i++) {
                struct found f = {(int)r->hits[i].phrase, r->hits[i].first, r->hits[i].last};
                if (keep(found, count, f) != count)
                    fail_msg("\"%s\": \"%s\" [%d-%d] is not there", m.text, texts[f.phrase], f.first, f.last);
            }
            if (count <= READING_HITS_MAX && count != r->hit_count)
                fail_msg("\"%s\": %zu hits and not %zu", m.text, r->hit_count, count);
            total += count;
        }
        built_end(&own);
    }
    assert_true(total > 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fillers_and_endings_do_not_matter),
        cmocka_unit_test(alternatives_and_groups_stand_for_one_another),
        cmocka_unit_test(longer_hits_come_before_shorter_ones),
        cmocka_unit_test(parts_may_come_in_any_order),
        cmocka_unit_test(parts_stay_together),
        cmocka_unit_test(each_part_is_joined_with_its_nearest),
        cmocka_unit_test(a_part_inside_another_is_no_second_part),
        cmocka_unit_test(one_word_may_be_two_parts),
        cmocka_unit_test(many_parts_cut_nothing),
        cmocka_unit_test(exact_words_take_no_endings_and_no_slips),
        cmocka_unit_test(sequences_do_not_go_over_commas_or_stops),
        cmocka_unit_test(a_hit_knows_which_words_are_its_own),
        cmocka_unit_test(cues_are_found_with_their_fillers),
        cmocka_unit_test(the_same_phrase_may_have_many_ids),
        cmocka_unit_test(the_automaton_finds_what_comparing_finds),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
