// SPDX-License-Identifier: Apache-2.0
// A saved report: energy of what it says was done (run --from), without files.
#include "../timing/sc_main.h"
#include "activity.h"
#include "costs.h"
#include "fuzz_seeds.h"
#include "json_file.h"
#include "run_outputs.h"
#include "technology_file.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) // tables are not looked at
{
    (void)argc;
    (void)argv;
    return freopen("/dev/null", "w", stdout) ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static igq_technology technology;
    static igq_run_outputs outputs = {.technology = &technology};
    fuzz_file file = fuzz_open(data, size);
    igq_error error = {0};
    igq_activity activity = {0};
    igq_costs costs = {0};
    json_t *report = NULL;
    if (outputs.technology_path == NULL) {
        outputs.technology_path = "technology.yaml";
        if (igq_technology_load(&technology, fuzz_seed("technology.yaml"), &error) != IGQ_OK)
            abort();
    }
    igq_status status = igq_json_read(&report, file.path, "a report", &error);
    if (status == IGQ_OK)
        status = igq_activity_read(&activity, report, &error);
    if (status == IGQ_OK)
        status = igq_run_finish(report, &costs, &activity, &outputs, NULL, 0, &error);
    fuzz_check(status, &error);
    igq_activity_free(&activity);
    igq_costs_free(&costs);
    json_decref(report);
    fuzz_close(file);
    return 0;
}
