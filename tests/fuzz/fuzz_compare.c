// SPDX-License-Identifier: Apache-2.0
#include "../timing/sc_main.h"
#include "fuzz.h"
#include "report.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) // tables of accepted reports are not looked at
{
    (void)argc;
    (void)argv;
    return freopen("/dev/null", "w", stdout) ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    const char *paths[] = {file.path, file.path};
    fuzz_check(igq_compare(paths, 2, NULL, &error), &error);
    fuzz_close(file);
    return 0;
}
