/* The Mattermost codec: posts and reactions of others, and catching up with them. */
#include "mattermost_play.h"

static void a_direct_message(void **state) {
    (void)state;
    struct play p = begin();
    posted(&p, 1, &(struct made_post){.message = "  my lip twitches\n"});
    want(&p, "M who=" ALICE " room= to=d/" DM "//" ALICE " nick=alice aside= id=" POST1 " addressed: my lip twitches\n");
    clear(&p);
    posted(&p, 2, &(struct made_post){.id = POST2, .root = POST1, .message = "lippy: in the thread"});
    want(&p, "room= to=d/" DM "/" POST1 "/" ALICE " nick=alice aside= id=" POST2 " addressed: in the thread\n");
    finish(&p);
}

static void a_channel(void **state) {
    (void)state;
    struct play p = begin();
    struct made_post m = {.channel = TOWN, .channel_type = "O", .message = "@Lippy: my lip twitches", .mentions = "[\"" ME "\"]"};
    posted(&p, 1, &m);
    want(&p, "M who=" ALICE " room=" TOWN "/" POST1 " to=c/" TOWN "/" POST1 "/" ALICE " nick=alice aside=" ALICE " id=" POST1
             " addressed: my lip twitches\n");
    clear(&p);
    /* the thread is the room: whoever is in the talk goes on without a name */
    m = (struct made_post){
        .id = POST2, .channel = TOWN, .channel_type = "O", .root = POST1, .user = BOB, .sender = "bob", .message = "two days"};
    posted(&p, 2, &m);
    want(&p, "M who=" BOB " room=" TOWN "/" POST1 " to=c/" TOWN "/" POST1 "/" BOB " nick=bob aside=" BOB " id=" POST2 ": two days\n");
    clear(&p);
    /* a thread in which nobody has spoken to us is none of ours, until somebody does */
    m = (struct made_post){.id = DM, .channel = TOWN, .channel_type = "O", .root = BOB, .message = "two days"};
    posted(&p, 3, &m);
    want_all(&p, "");
    m = (struct made_post){.id = ME, .channel = TOWN, .channel_type = "O", .root = BOB, .message = "what do you say, @lippy?"};
    posted(&p, 4, &m);
    want(&p, "room=" TOWN "/" BOB);
    clear(&p);
    /* a group of people is a channel */
    m = (struct made_post){.id = POST3, .channel = TOWN, .channel_type = "G", .message = "hey lippy, hello"};
    posted(&p, 5, &m);
    want(&p, "room=" TOWN "/" POST3);
    finish(&p);
}

static void what_is_not_for_us(void **state) {
    (void)state;
    static const struct made_post all[] = {
        {.channel = TOWN, .channel_type = "O", .message = "good morning"},
        {.channel = TOWN, .channel_type = "O", .message = "@channel my lip twitches", .mentions = "[\"" ME "\"]"},
        {.channel = TOWN, .channel_type = "O", .message = "my lippy twitches"},
        {.user = ME, .message = "our own"},
        {.type = "system_join_channel", .message = "alice joined"},
        {.type = "custom_poll", .message = "lippy: vote"},
        {.props = "{\"from_bot\":\"true\"}"},
        {.props = "{\"from_bot\":true}"},
        {.props = "{\"from_webhook\":\"true\"}"},
        {.props = "{\"from_plugin\":true}"},
        {.message = "  \n "},
        {.message = "deleted", .delete_at = SERVER_MS},
    };
    struct play p = begin();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        posted(&p, (int)i + 1, &all[i]);
    edited(&p, 20, &(struct made_post){.message = "edited"});
    assert_int_equal(count(&p, "M "), 0);
    /* a person's "/me ...", and odd flags */
    posted(&p, 21, &(struct made_post){.type = "me", .message = "*waves*", .props = "{\"from_bot\":\"false\",\"from_webhook\":null}"});
    assert_int_equal(count(&p, "M "), 1);
    finish(&p);
}

