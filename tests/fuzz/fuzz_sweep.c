// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "sweep_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_sweep sweep;
    fuzz_check(igq_sweep_load(&sweep, file.path, &error), &error);
    igq_sweep_free(&sweep);
    fuzz_close(file);
    return 0;
}
