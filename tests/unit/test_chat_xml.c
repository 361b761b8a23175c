/* Elements out of frames, and text into them. */
#include "test.h"

#include "chat/xml.h"

static const char *const refused[] = {
    "",
    " ",
    "text",
    "<a>",
    "<a></b>",
    "<a/><b/>",
    "<a/>text",
    "<a b='1' b='2'/>",
    "<a b=1/>",
    "<p:a/>",
    "<a>&nbsp;</a>",
    "<a>&#0;</a>",
    "<a>\x01</a>",
    "<a>\xff</a>",
    "<a>\xed\xa0\x80</a>",
    "<a><!-- a comment --></a>",
    "<a><?php a ?></a>",
    "<?x y?><a/>",
    "<!DOCTYPE a><a/>",
    "<!DOCTYPE a [<!ENTITY e 'boom'>]><a>&e;</a>",
    "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
    /* Stopped at its first element, expat still ends it. */
    "<a><?x?><b/></a>",
};

static void what_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct arena a;
        struct err e = {0};
        arena_init(&a, 0);
        if (xml_read(&a, str_of(refused[i]), &e))
            fail_msg("taken: %s", refused[i]);
        assert_int_equal(e.code, ERR_SYNTAX);
        arena_finish(&a);
    }
}

static void a_tree(void **state) {
    (void)state;
    struct arena a;
    struct err e = {0};
    arena_init(&a, 0);
    const struct xml *x = xml_read(
        &a,
        STR("<?xml version='1.0'?><m xmlns='n1' to='a&amp;b' xml:lang='en' p:q='no' xmlns:p='n3'>"
            "one<b>bo<i/>dy &lt;<![CDATA[<&>]]></b> two<b xmlns='n2' id='2'/>"
            "<p:b/><b>\xc3\xa9</b> three</m>"),
        &e);
    assert_non_null(x);
    assert_true(xml_is(x, "m", "n1"));
    assert_false(x->partial);
    assert_str(x->text, "one two three");
    assert_str(xml_attribute(x, "to"), "a&b");
    assert_str(xml_attribute(x, "lang"), "");
    assert_str(xml_attribute(x, "q"), "");
    const struct xml *b = xml_child(x, "b", "n1");
    assert_str(b->text, "body <<&>");
    assert_non_null(xml_child(b, "i", NULL));
    assert_str(xml_next(b)->text, "\xc3\xa9");
    assert_null(xml_next(xml_next(b)));
    assert_str(xml_attribute(xml_child(x, "b", "n2"), "id"), "2");
    assert_non_null(xml_child(x, "b", "n3"));
    assert_ptr_equal(xml_child(x, "b", NULL), b);
    assert_null(xml_child(x, "b", "n4"));
    assert_null(xml_child(NULL, "b", NULL));
    arena_finish(&a);
}

static struct xml *read_repeated(struct arena *a, const char *head, const char *open, const char *middle,
                                 const char *close, size_t count, const char *tail) {
    struct buf b;
    struct err e = {0};
    buf_init_heap(&b);
    buf_add(&b, str_of(head));
    for (size_t i = 0; i < count; i++)
        buf_add(&b, str_of(open));
    buf_add(&b, str_of(middle));
    for (size_t i = 0; i < count; i++)
        buf_add(&b, str_of(close));
    buf_add(&b, str_of(tail));
    struct xml *x = xml_read(a, buf_str(&b), &e);
    buf_finish(&b);
    return x;
}

static unsigned depth_of(const struct xml *x) { return x ? 1 + depth_of(x->child) : 0; }