/* Of somebody's newest words only. */
static void edits_are_corrections(void **state) {
    (void)state;
    struct play p = begin();
    posted(&p, 1, &(struct made_post){.id = POST1, .message = "my arm is fine"});
    posted(&p, 2, &(struct made_post){.id = POST2, .message = "my arm is not numb"});
    clear(&p);
    edited(&p, 3, &(struct made_post){.id = POST1, .message = "older words"});
    edited(&p, 4, &(struct made_post){.id = POST2, .message = " my arm is not numb"}); /* pinned, or a preview has come */
    edited(&p, 5, &(struct made_post){.id = POST2, .message = ""});
    edited(&p, 6, &(struct made_post){.id = POST3, .message = "never seen"});
    want_all(&p, "");
    for (int i = 0; i < 2; i++)
        edited(&p, 7, &(struct made_post){.id = POST2, .message = "my arm is numb", .edit_at = SERVER_MS});
    want(&p,
         "M who=" ALICE " room= to=d/" DM "//" ALICE " nick=alice aside= id=" POST2 "/1795519247000 addressed corrects: my arm is numb\n");
    assert_int_equal(count(&p, "M "), 1);
    posted(&p, 8, &(struct made_post){.id = TOWN, .channel = TOWN, .channel_type = "O", .message = "lippy: hi"});
    posted(&p, 9, &(struct made_post){.id = BOB, .channel = TOWN, .channel_type = "O", .root = TOWN, .message = "no"});
    clear(&p);
    edited(&p, 10, &(struct made_post){.id = BOB, .channel = TOWN, .root = TOWN, .message = "yes"});
    want(&p, "room=" TOWN "/" TOWN " to=c/" TOWN "/" TOWN "/" ALICE " nick=alice aside=" ALICE " id=" BOB "/0 corrects: yes\n");
    finish(&p);
}

static void every_message_once(void **state) {
    (void)state;
    struct play p = begin();
    for (int i = 1; i < 4; i++)
        posted(&p, i, &(struct made_post){0});
    assert_int_equal(count(&p, "M "), 1);
    close_it(&p);
    connect_it(&p, HELLO(OTHER_CONNECTION));
    posted(&p, 1, &(struct made_post){0});
    assert_int_equal(count(&p, "M "), 1);
    finish(&p);
}

static void somebody_too_fast(void **state) {
    (void)state;
    struct play p = begin();
    char id[MM_ID_SIZE];
    for (int i = 0; i < 3 * PACE_BURST; i++) {
        snprintf(id, sizeof id, "post%022d", i);
        posted(&p, i + 1, &(struct made_post){.id = id});
    }
    assert_int_equal(count(&p, "M who=" ALICE), PACE_BURST);
    assert_int_equal(count(&p, "N somebody writes faster than we answer"), 1);
    posted(&p, 3 * PACE_BURST + 1, &(struct made_post){.id = POST1, .user = BOB});
    assert_int_equal(count(&p, "M who=" BOB), 1);
    finish(&p);
}

static void names_that_are_none(void **state) {
    (void)state;
    struct play p = begin();
    posted(&p, 1, &(struct made_post){.sender = "@al\nice **x**", .channel = TOWN, .channel_type = "O", .message = "lippy hello"});
    want(&p, " nick= aside=");
    finish(&p);
}

static void a_talk_in_private_only(void **state) {
    (void)state;
    struct err e = {0};
    struct play p = {.now_ms = 1000};
    buf_init_heap(&p.log);
    p.c = make(STR("the-token"), STR_NONE, true, &e);
    connect_it(&p, HELLO(CONNECTION));
    posted(&p, 1, &(struct made_post){.channel = TOWN, .channel_type = "P", .message = "lippy hello"});
    want(&p, " addressed discreet: hello\n");
    finish(&p);
}

/* ---- reactions ---- */

static const struct str three[] = {STR_INIT("yes"), STR_INIT("no"), STR_INIT("not sure")};
#define SENT(id) "{\"id\":\"" id "\"}"

