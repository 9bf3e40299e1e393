// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "accelerator_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_accelerator accelerator;
    fuzz_check(igq_accelerator_load(&accelerator, file.path, &error), &error);
    fuzz_close(file);
    return 0;
}
