// SPDX-License-Identifier: Apache-2.0
// A machine in two files: up to the first byte 1 the file, which says what it is based on, then that one.
#include "accelerator_file.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *cut = memchr(data, 1, size);
    size_t first = cut ? (size_t)(cut - data) : size, second = cut ? size - first - 1 : 0;
    fuzz_file base = fuzz_open(data + size - second, second);
    char *text = malloc(first + 128);
    int head = snprintf(text, 128, "base: %s\n", base.path);
    memcpy(text + head, data, first);
    fuzz_file file = fuzz_open((const uint8_t *)text, (size_t)head + first);
    igq_error error = {0};
    igq_accelerator accelerator;
    igq_base_list bases;
    fuzz_check(igq_accelerator_load(&accelerator, file.path, &error), &error);
    fuzz_check(igq_base_list_open(&bases, file.path, &error), &error);
    igq_base_list_free(&bases);
    free(text);
    fuzz_close(file);
    fuzz_close(base);
    return 0;
}
