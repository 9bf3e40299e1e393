// SPDX-License-Identifier: Apache-2.0
#include "calibration_file.h"
#include "fuzz_seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_calibration *calibration = NULL;
    fuzz_check(igq_calibration_load(&calibration, file.path, fuzz_workload("network.yaml"), &error), &error);
    igq_calibration_free(calibration);
    fuzz_close(file);
    return 0;
}
