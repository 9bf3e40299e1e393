// SPDX-License-Identifier: Apache-2.0
#include "checkpoint.h"
#include "fuzz_seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_checkpoint *checkpoint = NULL;
    fuzz_check(igq_checkpoint_open(&checkpoint, file.path, &fuzz_workload("network.yaml")->shape, &error), &error);
    igq_checkpoint_close(checkpoint);
    fuzz_close(file);
    return 0;
}
