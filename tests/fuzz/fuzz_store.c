// SPDX-License-Identifier: Apache-2.0
// The file that a sweep keeps its answers in, as a killed or damaged one left it.
#include "fuzz.h"
#include "store_file.h"
#include "../timing/sc_main.h"

static igq_status take(void *context, const char *id, const igq_point_answer *answer, igq_error *error)
{
    (void)context;
    (void)error;
    if (id[0] == '\0' || !answer->known) // rows that are not whole are passed over
        abort();
    return IGQ_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    fuzz_check(igq_answers_each(file.path, take, NULL, &error), &error);
    fuzz_close(file);
    return 0;
}
