/* Who is spoken to, and how long to wait. */
#include "test.h"

#include "chat/chat.h"

static const struct {
    const char *text;
    const char *rest; /* NULL: not addressed */
} cases[] = {
    {"lippy: why does my lip twitch?", "why does my lip twitch?"},
    {"Lippy, why?", "why?"},
    {"LIPPY why?", "why?"},
    {"  lippy:   why?  ", "why?"},
    {"@lippy why?", "why?"},
    {"@Lippy: why?", "why?"},
    {"hey lippy why?", "why?"},
    {"Hey, Lippy! why?", "why?"},
    {"hello @lippy", ""},
    {"ok lippy, go on", "go on"},
    {"lippy", ""},
    {"lippy?", ""},
    {"lippy!!", ""},
    {"lippy:", ""},
    {"lippy:why", "why"},
    {"lippy - why", "why"},
    {"lippy \xe2\x80\x93 why", "why"},
    {"lippy\xe2\x80\x94why", "why"},
    {"lippy\xef\xbc\x9a why", "why"},
    {"lippy... why", "why"},
    {"lippy:\nmy lip\ntwitches", "my lip\ntwitches"},
    {"lippy :)", ":)"},
    {"lippy -5", "-5"},
    {"lippy: lippy: x", "lippy: x"},
    /* Elsewhere only with the sign. */
    {"can you help, @lippy", "can you help, @lippy"},
    {"can you help, @Lippy?", "can you help, @Lippy?"},
    {"(@lippy) hm", "(@lippy) hm"},
    {"hey @lippy", ""},
    {"ask lippy", NULL},
    {"is that lippy?", NULL},
    {"mail me at bot@lippy", NULL},
    {"see @lippy.example.org", NULL},
    /* Other words that begin like it. */
    {"lippyfan: hi", NULL},
    {"lippy_: hi", NULL},
    {"lippy-bot: hi", NULL},
    {"lippy.org is down", NULL},
    {"lippy's lip twitches", NULL},
    {"lippy\xc3\xa9 hi", NULL},
    {"@lippyfan", NULL},
    {"heylippy", NULL},
    {"hey there lippy", NULL},
    {"", NULL},
    {"   ", NULL},
    {"@", NULL},
    {"hey", NULL},
    {"hey ", NULL},
    {"lipp", NULL},
};

static void addressed(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str text = str_of(cases[i].text), rest = STR("untouched");
        bool is = chat_is_addressed(text, STR("lippy"), &rest);
        if (is != (cases[i].rest != NULL) || !str_equal(rest, str_of(is ? cases[i].rest : cases[i].text)))
            fail_msg("\"%s\": %d, rest \"%.*s\"", cases[i].text, is, STR_ARG(rest));
        assert_true(rest.len == 0 || (rest.ptr >= text.ptr && rest.ptr + rest.len <= text.ptr + text.len));
    }
}

static void names_of_all_kinds(void **state) {
    (void)state;
    struct str rest;
    assert_true(chat_is_addressed(STR("lippy_: hi"), STR("lippy_"), &rest));
    assert_true(str_equal(rest, STR("hi")));
    assert_true(chat_is_addressed(STR("dr lip: hi"), STR("Dr Lip"), &rest));
    assert_true(str_equal(rest, STR("hi")));
    assert_false(chat_is_addressed(STR(": hi"), STR(""), &rest));
    assert_false(chat_is_addressed(STR_NONE, STR("lippy"), &rest));
    /* A NUL is a character like others. */
    assert_false(chat_is_addressed(STR("lippy\0: hi"), STR("lippy"), &rest));
}

static void backoff_doubles_to_five_minutes(void **state) {
    (void)state;
    int64_t ceiling = 1000;
    for (unsigned attempt = 0; attempt < 40; attempt++) {
        assert_int_equal(chat_backoff_ms(attempt, 0), 250);
        assert_true(chat_backoff_ms(attempt, UINT32_MAX) < ceiling);
        assert_true(chat_backoff_ms(attempt, UINT32_MAX) >= ceiling - 2);
        assert_int_equal(chat_backoff_ms(attempt, UINT32_C(1) << 31), 250 + (ceiling - 250) / 2);
        ceiling = ceiling * 2 < 300000 ? ceiling * 2 : 300000;
    }
    assert_int_equal(chat_backoff_ms(UINT32_MAX, 0), 250);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addressed),
        cmocka_unit_test(names_of_all_kinds),
        cmocka_unit_test(backoff_doubles_to_five_minutes),
    };
    return cmocka_run_group_tests_name("chat", tests, NULL, NULL);
}
