/* The websocket client against peers that behave and peers that do not: each a child process on loopback that plays one
 * connection from a script. */
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "shell/ws.h"

/* --- the peer ---------------------------------------------------------------------------------------------------- */

static pid_t peer;
static uint16_t peer_port;

static void put(int fd, const char *bytes, size_t len) {
    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

#define PUT(fd, literal) put((fd), (literal), sizeof(literal) - 1)

/* Reads the request up to its empty line and gives its Sec-WebSocket-Key. */
static void take_request(int fd, char key[64]) {
    char request[4096] = "";
    size_t len = 0;
    while (!strstr(request, "\r\n\r\n") && len < sizeof request - 1) {
        ssize_t n = read(fd, request + len, sizeof request - 1 - len);
        if (n <= 0)
            _exit(0);
        len += (size_t)n;
        request[len] = '\0';
    }
    const char *at = strstr(request, "Sec-WebSocket-Key: ");
    snprintf(key, 64, "%.*s", at ? (int)strcspn(at + 19, "\r") : 0, at ? at + 19 : "");
}

static void accept_upgrade(int fd, const char *subprotocol) {
    char key[64], joined[128], answer[512];
    unsigned char digest[EVP_MAX_MD_SIZE], text[64];
    take_request(fd, key);
    snprintf(joined, sizeof joined, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    EVP_Digest(joined, strlen(joined), digest, NULL, EVP_sha1(), NULL);
    EVP_EncodeBlock(text, digest, 20);
    int n = snprintf(answer, sizeof answer,
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Accept: %s\r\n%s%s%s\r\n",
                     (char *)text, subprotocol ? "Sec-WebSocket-Protocol: " : "", subprotocol ? subprotocol : "",
                     subprotocol ? "\r\n" : "");
    put(fd, answer, (size_t)n);
}

/* Until the client closes. */
static void wait_for_end(int fd) {
    char bytes[4096];
    while (read(fd, bytes, sizeof bytes) > 0)
        continue;
}

static void peer_says_hello(int fd) {
    accept_upgrade(fd, "test");
    PUT(fd, "\x81\x05hello");
    wait_for_end(fd);
}

static void peer_sends_pieces(int fd) {
    accept_upgrade(fd, "test");
    PUT(fd, "\x01\x03h\xc3\xa9");
    PUT(fd, "\x89\x01p"); /* a ping between the pieces */
    PUT(fd, "\x00\x02ll");
    PUT(fd, "\x80\x01o");
    PUT(fd, "\x82\x02\x00\xff"); /* then a binary one */
    PUT(fd, "\x81\x00");         /* and an empty one */
    wait_for_end(fd);
}

static void peer_sends_big(int fd) {
    char chunk[1000];
    memset(chunk, 'x', sizeof chunk);
    accept_upgrade(fd, "test");
    PUT(fd, "\x81\x7e\x80\x00"); /* 32768 bytes: the limit */
    for (size_t left = 32768; left;) {
        size_t n = left < sizeof chunk ? left : sizeof chunk;
        put(fd, chunk, n);
        left -= n;
    }
    PUT(fd, "\x81\x7f\x00\x00\x00\x00\x04\x00\x00\x00"); /* 64 MB announced */
    for (int i = 0; i < 20; i++)
        put(fd, chunk, sizeof chunk);
    wait_for_end(fd);
}

static void peer_adds_up(int fd) {
    char chunk[20000];
    memset(chunk, 'x', sizeof chunk);
    accept_upgrade(fd, "test");
    PUT(fd, "\x01\x7e\x4e\x20");
    put(fd, chunk, sizeof chunk);
    PUT(fd, "\x80\x7e\x4e\x20"); /* together above the limit */
    put(fd, chunk, sizeof chunk);
    wait_for_end(fd);
}

static void peer_sends_broken_text(int fd) {
    accept_upgrade(fd, "test");
    PUT(fd, "\x81\x03h\xffi");
    wait_for_end(fd);
}

static void peer_closes(int fd) {
    accept_upgrade(fd, "test");
    PUT(fd, "\x88\x09\x03\xe9so long");
    wait_for_end(fd);
}

static void peer_drops(int fd) {
    accept_upgrade(fd, "test");
    PUT(fd, "\x81\x0a"
            "half a");
}

static void peer_is_silent(int fd) { wait_for_end(fd); }

static void peer_is_mute_after_upgrade(int fd) {
    accept_upgrade(fd, "test");
    sleep(20); /* answers neither ping nor close */
}

static void peer_talks_nonsense(int fd) {
    char key[64];
    take_request(fd, key);
    PUT(fd, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
    wait_for_end(fd);
}

static void peer_sends_elsewhere(int fd) {
    char key[64], answer[200];
    take_request(fd, key);
    int n = snprintf(answer, sizeof answer,
                     "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/x\r\nContent-Length: 0\r\n\r\n", peer_port);
    put(fd, answer, (size_t)n);
    wait_for_end(fd);
}

static void peer_refuses(int fd) {
    char key[64];
    take_request(fd, key);
    PUT(fd, "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n");
    wait_for_end(fd);
}

static void peer_picks_another(int fd) {
    accept_upgrade(fd, "other");
    PUT(fd, "\x81\x05hello");
    wait_for_end(fd);
}

static void peer_picks_none(int fd) {
    accept_upgrade(fd, NULL);
    PUT(fd, "\x81\x05hello");
    wait_for_end(fd);
}

/* Tells, as a text frame of its own, what came: opcode and length of each frame; answers the close. */
static void peer_reports(int fd) {
    unsigned char head[8], bytes[70000];
    char report[64];
    accept_upgrade(fd, "test");
    for (;;) {
        if (recv(fd, head, 2, MSG_WAITALL) != 2)
            _exit(0);
        size_t len = head[1] & 0x7f;
        if (len == 126) {
            recv(fd, head + 2, 2, MSG_WAITALL);
            len = (size_t)head[2] << 8 | head[3];
        }
        recv(fd, bytes, len + 4, MSG_WAITALL); /* mask and payload */
        if ((head[0] & 0xf) == 8) {
            unsigned code = (unsigned)((bytes[4] ^ bytes[0]) << 8 | (bytes[5] ^ bytes[1]));
            PUT(fd, "\x88\x02\x03\xe8");
            _exit(code == 1000 ? 0 : 9);
        }
        int n = snprintf(report, sizeof report, "  %02x:%zu", head[0], len);
        report[0] = (char)0x81;
        report[1] = (char)(n - 2);
        put(fd, report, (size_t)n);
    }
}

/* Listens in this process, so that the port is open when we connect; plays in the child, connection after connection. */
static void start_peer(void (*play)(int fd)) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 8), 0);
    getsockname(listener, (struct sockaddr *)&at, &len);
    peer_port = ntohs(at.sin_port);
    peer = fork();
    if (peer == 0) {
        signal(SIGPIPE, SIG_IGN);
        alarm(30);
        for (;;) {
            int fd = accept(listener, NULL, NULL);
            if (fd < 0)
                _exit(0);
            play(fd);
            close(fd);
        }
    }
    close(listener);
}

