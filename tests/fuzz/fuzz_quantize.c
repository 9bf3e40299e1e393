// SPDX-License-Identifier: Apache-2.0
// Tensors of a file, coded in each format.
#include "accelerator_file.h"
#include "coded_tensor.h"
#include "fuzz.h"

static void code(igq_safetensors *file, const char *scheme, int bits)
{
    igq_error error = {0};
    igq_scheme_cfg cfg;
    igq_string_list none = {0};
    if (igq_number_format_load(&cfg, scheme, &none, &error) != IGQ_OK)
        abort();
    for (int i = 0; i < igq_safetensors_num(file); i++) {
        const igq_tensor *tensor = igq_safetensors_at(file, i);
        const float *x;
        igq_coded_tensor coded = {0};
        igq_status status = igq_safetensors_floats(&x, file, tensor, &error);
        if (status == IGQ_OK)
            status = igq_coded_tensor_make(&coded, tensor, x, &cfg, bits, &error);
        fuzz_check(status, &error);
        igq_coded_tensor_free(&coded);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const schemes[] = {"vsquant", "mx", "nvfp4", "bfp", "tender"};
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_safetensors *tensors = NULL;
    igq_status status = igq_safetensors_open(&tensors, file.path, &error);
    fuzz_check(status, &error);
    for (int i = 0; status == IGQ_OK && i < 5; i++)
        code(tensors, schemes[i], 2 + (int)(size % 7));
    igq_safetensors_close(tensors);
    fuzz_close(file);
    return 0;
}
