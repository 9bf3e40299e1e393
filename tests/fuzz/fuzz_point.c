// SPDX-License-Identifier: Apache-2.0
// What lies in the folder of a sweep, read back: the input as the report of its first point, and as the error.txt of
// its last.
#include "../timing/sc_main.h"
#include "fuzz_seeds.h"
#include "point_run.h"
#include "sweep_inputs.h"
#include <sys/stat.h>

static igq_sweep sweep;
static igq_sweep_inputs inputs;
static igq_points points;
static char dir[256];
static int descriptor;

static void link_file(const igq_point *point, const char *name)
{
    char path[512], target[64];
    snprintf(target, sizeof target, "/proc/self/fd/%d", descriptor);
    snprintf(path, sizeof path, "%s/points", dir);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/points/%s", dir, point->id);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/points/%s/%s", dir, point->id, name);
    if (symlink(target, path) != 0)
        abort();
}

static void remove_folder(void)
{
    char command[512];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    if (system(command) != 0)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    igq_error error;
    if (igq_sweep_load(&sweep, fuzz_seed("sweep.yaml"), &error) != IGQ_OK ||
        igq_sweep_inputs_open(&inputs, &sweep, &error) != IGQ_OK ||
        igq_points_new(&points, &sweep, inputs.identity, &error) != IGQ_OK)
        return 1;
    snprintf(dir, sizeof dir, "/tmp/igq_fuzz_XXXXXX");
    if (mkdtemp(dir) == NULL || (descriptor = memfd_create("input", 0)) < 0)
        return 1;
    link_file(&points.point[0], "report.json");
    link_file(&points.point[points.num - 1], "error.txt");
    return atexit(remove_folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const igq_point_place place = {&sweep, &inputs, &points, dir};
    if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, data, size, 0) != (ssize_t)size)
        abort();
    for (int i = 0; i < points.num; i += points.num - 1) {
        igq_error error = {0};
        igq_point_answer answer = {0};
        fuzz_check(igq_point_read(&answer, &place, &points.point[i], &error), &error);
        if (answer.known && answer.status == IGQ_POINT_FAILED) {
            snprintf(error.message, sizeof error.message, "%s", answer.reason);
            fuzz_check(IGQ_USER_ERROR, &error);
        }
    }
    return 0;
}