/* Odd but well-formed: what is too deep or too much is left out, and the rest is as it was. */
static void too_deep_and_too_many(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 4 * 1024 * 1024);
    const struct xml *x = read_repeated(&a, "<m><b>body</b>", "<d>", "deep", "</d>", 100000, "<c/>tail</m>");
    assert_non_null(x);
    assert_true(x->partial);
    assert_int_equal(depth_of(xml_child(x, "d", NULL)), XML_DEPTH_MOST - 1);
    assert_str(xml_child(x, "b", NULL)->text, "body");
    assert_non_null(xml_child(x, "c", NULL));
    assert_str(x->text, "tail");

    x = read_repeated(&a, "<m>", "<e/>", "", "", 100000, "tail</m>");
    assert_non_null(x);
    assert_true(x->partial);
    unsigned count = 1;
    for (const struct xml *child = x->child; child; child = child->next)
        count++;
    assert_int_equal(count, XML_ELEMENTS_MOST);
    assert_str(x->text, "tail");
    arena_finish(&a);
}

/* Each line end and each entity is a piece of its own to expat. */
static void text_in_many_pieces(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 4 * 1024 * 1024);
    const struct xml *x = read_repeated(&a, "<m><b>", "\n&amp;", "", "", 100000, "</b></m>");
    assert_non_null(x);
    assert_int_equal(x->child->text.len, 200000);
    assert_false(x->partial);
    arena_finish(&a);
}

static void a_full_arena(void **state) {
    (void)state;
    for (size_t limit = 1; limit < 4000; limit += 7) {
        struct arena a;
        struct err e = {0};
        arena_init(&a, limit);
        const struct xml *x = xml_read(&a, STR("<m xmlns='n' a='1' b='2'><b>text</b><c d='e'><f/></c></m>"), &e);
        assert_true(x || e.code == ERR_LIMIT);
        arena_finish(&a);
    }
}

static void check_escaped(struct str text, const char *want) {
    struct buf b;
    buf_init_heap(&b);
    xml_escape(&b, text);
    assert_str(buf_str(&b), want);
    buf_finish(&b);
}

static void escaping(void **state) {
    (void)state;
    check_escaped(STR("plain \xc3\xa9 \xf0\x9f\x91\x8b"), "plain \xc3\xa9 \xf0\x9f\x91\x8b");
    check_escaped(STR("<a b='c' d=\"e\">&amp;</a>"), "&lt;a b=&apos;c&apos; d=&quot;e&quot;&gt;&amp;amp;&lt;/a&gt;");
    check_escaped(STR("a\nb\r\nc\rd\te"), "a\nb\nc\nd\te");
    check_escaped(STR("a\0b\1c\x1b[1md\x7f"), "abc[1md\x7f");
    check_escaped(STR("\xef\xbf\xbe\xef\xbf\xbf|"), "|");
    check_escaped(STR("\xff\xc3|\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    check_escaped(STR("%s % %%"), "%s % %%");
    check_escaped(STR_NONE, "");
}

/* Whatever is written can be read, and is what was written. */
static void all_bytes_survive(void **state) {
    (void)state;
    struct buf b;
    struct arena a;
    char all[256];
    for (unsigned i = 0; i < 256; i++)
        all[i] = (char)i;
    arena_init(&a, 0);
    buf_init_heap(&b);
    XML_FILL(&b, "<a b='%'>%</a>", (struct str){all, 256}, (struct str){all, 256});
    const struct xml *x = xml_read(&a, buf_str(&b), NULL);
    assert_non_null(x);
    assert_int_equal(x->text.len, 2 + 1 + 96 + 128 * 3); /* \t \n, \r as \n, 0x20 to 0x7f, U+FFFD for the rest */
    buf_finish(&b);
    arena_finish(&a);
}

static void filling(void **state) {
    (void)state;
    struct buf b;
    buf_init_heap(&b);
    XML_FILL(&b, "<a b='%'>%</a>", STR("%'"), STR("<%>"));
    assert_str(buf_str(&b), "<a b='%&apos;'>&lt;%&gt;</a>");
    buf_finish(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused),     cmocka_unit_test(a_tree),       cmocka_unit_test(too_deep_and_too_many),
        cmocka_unit_test(text_in_many_pieces), cmocka_unit_test(a_full_arena), cmocka_unit_test(escaping),
        cmocka_unit_test(all_bytes_survive),   cmocka_unit_test(filling),
    };
    return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