/* Asks, and answers the requests for the post and its reactions. */
static void ask(struct play *p, const char *to, const char *post, bool numbered) {
    struct chat_part part = {.text = STR("One side?"), .choices = three, .choice_count = 3, .numbered = numbered};
    char body[100];
    say_parts(p, to, post, &part, 1);
    snprintf(body, sizeof body, "{\"id\":\"%s\"}", post);
    answer(p, 201, body);
    for (int i = 0; i < 3 && numbered; i++)
        answer(p, 200, "{}");
    assert_int_equal(p->request_count, 0);
}

static void reactions_are_answers(void **state) {
    (void)state;
    struct play p = begin();
    ask(&p, "d/" DM "//" ALICE, POST2, true);
    want(&p, "One side?\\n1. yes\\n2. no\\n3. not sure");
    want(&p, "H POST /reactions {\"user_id\":\"" ME "\",\"post_id\":\"" POST2 "\",\"emoji_name\":\"one\"}\n");
    want(&p, "\"emoji_name\":\"three\"}\n");
    assert_int_equal(count(&p, "/reactions"), 3);
    clear(&p);
    reacted(&p, 1, ME, POST2, "one");
    reacted(&p, 2, BOB, POST2, "two");
    reacted(&p, 3, ALICE, POST2, "four");
    reacted(&p, 4, ALICE, POST2, "heart");
    reacted(&p, 5, ALICE, POST3, "one");
    assert_int_equal(count(&p, "M "), 0);
    reacted(&p, 6, ALICE, POST2, "three");
    want(&p, "M who=" ALICE " room= to=d/" DM "//" ALICE " nick= aside= id=" POST2 "/3 addressed: 3\n");
    reacted(&p, 7, ALICE, POST2, "one"); /* it has been answered */
    assert_int_equal(count(&p, "M "), 1);
    finish(&p);
}

static void an_older_question_is_closed(void **state) {
    (void)state;
    struct play p = begin();
    ask(&p, "d/" DM "//" ALICE, POST2, true);
    ask(&p, "d/" DM "/" POST1 "/" ALICE, POST3, true); /* in another thread of the same talk */
    reacted(&p, 1, ALICE, POST2, "one");
    assert_int_equal(count(&p, "M "), 0);
    reacted(&p, 2, ALICE, POST3, "one");
    assert_int_equal(count(&p, "M "), 1);
    ask(&p, "d/" DM "//" ALICE, POST1, true);
    say(&p, "d/" DM "//" ALICE, "That is all.");
    answer(&p, 201, SENT(POST2));
    reacted(&p, 3, ALICE, POST1, "one");
    assert_int_equal(count(&p, "M "), 1);
    ask(&p, "d/" DM "//" ALICE, POST1, false); /* no number picks one */
    reacted(&p, 4, ALICE, POST1, "one");
    assert_int_equal(count(&p, "M "), 1);
    finish(&p);
}

static void reactions_in_a_channel(void **state) {
    (void)state;
    struct play p = begin();
    ask(&p, "c/" TOWN "/" POST1 "/" ALICE, POST2, true);
    ask(&p, "c/" TOWN "/" POST1 "/" BOB, POST3, true); /* another person's talk */
    reacted(&p, 1, BOB, POST2, "two");
    assert_int_equal(count(&p, "M "), 0);
    reacted(&p, 2, ALICE, POST2, "two");
    want(&p,
         "M who=" ALICE " room=" TOWN "/" POST1 " to=c/" TOWN "/" POST1 "/" ALICE " nick= aside=" ALICE " id=" POST2 "/2 addressed: 2\n");
    finish(&p);
}

/* ---- catching up ---- */

static struct play begin_lost(void) {
    struct play p = begin();
    posted(&p, 1, &(struct made_post){.id = POST1});
    close_it(&p);
    connect_it(&p, HELLO(OTHER_CONNECTION));
    clear(&p);
    return p;
}

