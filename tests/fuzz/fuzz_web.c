/* People who open the page and may send anything. A line a step; the connection is a digit:
 *
 *     a 1                   connection 1 arrives
 *     w 1 2                 it becomes the websocket of person 2
 *     r 1 PATH HOST ORIGIN COOKIE
 *     f 1 FRAME
 *     l 1                   it is gone
 *     t MS
 *     d 2                   person 2 has all deleted
 *
 * What people say is answered with the same words and three choices. Nobody gets a frame of another's talk. */
#include "fuzz.h"

#include "chat/json.h"
#include "chat/web_work.h"

enum { LINES_MAX = 256, ROUNDS = 20000, PEOPLE = 10 };

struct stream {
    struct chat *c;
    int64_t now_ms;
    unsigned char person[PEOPLE]; /* of a connection; 0: it is no websocket */
    bool here[PEOPLE];
};

static uint64_t conn_of(uint64_t digit) { return digit % PEOPLE + 1; }

static void id_of(unsigned char person, unsigned char id[WEB_ID_BYTES]) {
    memset(id, 0, WEB_ID_BYTES);
    id[0] = person;
}

static bool say(struct stream *s, struct str to, struct str text, bool forget) {
    static const struct str choices[] = {STR_INIT("yes"), STR_INIT("no"), STR_INIT("not sure")};
    struct chat_part part = {.text = text, .choices = choices, .choice_count = 3, .numbered = true, .together = 2, .level = 4};
    struct err e = {0};
    return web_ops.say(s->c, &(struct chat_say){.to = to, .parts = &part, .part_count = 1, .forget = forget}, s->now_ms, &e);
}

static void take(struct stream *s, const struct chat_out *out) {
    if (out->kind == CHAT_WIRE) {
        cJSON *document = json_read(out->text);
        assert(document && out->number >= 1 && out->number <= PEOPLE && s->person[out->number - 1]);
        cJSON_Delete(document);
    } else if (out->kind == CHAT_MESSAGE) {
        assert(out->who.len == WEB_ID_SIZE && out->text.len > 0 && out->text.len <= WEB_FRAME_MOST && utf8_is_valid(out->text));
        assert(say(s, out->to, out->text, false));
    } else if (out->kind == CHAT_CLOSE) {
        assert(out->number >= 1 && out->number <= PEOPLE && (out->code == WEB_CLOSE_POLICY || out->code == WEB_CLOSE_TABS));
    } else {
        assert(out->kind == CHAT_WAKE_AT && out->at_ms > s->now_ms - s->c->talks.keep_ms);
    }
}

static void drain(struct stream *s) {
    struct chat_out out;
    unsigned rounds = 0;
    while (web_ops.next(s->c, &out)) {
        assert(rounds++ < ROUNDS);
        take(s, &out);
    }
    assert(s->c->talks.bytes <= s->c->talks.bytes_most);
}

static void request(struct stream *s, uint64_t conn, struct chat_request *r) {
    struct chat_page page;
    web_ops.server->requested(s->c, conn, r, &page, s->now_ms);
    assert(page.status >= 101 && page.status <= 503 && page.type);
    for (size_t i = 0; i < page.header_count; i++)
        for (size_t k = 0; k < page.headers[i].value.len; k++)
            assert((unsigned char)page.headers[i].value.ptr[k] >= ' '); /* nobody puts in a line of his own */
    if (page.status == 101) {
        unsigned char id[WEB_ID_BYTES];
        assert(web_cookie_read(s->c, r->cookie, id));
        s->person[conn - 1] = id[0];
    }
}

static void upgrade(struct stream *s, uint64_t conn, unsigned char person) {
    unsigned char id[WEB_ID_BYTES];
    char cookie[6 + WEB_COOKIE_SIZE] = "lippy=";
    id_of(person, id);
    web_cookie_make(s->c, id, cookie + 6);
    struct chat_request r = {.reads = true, .websocket = true, .path = STR("/talk"), .host = STR("localhost"),
                             .origin = STR("http://localhost"), .cookie = {cookie, sizeof cookie}};
    request(s, conn, &r);
}

static void feed(struct stream *s, uint64_t conn, struct str line) {
    char *frame = fuzz_exact(line);
    struct err e = {0};
    bool fine = web_ops.server->feed(s->c, conn, (struct str){frame, line.len}, false, s->now_ms, &e);
    assert(fine == (e.code == ERR_NONE));
    free(frame);
}

static void act(struct stream *s, struct str line) {
    struct str word = str_cut(&line, ' '), whole = line;
    uint64_t number = 0, person = 0;
    str_to_u64(str_cut(&line, ' '), &number);
    uint64_t conn = conn_of(number);
    switch (word.len == 1 ? word.ptr[0] : ' ') {
    case 'a':
        if (!s->here[conn - 1])
            s->here[conn - 1] = web_ops.server->arrived(s->c, conn, STR("192.0.2.1"));
        break;
    case 'w':
        str_to_u64(line, &person);
        if (s->here[conn - 1] && !s->person[conn - 1])
            upgrade(s, conn, (unsigned char)(person % PEOPLE + 1));
        break;
    case 'r': {
        struct chat_request r = {.reads = true, .path = str_cut(&line, ' '), .host = str_cut(&line, ' '), .origin = str_cut(&line, ' '), .cookie = line};
        if (!s->person[conn - 1])
            request(s, conn, &r);
        break;
    }
    case 'f':
        feed(s, conn, line);
        break;
    case 'l':
        web_ops.server->left(s->c, conn);
        s->person[conn - 1] = s->here[conn - 1] = 0;
        break;
    case 'd': {
        unsigned char id[WEB_ID_BYTES];
        char to[WEB_ID_SIZE];
        id_of((unsigned char)conn, id);
        web_hex(to, id, sizeof id);
        assert(say(s, (struct str){to, sizeof to}, STR("gone"), true));
        break;
    }
    case 't':
        if (str_to_u64(whole, &number))
            s->now_ms += (int64_t)(number % 100000000);
        web_ops.tick(s->c, s->now_ms);
        break;
    default:
        break;
    }
    drain(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct chat_value values[CHAT_KEYS_MAX] = {{.text = STR_INIT("127.0.0.1")}};
    struct err e = {0};
    struct str rest = {(const char *)data, size};
    struct stream s = {.now_ms = 1000};
    s.c = web_ops.make(&(struct chat_setup){.values = values, .entropy = "0123456789abcde"}, &e);
    assert(s.c);
    for (unsigned i = 0; rest.len > 0 && i < LINES_MAX; i++)
        act(&s, str_cut(&rest, '\n'));
    web_ops.free(s.c);
    return 0;
}
