#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "dialog/load.h"

void problems_init(struct problems *p) { *p = (struct problems){0}; }

void problems_finish(struct problems *p) {
    if (!p)
        return;
    arena_finish(&p->arena);
    *p = (struct problems){0};
}

static struct str print(struct arena *a, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *text = len < 0 ? NULL : ARENA_ARRAY(a, char, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text ? (struct str){text, (size_t)len} : STR_NONE;
}

void problems_add(struct problems *p, struct str file, unsigned line, unsigned column, const char *format, ...) {
    if (!p->items && p->left_out == 0) {
        arena_init(&p->arena, 0);
        p->items = ARENA_ARRAY(&p->arena, struct problem, LOAD_PROBLEMS_MAX);
    }
    if (!p->items || p->count == LOAD_PROBLEMS_MAX) {
        p->left_out++;
        return;
    }
    va_list args;
    va_start(args, format);
    struct str message = print(&p->arena, format, args);
    va_end(args);
    p->items[p->count++] = (struct problem){arena_copy(&p->arena, file), line, column, message};
}

/* By place; then by what they say, so that the order never depends on the machine. */
static int by_place(const void *a, const void *b) {
    const struct problem *x = a, *y = b;
    int order = str_compare(x->file, y->file);
    if (order == 0)
        order = (x->line > y->line) - (x->line < y->line);
    if (order == 0)
        order = (x->column > y->column) - (x->column < y->column);
    return order ? order : str_compare(x->message, y->message);
}

void problems_sort(struct problems *p) {
    if (p->count > 1)
        qsort(p->items, p->count, sizeof *p->items, by_place);
}
