// SPDX-License-Identifier: Apache-2.0
#include "fuzz.h"
#include "calibration_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_workload workload;
    igq_calibration *calibration = NULL;
    if (igq_workload_load(&workload, getenv("IGQ_FUZZ_WORKLOAD"), &error) != IGQ_OK)
        abort();
    fuzz_check(igq_calibration_load(&calibration, file.path, &workload, &error), &error);
    igq_calibration_free(calibration);
    fuzz_close(file);
    return 0;
}
