// SPDX-License-Identifier: Apache-2.0
// Tensors for the inputs of an ONNX network, which is executed on them.
#include "../timing/sc_main.h"
#include "fuzz_seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_run_request request = fuzz_request("attention.onnx");
    igq_run_result *result = NULL;
    request.inputs_path = file.path;
    fuzz_check(igq_simulate(&result, &request, &error), &error);
    igq_run_result_free(result);
    fuzz_close(file);
    return 0;
}