/* --- the client -------------------------------------------------------------------------------------------------- */

static struct loop *loop;
static struct ws_hub *hub;
static struct ws *ws;
static struct loop_timer *limit;
static int opened, frames, closed;
static struct buf got; /* frames, each with t or b in front and a line end behind */
static char why[300];
static struct ws_end end; /* the last; its why is not to be used */
static void (*when_opened)(void);
static void (*when_frame)(void);
static int close_after_frames;

static void on_opened(void *user) {
    (void)user;
    opened++;
    if (when_opened)
        when_opened();
}

static void on_frame(void *user, struct str frame, bool binary) {
    (void)user;
    frames++;
    if (frame.len < 100)
        buf_printf(&got, "%c%.*s\n", binary ? 'b' : 't', STR_ARG(frame));
    else
        buf_printf(&got, "%c%zu bytes\n", binary ? 'b' : 't', frame.len);
    if (when_frame)
        when_frame();
    if (frames == close_after_frames)
        ws_close(ws, 1000);
}

static void on_closed(void *user, const struct ws_end *ended) {
    (void)user;
    closed++;
    end = *ended;
    snprintf(why, sizeof why, "%s", ended->why);
    loop_stop(loop);
}

static void on_limit(void *user) {
    (void)user;
    loop_stop(loop);
}

