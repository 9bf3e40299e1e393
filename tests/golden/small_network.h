// SPDX-License-Identifier: Apache-2.0
// small_network.h - a network of random weights with images of noise, for tests that execute images without the shared
// weights. $IGQSIM_RANDOM_NETWORK (set by ctest) makes them.
#ifndef IGQ_SMALL_NETWORK_H
#define IGQ_SMALL_NETWORK_H
#include "cli.h"
#include <stdarg.h>
#include "../suite.h"

#define SMALL_NETWORK_GROUPS 4

static cli_result result;

// Runs a shell command of the test itself.
static inline void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void shell(const char *format, ...)
{
    char command[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    ck_assert_msg(system(command) == 0, "failed: %s", command);
}

// igqsim with these arguments, in which %s stands for the test's folder.
static inline void igqsim(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void igqsim(const char *format, ...)
{
    char arguments[8192];
    va_list values;
    va_start(values, format);
    vsnprintf(arguments, sizeof arguments, format, values);
    va_end(values);
    cli_run(&result, arguments);
}

static inline void accepted(void)
{
    ck_assert_msg(result.status == 0, "%s", result.output);
}

static inline void refused(const char *word, const char *other_word)
{
    ck_assert_msg(result.status == 1, "exit status %d, said: %s", result.status, result.output);
    ck_assert_msg(strstr(result.output, word) && strstr(result.output, other_word), "'%s' and '%s' are not in: %s",
                  word, other_word, result.output);
}

// In the folder NAME of the test: network.yaml, which is deit_tiny.yaml with these changes (sed), weights.safetensors
// under timm's or Hugging Face's names, and images/.
static inline void make_network_of(const char *changes, const char *name, const char *dialect, int num_images)
{
    const char *dir = cli_dir(), *maker = getenv("IGQSIM_RANDOM_NETWORK");
    shell("mkdir -p %s/%s/images && sed %s configs/workloads/deit_tiny.yaml >%s/%s/network.yaml", dir, name, changes,
          dir, name);
    shell("%s %s/%s/network.yaml %s/%s %s %d && mv %s/%s/*.png %s/%s/images/",
          maker ? maker : "build/tests/bench/random_network", dir, name, dir, name, dialect, num_images, dir, name, dir,
          name);
}

static inline void make_network(const char *name, const char *dialect, int prefix_tokens, int num_images)
{
    char changes[512];
    snprintf(changes, sizeof changes,
             "-e 's/image_size: 224/image_size: 48/' -e 's/patch_size: 16/patch_size: 8/' -e 's/dim: 192/dim: 48/' "
             "-e 's/depth: 12/depth: 3/' -e 's/mlp_dim: 768/mlp_dim: 96/' -e 's/classes: 1000/classes: 10/' "
             "-e 's/prefix_tokens: 1/prefix_tokens: %d/'",
             prefix_tokens);
    make_network_of(changes, name, dialect, num_images);
}

// One block of everything that a network has, for tests that run it very often.
static inline void make_least_network(const char *name)
{
    make_network_of(
        "-e 's/image_size: 224/image_size: 16/' -e 's/patch_size: 16/patch_size: 8/' -e 's/dim: 192/dim: 8/' "
        "-e 's/heads: 3/heads: 2/' -e 's/depth: 12/depth: 1/' -e 's/mlp_dim: 768/mlp_dim: 8/' "
        "-e 's/classes: 1000/classes: 3/'",
        name, "timm", 2);
}

static inline void calibrate_network(const char *name)
{
    igqsim("calibrate -w %s/%s/network.yaml --weights %s/%s/weights.safetensors --images %s/%s/images --groups %d -o "
           "%s/%s/calibration.yaml",
           cli_dir(), name, cli_dir(), name, cli_dir(), name, SMALL_NETWORK_GROUPS, cli_dir(), name);
    accepted();
}

// The arguments of a run on all images of the network.
static inline const char *run_arguments(const char *name, const char *machine, const char *options, const char *output)
{
    static char arguments[4096];
    const char *dir = cli_dir();
    snprintf(arguments, sizeof arguments,
             "run -a configs/accelerators/%s.yaml -w %s/%s/network.yaml -c %s/%s/calibration.yaml --weights "
             "%s/%s/weights.safetensors --images %s/%s/images %s -o %s/%s",
             machine, dir, name, dir, name, dir, name, dir, name, options, dir, output);
    return arguments;
}

static inline void run_network(const char *name, const char *machine, const char *options, const char *output)
{
    cli_run(&result, run_arguments(name, machine, options, output));
}

static inline const char *test_path(const char *name)
{
    static char paths[4][1024];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", cli_dir(), name);
    return path;
}

#endif
