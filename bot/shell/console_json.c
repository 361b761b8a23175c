#include "engine/record.h"
#include "shell/console.h"
#include "shell/lines.h"
#include "shell/output.h"

static void put_record(struct engine *e, unsigned number, const struct str *text, const struct engine_reply *replies,
                       size_t count) {
    struct str record = record_turn(e, number, text, replies, count);
    if (record.len == 0)
        record = STR("{\"error\":\"no memory for this record\"}");
    fwrite(record.ptr, 1, record.len, stdout);
    putchar('\n');
}

bool console_json(struct engine *e, const struct clock_source *clock) {
    static const struct engine_from program = {
        .platform = STR_INIT("console"), .who = STR_INIT("program"), .addressed = true};
    struct lines lines = {.stream = stdin};
    const struct engine_reply *replies;
    unsigned number = 0;
    size_t count = engine_greet(e, &program, clock_now_ms(clock), &replies);
    put_record(e, number++, NULL, replies, count);
    struct str line;
    while (output_flush() && lines_next(&lines, &line) == LINE_OK) {
        count = engine_message(e, &program, line, clock_now_ms(clock), &replies);
        put_record(e, number++, &line, replies, count);
    }
    return lines_finish(&lines);
}