static int start(void **state) {
    static const struct ws_events events = {.opened = on_opened, .frame = on_frame, .closed = on_closed};
    struct ws_config config = {.frame_limit_bytes = 32768,
                               .queue_limit_bytes = 100000,
                               .connect_timeout_ms = 1000,
                               .close_timeout_ms = 500,
                               .ping_s = 1};
    (void)state;
    opened = frames = closed = close_after_frames = 0;
    why[0] = '\0';
    when_opened = when_frame = NULL;
    buf_init_heap(&got);
    loop = loop_new(NULL);
    limit = loop_timer_new(loop, on_limit, NULL);
    hub = ws_hub_new(loop, NULL);
    ws = ws_new(hub, &config, &events, NULL, NULL);
    return ws ? 0 : -1;
}

static int finish(void **state) {
    (void)state;
    ws_free(ws);
    ws_hub_free(hub);
    loop_timer_free(limit);
    buf_finish(&got);
    if (peer > 0) {
        kill(peer, SIGKILL);
        waitpid(peer, NULL, 0);
        peer = 0;
    }
    return loop_free(loop) ? 0 : -1;
}

static void run(int64_t ms) {
    loop_timer_set(limit, ms);
    loop_run(loop);
    loop_timer_stop(limit);
}

static bool connect_to(uint16_t port) {
    struct ws_target target = {
        .address = "127.0.0.1", .port = port, .host = "localhost", .path = "/ws", .subprotocols = "test"};
    return ws_connect(ws, &target, NULL);
}

/* One connection to a peer that plays so, to its end. */
static void meet(void (*play)(int fd)) {
    start_peer(play);
    assert_true(connect_to(peer_port));
    assert_int_equal(closed, 0);
    run(10000);
    assert_int_equal(closed, 1);
}

static void assert_why(const char *part) {
    if (!strstr(why, part))
        print_error("closed because: %s\n", why);
    assert_non_null(strstr(why, part));
}

static void test_message_and_close(void **state) {
    (void)state;
    close_after_frames = 1;
    meet(peer_says_hello);
    assert_int_equal(opened, 1);
    assert_str(buf_str(&got), "thello\n");
    assert_why("closed by us");
}

static void test_pieces_come_whole(void **state) {
    (void)state;
    close_after_frames = 3;
    meet(peer_sends_pieces);
    assert_true(str_starts_with(buf_str(&got), STR("th\xc3\xa9llo\nb")));
    assert_int_equal(frames, 3);
    assert_true(str_equal(str_slice(buf_str(&got), got.len - 3, 3), STR("\nt\n")));
}

static void test_too_long(void **state) {
    (void)state;
    meet(peer_sends_big);
    assert_str(buf_str(&got), "t32768 bytes\n");
    assert_why("too long");
}

static void test_pieces_too_long_together(void **state) {
    (void)state;
    meet(peer_adds_up);
    assert_int_equal(frames, 0);
    assert_why("too long");
}

static void test_text_must_be_utf8(void **state) {
    (void)state;
    meet(peer_sends_broken_text);
    assert_int_equal(frames, 0);
    assert_why("UTF-8");
}

static void test_peer_closes(void **state) {
    (void)state;
    meet(peer_closes);
    assert_why("closed by the peer: 1001 so long");
}

static void test_peer_drops(void **state) {
    (void)state;
    meet(peer_drops);
    assert_int_equal(opened, 1);
    assert_int_equal(frames, 0);
}

static void test_silent_peer(void **state) {
    (void)state;
    meet(peer_is_silent);
    assert_int_equal(opened, 0);
    assert_why("no answer to the connection attempt");
}

static void test_dead_peer(void **state) {
    (void)state;
    meet(peer_is_mute_after_upgrade); /* the ping is not answered */
    assert_int_equal(opened, 1);
}

static void close_at_once(void) { ws_close(ws, 1000); }

static void test_close_is_not_answered(void **state) {
    (void)state;
    when_opened = close_at_once;
    meet(peer_is_mute_after_upgrade);
    assert_int_equal(opened, 1);
}

