// SPDX-License-Identifier: Apache-2.0
// fuzz_seeds.h - what harnesses read besides their input: the small network and its files, which tools/fuzz.sh makes in
// the folder $IGQ_FUZZ_SEEDS. Read once, and kept until the process ends.
#ifndef IGQ_FUZZ_SEEDS_H
#define IGQ_FUZZ_SEEDS_H
#include "fuzz.h"
#include "run.h"
#include "accelerator_file.h"

// A file of the folder. The text lives until the fourth call after this one.
static inline const char *fuzz_seed(const char *name)
{
    static char paths[4][1024];
    static int next;
    const char *dir = getenv("IGQ_FUZZ_SEEDS");
    char *path = paths[next++ % 4];
    if (dir == NULL)
        abort();
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static inline const igq_workload *fuzz_workload(const char *name)
{
    static igq_workload workload;
    igq_error error;
    if (workload.name[0] == '\0' && igq_workload_load(&workload, fuzz_seed(name), &error) != IGQ_OK)
        abort();
    return &workload;
}

static inline const igq_accelerator *fuzz_accelerator(void)
{
    static igq_accelerator accelerator;
    igq_error error;
    if (accelerator.clock_mhz == 0 && igq_accelerator_load(&accelerator, fuzz_seed("machine.yaml"), &error) != IGQ_OK)
        abort();
    return &accelerator;
}

// A run of that workload on the machine of the seeds, on shapes as it stands.
static inline igq_run_request fuzz_request(const char *workload)
{
    static const char digits[] = "0000000000000000000000000000000000000000000000000000000000000000";
    static igq_input_file files[] = {{.role = "accelerator", .path = "machine"},
                                     {.role = "workload", .path = "network"}};
    for (int i = 0; i < 2; i++)
        memcpy(files[i].sha256, digits, sizeof files[i].sha256);
    return (igq_run_request){
        .accelerator_path = "machine",
        .workload_path = "network",
        .num_jobs = 1,
        .loaded = {
            .accelerator = fuzz_accelerator(), .workload = fuzz_workload(workload), .file = files, .num_files = 2}};
}

#endif
