// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "share.h"
#include "file.h"
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *folder, *ending;
} places[IGQ_INPUT_COUNT] = {
    [IGQ_INPUT_ACCELERATOR] = {"configs/accelerators", "yaml"},
    [IGQ_INPUT_WORKLOAD] = {"configs/workloads", "yaml"},
    [IGQ_INPUT_CALIBRATION] = {"configs/calibration", "yaml"},
    [IGQ_INPUT_TECHNOLOGY] = {"configs/technologies", "yaml"},
    [IGQ_INPUT_TRACE] = {"traces", "safetensors"},
};

// Path of the program or of the shared library that this function is in, new.
static char *own_path(void)
{
    Dl_info info;
    if (dladdr(places, &info) != 0 && strstr(info.dli_fname, ".so") != NULL)
        return realpath(info.dli_fname, NULL);
    return realpath("/proc/self/exe", NULL);
}

static char *joined(const char *format, const char *a, const char *b, const char *c, const char *d)
{
    char *text;
    return asprintf(&text, format, a, b, c, d) >= 0 ? text : NULL;
}

// The folder `dir`, resolved, if machines lie in it.
static char *with_machines(const char *dir)
{
    char *machines = joined("%s/%s%s%s", dir, places[IGQ_INPUT_ACCELERATOR].folder, "", ""), *found = NULL;
    if (machines != NULL && igq_file_exists(machines))
        found = realpath(dir, NULL);
    free(machines);
    return found;
}

char *igq_share_dir(void)
{
    // From the folder of the program or library; a Debian library lies one folder deeper, a test two below its tree.
    static const char *const from_own[] = {"../share/igqsim", "../../share/igqsim", "..", "../..", "../../.."};
    const char *named = getenv("IGQSIM_SHARE");
    if (named != NULL)
        return with_machines(named);
    char *own = own_path(), *found = NULL, *slash = own != NULL ? strrchr(own, '/') : NULL;
    if (slash != NULL)
        *slash = '\0';
    static const char *const systems[] = {"/usr/local/share/igqsim", "/usr/share/igqsim"};
    for (size_t i = 0; slash != NULL && found == NULL && i < sizeof from_own / sizeof *from_own; i++) {
        char *dir = joined("%s/%s%s%s", own, from_own[i], "", "");
        found = dir != NULL ? with_machines(dir) : NULL;
        free(dir);
    }
    for (size_t i = 0; found == NULL && i < sizeof systems / sizeof *systems; i++)
        found = with_machines(systems[i]);
    free(own);
    return found;
}

igq_status igq_find_input(char **found, igq_input_kind kind, const char *name, igq_error *error)
{
    *found = NULL;
    if (*name != '\0' && strpbrk(name, "/.") == NULL && !igq_file_exists(name)) {
        char *dir = igq_share_dir();
        *found = dir != NULL ? joined("%s/%s/%s.%s", dir, places[kind].folder, name, places[kind].ending) : NULL;
        free(dir);
        if (*found != NULL && !igq_file_exists(*found)) {
            free(*found);
            *found = NULL;
        }
    }
    if (*found == NULL)
        *found = strdup(name);
    return *found != NULL ? IGQ_OK : igq_out_of_memory(error);
}
