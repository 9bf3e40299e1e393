// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_safetensors *tensors = NULL;
    igq_status status = igq_safetensors_open(&tensors, file.path, &error);
    fuzz_check(status, &error);
    for (int i = 0; status == IGQ_OK && i < igq_safetensors_num(tensors); i++) {
        const float *values;
        fuzz_check(igq_safetensors_floats(&values, tensors, igq_safetensors_at(tensors, i), &error), &error);
    }
    igq_safetensors_close(tensors);
    fuzz_close(file);
    return 0;
}
