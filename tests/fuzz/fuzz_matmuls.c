// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "matmul_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_matmuls matmuls = {0};
    fuzz_check(igq_matmuls_load_csv(&matmuls, file.path, &error), &error);
    free(matmuls.item);
    matmuls = (igq_matmuls){0};
    fuzz_check(igq_matmuls_load_yaml(&matmuls, file.path, &error), &error);
    free(matmuls.item);
    fuzz_close(file);
    return 0;
}
