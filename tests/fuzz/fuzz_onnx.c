// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "onnx_file.h"
#include "products.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    igq_error error = {0};
    igq_onnx onnx;
    igq_status status = igq_onnx_parse(&onnx, data, size, "fuzzed.onnx", NULL, &error);
    fuzz_check(status, &error);
    if (status == IGQ_OK)
        igq_products_free(igq_products_of(onnx.graph));
    igq_onnx_close(&onnx);
    return 0;
}
