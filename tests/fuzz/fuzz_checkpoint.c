// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "checkpoint.h"
#include "workload_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_workload workload;
    if (igq_workload_load(&workload, getenv("IGQ_FUZZ_WORKLOAD"), &error) != IGQ_OK)
        abort();
    igq_checkpoint *checkpoint = NULL;
    fuzz_check(igq_checkpoint_open(&checkpoint, file.path, &workload.shape, &error), &error);
    igq_checkpoint_close(checkpoint);
    fuzz_close(file);
    return 0;
}
