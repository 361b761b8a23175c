#include "test.h"

#include "core/siphash.h"

/* From the vectors of the authors' reference implementation: key 00 01 .. 0f, data 00 01 .. of each length. */
static const struct vector {
    size_t len;
    uint64_t hash;
} vectors[] = {
    {0, UINT64_C(0x726fdb47dd0e0e31)}, {1, UINT64_C(0x74f839c593dc67fd)}, {2, UINT64_C(0x0d6c8009d9a94f5a)},
    {7, UINT64_C(0xab0200f58b01d137)}, {8, UINT64_C(0x93f5f5799a932462)}, {15, UINT64_C(0xa129ca6149be45e5)},
};

static void it_is_the_published_function(void **state) {
    (void)state;
    unsigned char key[16], data[16];
    for (unsigned char i = 0; i < 16; i++)
        key[i] = data[i] = i;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint64_t hash = siphash(key, (struct str){(const char *)data, vectors[i].len});
        if (hash != vectors[i].hash)
            fail_msg("%zu bytes give %016llx", vectors[i].len, (unsigned long long)hash);
    }
    assert_true(siphash(key, STR_NONE) == vectors[0].hash);
}

static void the_key_counts(void **state) {
    (void)state;
    unsigned char key[16] = {0};
    uint64_t before = siphash(key, STR("lippy"));
    for (size_t i = 0; i < 16; i++) {
        key[i] = 1;
        assert_true(siphash(key, STR("lippy")) != before);
        key[i] = 0;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_published_function),
        cmocka_unit_test(the_key_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
