// SPDX-License-Identifier: Apache-2.0
// model.safetensors.index.json beside the weights of the small network.
#include "fuzz_seeds.h"
#include "tensor_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_tensor_store *store = NULL;
    char name[64];
    snprintf(name, sizeof name, "index-%d.json", (int)getpid());
    const char *path = fuzz_seed(name);
    if (symlink(file.path, path) != 0)
        abort();
    igq_status status = igq_tensor_store_open(&store, path, &error);
    fuzz_check(status, &error);
    for (int i = 0; status == IGQ_OK && i < igq_tensor_store_num(store); i++) {
        const float *values;
        fuzz_check(igq_tensor_store_floats(&values, store, i, &error), &error);
    }
    igq_tensor_store_close(store);
    unlink(path);
    fuzz_close(file);
    return 0;
}
