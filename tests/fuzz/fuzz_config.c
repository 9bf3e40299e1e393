// SPDX-License-Identifier: Apache-2.0
// config.json of a Hugging Face folder, as a workload; it is read by its ending.
#include "fuzz_seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_workload workload;
    char name[64];
    snprintf(name, sizeof name, "config-%d.json", (int)getpid());
    const char *path = fuzz_seed(name);
    if (symlink(file.path, path) != 0)
        abort();
    igq_status status = igq_workload_load(&workload, path, &error);
    fuzz_check(status, &error);
    if (status == IGQ_OK)
        igq_network_free(igq_workload_network(&workload));
    igq_workload_free(&workload);
    unlink(path);
    fuzz_close(file);
    return 0;
}