static void answer_posts(struct play *p, const struct made_post *posts, size_t count, const char *reactions) {
    cJSON *body = cJSON_CreateObject(), *order = cJSON_AddArrayToObject(body, "order"), *all = cJSON_AddObjectToObject(body, "posts");
    for (size_t i = 0; i < count; i++) {
        cJSON *post = made_post(&posts[i]);
        if (reactions)
            cJSON_AddItemToObject(cJSON_AddObjectToObject(post, "metadata"), "reactions", cJSON_Parse(reactions));
        cJSON_AddItemToArray(order, cJSON_CreateString(posts[i].id));
        cJSON_AddItemToObject(all, posts[i].id, post);
    }
    char *text = cJSON_PrintUnformatted(body);
    answer(p, 200, text);
    cJSON_free(text);
    cJSON_Delete(body);
}

#define CHANNELS                                                           \
    "[{\"id\":\"" DM "\",\"type\":\"D\",\"last_post_at\":1795519250000},"  \
    "{\"id\":\"" TOWN "\",\"type\":\"O\",\"last_post_at\":1795519249000}," \
    "{\"id\":\"" BOB "\",\"type\":\"O\",\"last_post_at\":1795519000000},{\"id\":\"../x\"},5]"

static void what_was_missed_is_fetched_in_order_and_once(void **state) {
    (void)state;
    struct play p = begin_lost();
    answer(&p, 200, CHANNELS);
    want_all(&p, "H GET /channels/" DM "/posts?since=1795519243000\n");
    static const struct made_post posts[] = {
        {.id = POST3, .message = "second", .create_at = SERVER_MS + 3000},
        {.id = POST2, .message = "first", .create_at = SERVER_MS + 2000},
        {.id = ALICE, .message = "old, changed since then", .create_at = SERVER_MS - 90000},
        {.id = BOB, .message = "gone", .create_at = SERVER_MS + 2500, .delete_at = SERVER_MS + 2600},
        {.id = POST1, .message = "handled before"},
    };
    answer_posts(&p, posts, 5, NULL);
    struct str log = buf_str(&p.log);
    assert_true(str_find(log, STR(": first\n")) < str_find(log, STR(": second\n")));
    assert_int_equal(count(&p, "M "), 2);
    want(&p, "M who=" ALICE " room= to=d/" DM "//" ALICE " nick=alice aside= id=" POST2 " addressed: first\n");
    want(&p, "H GET /channels/" TOWN "/posts?since=1795519243000\n");
    clear(&p);
    static const struct made_post more[] = {{.id = TOWN, .channel = TOWN, .message = "lippy: hello", .create_at = SERVER_MS + 2000},
                                            {.id = DM, .channel = TOWN, .message = "good morning", .create_at = SERVER_MS + 2000}};
    answer_posts(&p, more, 2, NULL);
    want(&p,
         "M who=" ALICE " room=" TOWN "/" TOWN " to=c/" TOWN "/" TOWN "/" ALICE " nick= aside=" ALICE " id=" TOWN " addressed: hello\n");
    assert_int_equal(count(&p, "M "), 1);
    assert_int_equal(p.request_count, 0);
    assert_int_equal(p.c->done_ms, SERVER_MS + 3000);
    posted(&p, 1, &posts[1]);
    assert_int_equal(count(&p, "M "), 1);
    finish(&p);
}

static void a_server_without_the_list(void **state) {
    (void)state;
    struct play p = begin();
    posted(&p, 1, &(struct made_post){.id = POST1});
    posted(&p, 2, &(struct made_post){.id = POST2, .channel = TOWN, .channel_type = "O", .message = "lippy hello"});
    posted(&p, 9, &(struct made_post){.id = POST3});
    clear(&p);
    answer(&p, 404, "{\"id\":\"api.context.404.app_error\"}");
    want_all(&p, "H GET /channels/" TOWN "/posts?since=1795519243000\n");
    answer(&p, 403, "{}"); /* we are no member any more */
    want_all(&p, "H GET /channels/" DM "/posts?since=1795519243000\n");
    answer_posts(&p, &(struct made_post){.id = BOB, .message = "missed"}, 1, NULL);
    want(&p, "to=d/" DM "//" ALICE);
    assert_int_equal(count(&p, "tried again"), 0);
    finish(&p);
}

