/* SCRAM against the examples of RFC 5802 section 5 and RFC 7677 section 3, and against servers that cheat. */
#include "test.h"

#include "chat/scram.h"

struct vector {
    bool sha256;
    const char *nonce, *challenge, *answer, *final;
};

static const struct vector vectors[] = {
    {false, "fyko+d2lbbFgONRv9qkxdawL", "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
     "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
     "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    {true, "rOprNGfwEbeRWgbNEkqO",
     "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
     "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
     "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
};

static void start(struct scram *s, const struct vector *v, struct buf *out) {
    struct err e = {0};
    scram_init(s, v->sha256, str_of(v->nonce));
    buf_init_heap(out);
    assert_true(scram_first(s, STR("user"), out, &e));
}

static void examples_of_the_rfcs(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        struct scram s;
        struct buf out;
        struct err e = {0};
        char first[128] = "n,,n=user,r=";
        start(&s, v, &out);
        assert_string_equal(out.ptr, strcat(first, v->nonce));
        buf_clear(&out);
        assert_true(scram_answer(&s, STR("pencil"), str_of(v->challenge), &out, &e));
        assert_string_equal(out.ptr, v->answer);
        assert_false(s.verified);
        assert_true(scram_verify(&s, str_of(v->final), &e));
        assert_true(s.verified);
        buf_finish(&out);
        scram_finish(&s);
    }
}

static enum err_code answer_to(const char *challenge) {
    struct scram s;
    struct buf out;
    struct err e = {0};
    start(&s, &vectors[0], &out);
    buf_clear(&out);
    bool fine = scram_answer(&s, STR("pencil"), str_of(challenge), &out, &e);
    assert_int_equal(fine, e.code == ERR_NONE);
    assert_int_equal(out.len > 0, fine);
    buf_finish(&out);
    scram_finish(&s);
    return e.code;
}

static void challenges_that_are_refused(void **state) {
    (void)state;
    assert_int_equal(answer_to("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=4096"), ERR_NONE);
    assert_int_equal(answer_to("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=4096,x=new"), ERR_NONE);
    /* Another nonce, and ours with nothing added. */
    assert_int_equal(answer_to("r=other,s=QSXCR+Q6sek8bf92,i=4096"), ERR_AUTH);
    assert_int_equal(answer_to("r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096"), ERR_AUTH);
    assert_int_equal(answer_to("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=4095"), ERR_AUTH);
    assert_int_equal(answer_to("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=1000001"), ERR_AUTH);
    assert_int_equal(answer_to("m=new,r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=4096"), ERR_AUTH);
    assert_int_equal(answer_to("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSX,i=4096"), ERR_PROTOCOL);
    assert_int_equal(answer_to("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=,i=4096"), ERR_PROTOCOL);
    assert_int_equal(answer_to("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=many"), ERR_PROTOCOL);
    assert_int_equal(answer_to("s=QSXCR+Q6sek8bf92,i=4096"), ERR_PROTOCOL);
    assert_int_equal(answer_to(""), ERR_PROTOCOL);
}

static void every_head_of_a_challenge_is_survived(void **state) {
    (void)state;
    char head[128];
    size_t len = strlen(vectors[0].challenge);
    for (size_t i = 0; i + 5 < len; i++) { /* up to before "i=4" */
        memcpy(head, vectors[0].challenge, i);
        head[i] = '\0';
        assert_int_not_equal(answer_to(head), ERR_NONE);
    }
}

static void servers_that_do_not_know_the_password(void **state) {
    (void)state;
    static const char *const finals[] = {"v=smF9pqV8S7suAoZWja4dJRkFsKQ=", "v=", "v=rmF9", "e=other-error", "", "x"};
    for (size_t i = 0; i < sizeof finals / sizeof finals[0]; i++) {
        struct scram s;
        struct buf out;
        struct err e = {0};
        start(&s, &vectors[0], &out);
        assert_true(scram_answer(&s, STR("pencil"), str_of(vectors[0].challenge), &out, NULL));
        assert_false(scram_verify(&s, str_of(finals[i]), &e));
        assert_int_equal(e.code, ERR_AUTH);
        assert_false(s.verified);
        buf_finish(&out);
        scram_finish(&s);
    }
}

static void a_proof_needs_an_answer_first(void **state) {
    (void)state;
    struct scram s;
    struct buf out;
    start(&s, &vectors[0], &out);
    /* The signature of nothing is all zeros; saying so must not help. */
    assert_false(scram_verify(&s, STR("v=AAAAAAAAAAAAAAAAAAAAAAAAAAA="), NULL));
    buf_finish(&out);
    scram_finish(&s);
}

static void names_are_escaped(void **state) {
    (void)state;
    struct scram s;
    struct buf out;
    scram_init(&s, true, STR("nonce"));
    buf_init_heap(&out);
    assert_true(scram_first(&s, STR("a,b=c"), &out, NULL));
    assert_string_equal(out.ptr, "n,,n=a=2Cb=3Dc,r=nonce");
    buf_finish(&out);
    scram_finish(&s);
}

static void check_prepared(const char *text, const char *want) {
    struct buf out;
    struct err e = {0};
    buf_init_heap(&out);
    assert_int_equal(saslprep(&out, str_of(text), &e), want != NULL);
    if (want)
        assert_string_equal(out.ptr, want);
    else
        assert_int_equal(e.code, ERR_AUTH);
    buf_finish(&out);
}

/* The examples of RFC 4013 section 3 but the last, for which passwords would have to be read from right to left. */
static void passwords_are_prepared(void **state) {
    (void)state;
    check_prepared("I\xc2\xadX", "IX");
    check_prepared("user", "user");
    check_prepared("USER", "USER");
    check_prepared("\xc2\xaa", "a");
    check_prepared("\xe2\x85\xa8", "IX");
    check_prepared("\x07", NULL);
    check_prepared("", NULL);
    check_prepared("\xc2\xad", NULL);
    check_prepared("\xff", NULL);
    check_prepared("p\xc3\xa4ss w\xc2\xa0rd", "p\xc3\xa4ss w rd");
}

static void base64_both_ways(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
                                           {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"foob", "Zm9vYg=="}};
    static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg==Zg==", "====", "Z===", " Zg=", "Zm9v\n", "Zm9-", "=m9v"};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct buf out;
        buf_init_heap(&out);
        base64_add(&out, str_of(pairs[i][0]));
        assert_true(str_equal(buf_str(&out), str_of(pairs[i][1])));
        buf_clear(&out);
        assert_true(base64_read(&out, str_of(pairs[i][1])));
        assert_true(str_equal(buf_str(&out), str_of(pairs[i][0])));
        buf_finish(&out);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf out;
        buf_init_heap(&out);
        assert_false(base64_read(&out, str_of(bad[i])));
        buf_finish(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_rfcs),
        cmocka_unit_test(challenges_that_are_refused),
        cmocka_unit_test(every_head_of_a_challenge_is_survived),
        cmocka_unit_test(servers_that_do_not_know_the_password),
        cmocka_unit_test(a_proof_needs_an_answer_first),
        cmocka_unit_test(names_are_escaped),
        cmocka_unit_test(passwords_are_prepared),
        cmocka_unit_test(base64_both_ways),
    };
    return cmocka_run_group_tests_name("scram", tests, NULL, NULL);
}
