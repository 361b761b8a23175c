/* Holds a platform's table to "all members are required". */
#ifndef CHAT_OPS_ASSERT_H
#define CHAT_OPS_ASSERT_H

#include "test.h"

#include "chat/chat.h"

static inline void chat_ops_assert(const struct chat_ops *ops) {
    assert_non_null(ops->name);
    assert_true(ops->name[0] != '\0');
    assert_true(ops->keys && ops->make && ops->tick && ops->next && ops->say && ops->quit && ops->free);
    if (ops->server)
        assert_true(ops->server->place && ops->server->arrived && ops->server->requested && ops->server->feed && ops->server->left);
    else
        assert_true(ops->dial && ops->opened && ops->feed && ops->closed && ops->answered);
    ops->free(NULL);
    size_t keys = 0;
    while (ops->keys[keys].name)
        keys++;
    assert_true(keys < CHAT_KEYS_MAX);
}

#endif
