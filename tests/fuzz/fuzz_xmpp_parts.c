/* The pieces that the XMPP codec is made of, each on the same bytes: XML, addresses, base64, passwords, SCRAM, our name in a text, the
 * queue of what goes out. */
#include "fuzz.h"

#include "chat/chat.h"
#include "chat/jid.h"
#include "chat/scram.h"
#include "chat/xml.h"

enum { ARENA_BYTES_MAX = 4 << 20, PASSWORD_MAX = 1024 };

static unsigned check_element(const struct xml *x, unsigned depth) {
    unsigned count = 1;
    assert(depth < XML_DEPTH_MOST && x->name.len > 0);
    assert(utf8_is_valid(x->name) && utf8_is_valid(x->ns) && utf8_is_valid(x->text));
    for (const struct xml_attribute *at = x->attributes; at; at = at->next)
        assert(at->name.len > 0 && utf8_is_valid(at->value));
    for (const struct xml *child = x->child; child; child = child->next)
        count += check_element(child, depth + 1);
    return count;
}

static void check_read(struct str bytes) {
    struct arena a;
    struct err e = {0};
    arena_init(&a, ARENA_BYTES_MAX);
    const struct xml *x = xml_read(&a, bytes, &e);
    assert((x == NULL) == (e.code != ERR_NONE));
    if (x)
        assert(check_element(x, 0) <= XML_ELEMENTS_MOST);
    arena_finish(&a);
}

/* What is written can be read: as text and in an attribute. */
static void check_written(struct str text) {
    struct buf b;
    struct arena a;
    struct err e = {0};
    buf_init_heap(&b);
    arena_init(&a, 0);
    XML_FILL(&b, "<a b='%'>%</a>", text, text);
    const struct xml *x = xml_read(&a, buf_str(&b), &e);
    assert(x && utf8_is_valid(x->text) && x->text.len <= 3 * text.len);
    arena_finish(&a);
    buf_finish(&b);
}

/* An address in the form of servers is one, and stays as it is. */
static void check_jid(struct str text) {
    struct arena a;
    struct jid jid;
    arena_init(&a, ARENA_BYTES_MAX);
    struct str normal = jid_normal(&a, text);
    if (normal.len > 0) {
        assert(jid_split(text, &jid) && jid_split(normal, &jid) && jid.domain.len > 0);
        struct str again = jid_normal(&a, normal);
        assert(str_equal(again, normal));
    }
    arena_finish(&a);
}

static void check_base64(struct str bytes) {
    struct buf text, back;
    buf_init_heap(&text);
    buf_init_heap(&back);
    base64_add(&text, bytes);
    bool fine = base64_read(&back, text.ptr ? buf_str(&text) : STR_NONE);
    assert(fine && str_equal(buf_str(&back), bytes));
    buf_clear(&back);
    if (base64_read(&back, bytes)) {
        buf_clear(&text);
        base64_add(&text, buf_str(&back));
        assert(text.len == bytes.len);
    }
    buf_finish(&text);
    buf_finish(&back);
}

/* Of the length that a configuration may have: to order a run of combining marks takes utf8proc the square of its length. */
static void check_password(struct str text) {
    struct buf b;
    struct err e = {0};
    buf_init_heap(&b);
    bool fine = saslprep(&b, text, &e);
    assert(fine == (e.code == ERR_NONE) && (!fine || (b.len > 0 && utf8_is_valid(buf_str(&b)))));
    buf_finish(&b);
}

/* The bytes are the server's challenge, but that "r=" has our nonce before the rest, and its last word. */
static void check_scram(struct str bytes, bool sha256) {
    struct scram s;
    struct buf out, challenge;
    struct err e = {0};
    scram_init(&s, sha256, STR("nonce"));
    buf_init_heap(&out);
    buf_init_heap(&challenge);
    bool fine = scram_first(&s, STR("user"), &out, &e);
    assert(fine);
    if (str_starts_with(bytes, STR("r=")))
        buf_add(&challenge, STR("r=nonce"));
    buf_add(&challenge, str_slice(bytes, challenge.len ? 2 : 0, SIZE_MAX));
    if (str_find(bytes, STR("0000")) == SIZE_MAX && scram_answer(&s, STR("password"), challenge.ptr ? buf_str(&challenge) : STR_NONE, &out, &e))
        assert(s.answered && e.code == ERR_NONE);
    e = (struct err){0};
    fine = scram_verify(&s, bytes, &e);
    assert(!fine && e.code == ERR_AUTH); /* nobody guesses a signature */
    buf_finish(&challenge);
    buf_finish(&out);
    scram_finish(&s);
}

static void check_name(struct str text) {
    struct str rest = text;
    bool addressed = chat_is_addressed(text, STR("lippy"), &rest);
    assert(rest.len <= text.len && (rest.len == 0 || (rest.ptr >= text.ptr && rest.ptr + rest.len <= text.ptr + text.len)));
    assert(addressed || rest.len == text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *exact = fuzz_exact((struct str){(const char *)data, size});
    struct str input = {exact, size};
    check_read(input);
    check_written(input);
    check_jid(input);
    check_base64(input);
    check_password(str_slice(input, 0, PASSWORD_MAX));
    check_scram(input, size % 2 == 0);
    check_name(input);
    free(exact);
    return 0;
}
