// SPDX-License-Identifier: Apache-2.0
#include "fuzz_seeds.h"
#include "trace_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_trace *trace = NULL;
    fuzz_check(igq_trace_open(&trace, file.path, fuzz_workload("network.yaml"), &error), &error);
    igq_trace_close(trace);
    fuzz_close(file);
    return 0;
}
