// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    enum { SIDE = 32 };
    static float image[3 * SIDE * SIDE];
    const igq_preprocess preprocess = {.crop_pct = 0.9, .mean = {0.5, 0.5, 0.5}, .std = {0.5, 0.5, 0.5}};
    fuzz_check(igq_image_load(image, file.path, SIDE, SIDE, &preprocess, &error), &error);
    fuzz_close(file);
    return 0;
}
