// SPDX-License-Identifier: Apache-2.0
// Settings of the command line, a line each, over a machine; what is accepted runs a small network.
#include "../timing/sc_main.h"
#include "fuzz_seeds.h"
#include "options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MAX_SETS = 32 };
    char *text = malloc(size + 1);
    const char *word[MAX_SETS];
    igq_string_list sets = {.items = word};
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *rest = text, *line; sets.num < MAX_SETS && (line = strsep(&rest, "\n")) != NULL;)
        word[sets.num++] = line;

    igq_error error = {0};
    igq_accelerator accelerator;
    igq_run_result *result = NULL;
    igq_run_request request = fuzz_request("network.yaml");
    igq_status status = igq_words_check(sets.num, word, &error); // the program does so before all else
    if (status == IGQ_OK)
        status = igq_accelerator_load_with(&accelerator, fuzz_seed("machine.yaml"), &sets, NULL, &error);
    fuzz_check(status, &error);
    if (status == IGQ_OK) {
        request.loaded.accelerator = &accelerator;
        fuzz_check(igq_simulate(&result, &request, &error), &error);
        igq_run_result_free(result);
    }
    free(text);
    return 0;
}
