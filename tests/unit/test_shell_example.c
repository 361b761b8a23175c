/* The example configuration: right as it stands, and right with every key in it turned on. */
#include "test.h"

#include <stdio.h>

#include "shell/config.h"

/* Turns ";key = value" and ";[section]" on, except the second of the two places of a secret. */
static struct str turned_on(struct str text, struct buf *out) {
    while (text.len) {
        struct str line = str_cut(&text, '\n');
        bool is_section = str_starts_with(line, STR(";["));
        bool is_key = line.len > 1 && line.ptr[0] == ';' && line.ptr[1] >= 'a' && line.ptr[1] <= 'z' &&
                      str_find(line, STR(" = ")) != SIZE_MAX && str_find(line, STR("_env = ")) == SIZE_MAX;
        if (is_section || (is_key && !str_starts_with(line, STR(";ca_file"))))
            line = str_slice(line, 1, line.len);
        buf_add(out, line);
        buf_add_char(out, '\n');
    }
    return buf_str(out);
}

static void test_example(void **state) {
    (void)state;
    static char text[20000];
    struct config config, all;
    struct buf errors, on;
    buf_init_heap(&errors);
    buf_init_heap(&on);
    FILE *f = fopen(LIPPY_SOURCE_DIR "/config.example.ini", "r");
    assert_non_null(f);
    size_t len = fread(text, 1, sizeof text, f);
    fclose(f);
    assert_true(len < sizeof text);
    bool good = config_parse(&config, (struct str){text, len}, "example", &errors);
    bool all_good = config_parse(&all, turned_on((struct str){text, len}, &on), "example", &errors);
    assert_str(buf_str(&errors), "");
    assert_true(good && all_good);

    /* what the comments say is the default is the default */
    assert_int_equal(config.log_level, all.log_level);
    assert_int_equal(config.max_sessions, all.max_sessions);
    assert_int_equal(config.session_hours, all.session_hours);
    for (size_t i = 0; i < platform_count; i++) {
        const struct config_platform *p = &config.platforms[i], *q = &all.platforms[i];
        assert_true(q->present);
        assert_int_equal(p->allow_plain_ws, q->allow_plain_ws);
        assert_int_equal(p->connect_seconds, q->connect_seconds);
        assert_int_equal(p->ping_seconds, q->ping_seconds);
        assert_int_equal(p->long_pause_seconds, q->long_pause_seconds);
        for (size_t k = 0; p->ops->keys[k].name; k++) {
            assert_int_equal(p->values[k].number, q->values[k].number);
            if (p->ops->keys[k].standard_text)
                assert_str(q->values[k].text, p->ops->keys[k].standard_text);
        }
    }
    config_finish(&config);
    config_finish(&all);
    buf_finish(&errors);
    buf_finish(&on);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_example)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
