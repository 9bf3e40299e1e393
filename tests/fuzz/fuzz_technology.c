// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "technology_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_technology technology;
    fuzz_check(igq_technology_load(&technology, file.path, &error), &error);
    fuzz_close(file);
    return 0;
}
