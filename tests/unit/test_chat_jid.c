/* Addresses. */
#include "test.h"

#include "chat/jid.h"

static const struct {
    const char *text, *node, *domain, *resource, *bare; /* node NULL: refused */
} splits[] = {
    {"alice@example.org/phone", "alice", "example.org", "phone", "alice@example.org"},
    {"alice@example.org", "alice", "example.org", "", "alice@example.org"},
    {"example.org", "", "example.org", "", "example.org"},
    {"example.org/x", "", "example.org", "x", "example.org"},
    {"room@host/b@b / c", "room", "host", "b@b / c", "room@host"},
    {"a@[::1]", "a", "[::1]", "", "a@[::1]"},
    {"", NULL, NULL, NULL, NULL},
    {"@", NULL, NULL, NULL, NULL},
    {"@host", NULL, NULL, NULL, NULL},
    {"a@", NULL, NULL, NULL, NULL},
    {"a@host/", NULL, NULL, NULL, NULL},
    {"/x", NULL, NULL, NULL, NULL},
    {"a@b@c", NULL, NULL, NULL, NULL},
    {"a b@host", NULL, NULL, NULL, NULL},
    {"a@ho st", NULL, NULL, NULL, NULL},
    {"a@host/x\n", NULL, NULL, NULL, NULL},
    {"a@host/\xff", NULL, NULL, NULL, NULL},
};

static void splitting(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
        struct jid jid;
        bool fine = jid_split(str_of(splits[i].text), &jid);
        if (fine != (splits[i].node != NULL))
            fail_msg("\"%s\": %d", splits[i].text, fine);
        if (!fine)
            continue;
        assert_str(jid.node, splits[i].node);
        assert_str(jid.domain, splits[i].domain);
        assert_str(jid.resource, splits[i].resource);
        assert_str(jid.bare, splits[i].bare);
    }
}

static void parts_have_a_limit(void **state) {
    (void)state;
    char text[2100];
    struct jid jid;
    memset(text, 'a', sizeof text);
    memcpy(text, "a@b/", 4);
    assert_true(jid_split((struct str){text, 4 + 1023}, &jid));
    assert_false(jid_split((struct str){text, 4 + 1024}, &jid));
}

static void check_normal(const char *text, const char *want) {
    struct arena a;
    arena_init(&a, 0);
    assert_str(jid_normal(&a, str_of(text)), want);
    arena_finish(&a);
}

static void as_servers_write_them(void **state) {
    (void)state;
    check_normal("Alice@Example.ORG/Phone", "alice@example.org/Phone");
    check_normal("\xc3\x84nne@EXAMPLE.org", "\xc3\xa4nne@example.org");
    check_normal("stra\xc3\x9f"
                 "e@b",
                 "strasse@b");
    check_normal("Example.org", "example.org");
    check_normal("a@\xef\xbc\xa0", ""); /* a full-width '@' */
    check_normal("a b@c", "");
    check_normal("", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splitting),
        cmocka_unit_test(parts_have_a_limit),
        cmocka_unit_test(as_servers_write_them),
    };
    return cmocka_run_group_tests_name("jid", tests, NULL, NULL);
}