static void failing_is_tried_again(void **state) {
    (void)state;
    for (int how = 0; how < 3; how++) {
        struct play p = begin_lost();
        if (how == 0) {
            answer(&p, 500, "");
        } else {
            answer(&p, 200, how == 1 ? "[{\"id\":\"" DM "\"}]" : "[");
            if (how == 1)
                answer(&p, 0, "");
        }
        want(&p, "N what was missed cannot be fetched; tried again in 30 s\n");
        clear(&p);
        int64_t done_ms = p.c->done_ms;
        posted(&p, 1, &(struct made_post){.id = POST3, .create_at = SERVER_MS + 9000});
        assert_int_equal(p.c->done_ms, done_ms);
        tick(&p, MM_CATCH_AGAIN_MS - 1);
        assert_int_equal(count(&p, "/users/me/channels"), 0);
        tick(&p, 1);
        want(&p, "H GET /users/me/channels\n");
        finish(&p);
    }
}

static void not_what_is_older_than_a_day(void **state) {
    (void)state;
    struct play p = begin_kept(STR("{\"version\":1,\"me\":\"" ME "\",\"connection\":\"\",\"seq\":0,\"done\":1700000000000}"));
    connect_it(&p, HELLO(CONNECTION));
    clear(&p);
    answer(&p, 200, "[{\"id\":\"" DM "\",\"type\":\"D\"}]");
    want_all(&p, "H GET /channels/" DM "/posts?since=1795432847000\n");
    finish(&p);
}

static void a_reaction_that_was_missed(void **state) {
    (void)state;
    struct play p = begin();
    ask(&p, "d/" DM "//" ALICE, POST2, true);
    posted(&p, 7, &(struct made_post){.id = POST3});
    clear(&p);
    answer(&p, 200, "[{\"id\":\"" DM "\",\"type\":\"D\"}]");
    answer_posts(&p, &(struct made_post){.id = POST2, .user = ME, .create_at = SERVER_MS - 90000}, 1,
                 "[{\"user_id\":\"" ME "\",\"post_id\":\"" POST2 "\",\"emoji_name\":\"one\"},{\"user_id\":\"" ALICE
                 "\",\"post_id\":\"" POST2 "\",\"emoji_name\":\"two\"}]");
    want(&p, " id=" POST2 "/2 addressed: 2\n");
    finish(&p);
}

static void odd_answers(void **state) {
    (void)state;
    static const char *const odd[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"order\":5,\"posts\":[]}",
                                      "{\"order\":[1,null,{},\"" POST2 "\",\"" POST3 "\"],\"posts\":{\"" POST3 "\":7}}",
                                      "{\"order\":[\"" POST2 "\"],\"posts\":{\"" POST2 "\":{\"id\":[],\"create_at\":1e300}}}",
                                      "{\"order\":[\"" POST2 "\"]}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct play p = begin_lost();
        answer(&p, 200, "[{\"id\":\"" DM "\",\"type\":{}}]");
        answer(&p, 200, odd[i]);
        assert_int_equal(count(&p, "M ") + count(&p, "X "), 0);
        finish(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_direct_message),
        cmocka_unit_test(a_channel),
        cmocka_unit_test(what_is_not_for_us),
        cmocka_unit_test(edits_are_corrections),
        cmocka_unit_test(every_message_once),
        cmocka_unit_test(somebody_too_fast),
        cmocka_unit_test(names_that_are_none),
        cmocka_unit_test(a_talk_in_private_only),
        cmocka_unit_test(reactions_are_answers),
        cmocka_unit_test(an_older_question_is_closed),
        cmocka_unit_test(reactions_in_a_channel),
        cmocka_unit_test(what_was_missed_is_fetched_in_order_and_once),
        cmocka_unit_test(a_server_without_the_list),
        cmocka_unit_test(failing_is_tried_again),
        cmocka_unit_test(not_what_is_older_than_a_day),
        cmocka_unit_test(a_reaction_that_was_missed),
        cmocka_unit_test(odd_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
