// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    static char *names[] = {"a.png", "b.jpg"};
    const igq_image_list images = {.path = names, .num = 2};
    int label[2];
    fuzz_check(igq_labels_load(label, file.path, &images, 10, &error), &error);
    fuzz_close(file);
    return 0;
}