static void test_not_a_websocket(void **state) {
    (void)state;
    meet(peer_talks_nonsense);
    assert_int_equal(opened, 0);
}

static void test_refused_by_status(void **state) {
    (void)state;
    meet(peer_refuses);
    assert_int_equal(opened, 0);
    assert_why("501");
}

static void test_redirect_is_not_followed(void **state) {
    (void)state;
    meet(peer_sends_elsewhere);
    assert_int_equal(opened, 0);
    assert_why("elsewhere");
}

static void test_other_subprotocol(void **state) {
    (void)state;
    meet(peer_picks_another);
    assert_int_equal(opened, 0);
    assert_int_equal(frames, 0);
}

static void test_no_subprotocol(void **state) {
    (void)state;
    meet(peer_picks_none);
    assert_int_equal(opened, 0);
    assert_why("subprotocol");
}

static void test_nobody_listens(void **state) {
    (void)state;
    assert_true(connect_to(1));
    assert_false(connect_to(1)); /* one at a time */
    run(5000);
    assert_int_equal(closed, 1);
    assert_int_equal(opened, 0);
}

static void send_some(void) {
    static char big[60000];
    memset(big, 'y', sizeof big);
    assert_true(ws_send(ws, STR("one")));
    assert_true(ws_send(ws, (struct str){big, sizeof big}));
    assert_false(ws_send(ws, (struct str){big, sizeof big})); /* past the limit: nothing of it is queued */
    assert_true(ws_send(ws, STR("two")));
}

static void test_sending_in_order_then_close(void **state) {
    (void)state;
    when_opened = send_some;
    close_after_frames = 3;
    meet(peer_reports);
    assert_str(buf_str(&got), "t81:3\nt81:60000\nt81:3\n");
    int status = 0;
    assert_int_equal(waitpid(peer, &status, 0), peer);
    peer = 0;
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0); /* it saw close code 1000 */
}

static void send_and_close(void) {
    assert_true(ws_send(ws, STR("last words")));
    ws_close(ws, 1000);
    assert_false(ws_send(ws, STR("too late")));
}

static void test_close_sends_what_is_queued(void **state) {
    (void)state;
    when_opened = send_and_close;
    meet(peer_reports);
    assert_int_equal(frames, 0); /* the report is not handed out after ws_close() */
    assert_why("closed by us");
}

static void test_close_while_connecting(void **state) {
    (void)state;
    start_peer(peer_is_silent);
    assert_true(connect_to(peer_port));
    ws_close(ws, 1000);
    run(500);
    assert_int_equal(closed, 1);
    assert_why("given up");
}

static void test_connect_again(void **state) {
    (void)state;
    start_peer(peer_drops);
    for (int i = 1; i <= 5; i++) {
        assert_true(connect_to(peer_port));
        run(5000);
        assert_int_equal(closed, i);
        assert_int_equal(opened, i);
    }
}

static void test_free_at_any_time(void **state) {
    (void)state;
    start_peer(peer_says_hello);
    assert_true(connect_to(peer_port));
    if (*state)
        run(200); /* open by then; else still connecting */
    assert_int_equal(opened, *state ? 1 : 0);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, start, finish)

static int start_late(void **state) {
    static int late;
    *state = &late;
    return start(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_message_and_close),
        CASE(test_pieces_come_whole),
        CASE(test_too_long),
        CASE(test_pieces_too_long_together),
        CASE(test_text_must_be_utf8),
        CASE(test_peer_closes),
        CASE(test_peer_drops),
        CASE(test_silent_peer),
        CASE(test_dead_peer),
        CASE(test_close_is_not_answered),
        CASE(test_not_a_websocket),
        CASE(test_refused_by_status),
        CASE(test_redirect_is_not_followed),
        CASE(test_other_subprotocol),
        CASE(test_no_subprotocol),
        CASE(test_nobody_listens),
        CASE(test_sending_in_order_then_close),
        CASE(test_close_sends_what_is_queued),
        CASE(test_close_while_connecting),
        CASE(test_connect_again),
        CASE(test_free_at_any_time),
        cmocka_unit_test_setup_teardown(test_free_at_any_time, start_late, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
