#include "dialog/load.h"
#include "dialog/yaml.h"

/* Which folders a dialog builds on: asked before the dialog is loaded, so that the shell can read them too. */

struct uses {
    struct dialog_use *items;
    size_t count;
    struct problems *problems;
};

static bool is_settings_file(struct str name) {
    struct str head = STR("dialog");
    if (name.len <= head.len || !str_equal(str_slice(name, 0, head.len), head))
        return false;
    return name.ptr[head.len] == '.' || name.ptr[head.len] == '-';
}

static void complain(struct uses *u, const struct node *at, const char *what) {
    problems_add(u->problems, at->file->name, at->line, at->column, "%s", what);
}

static void add_use(struct uses *u, const struct node *n, struct arena *a) {
    struct str folder = n->kind == NODE_TEXT ? str_trim(n->text) : STR_NONE;
    while (folder.len > 1 && folder.ptr[folder.len - 1] == '/')
        folder.len--;
    if (folder.len == 0 || folder.ptr[0] == '/') {
        complain(u, n, "a folder is named by its way from here, such as \"../english\"");
        return;
    }
    for (size_t i = 0; i < u->count; i++)
        if (str_equal(u->items[i].folder, folder)) {
            complain(u, n, "this folder is in the list twice");
            return;
        }
    if (u->count == LOAD_USES_MAX) {
        complain(u, n, "a dialog builds on at most 4 folders");
        return;
    }
    u->items[u->count] = (struct dialog_use){arena_copy(a, folder), n->file->name, n->line, n->column};
    if (u->items[u->count].folder.ptr)
        u->count++;
}

static void read_uses(struct uses *u, const struct node *list, struct arena *a) {
    if (list->kind != NODE_LIST) {
        complain(u, list, "\"uses\" is a list of folders, such as [../english]");
        return;
    }
    for (const struct node *m = list->first; m; m = m->next)
        add_use(u, m, a);
}

bool dialog_uses(const struct dialog_file *files, size_t count, struct arena *a, struct dialog_use *uses,
                 size_t *use_count, struct problems *problems) {
    struct uses u = {.items = uses, .problems = problems};
    struct problems told_later; /* by dialog_load(), with those of the other files */
    size_t before = problems->count + problems->left_out;
    problems_init(&told_later);
    for (size_t i = 0; i < count; i++) {
        const struct node *root = is_settings_file(files[i].name) ? yaml_read(&files[i], a, &told_later) : NULL;
        for (const struct node *m = root && root->kind == NODE_MAP ? root->first : NULL; m; m = m->next)
            if (str_equal(m->key->text, STR("uses")))
                read_uses(&u, m, a);
    }
    problems_finish(&told_later);
    *use_count = u.count;
    return problems->count + problems->left_out == before;
}
