// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "workload_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_workload workload;
    igq_status status = igq_workload_load(&workload, file.path, &error);
    fuzz_check(status, &error);
    if (status == IGQ_OK)
        igq_network_free(igq_workload_network(&workload));
    fuzz_close(file);
    return 0;
}
