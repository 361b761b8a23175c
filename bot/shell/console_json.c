#include "engine/record.h"
#include "shell/console.h"
#include "shell/lines.h"

static void put_record(struct engine *e, unsigned number, const struct str *text, const struct engine_reply *replies,
                       size_t count) {
    struct str record = record_turn(e, number, text, replies, count);
    fwrite(record.ptr, 1, record.len, stdout);
    putchar('\n');
    fflush(stdout);
}

int console_json(struct engine *e, const struct clock_source *clock) {
    static const struct engine_from program = {
        .platform = STR_INIT("console"), .who = STR_INIT("program"), .addressed = true};
    struct lines lines = {.stream = stdin};
    const struct engine_reply *replies;
    unsigned number = 0;
    size_t count = engine_greet(e, &program, clock_now_ms(clock), &replies);
    put_record(e, number++, NULL, replies, count);
    struct str line;
    while (lines_next(&lines, &line) == LINE_OK) {
        count = engine_message(e, &program, line, clock_now_ms(clock), &replies);
        put_record(e, number++, &line, replies, count);
    }
    lines_finish(&lines);
    return 0;
}
