// SPDX-License-Identifier: Apache-2.0
// cli.h - runs the igqsim binary as a user would and looks at what it says. The binary is $IGQSIM_BINARY (set by
// ctest).
#ifndef IGQ_TEST_CLI_H
#define IGQ_TEST_CLI_H
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct cli_result {
    int status;         // exit status, -1 if it was killed
    char output[65536]; // standard output and standard error together, cut off there
} cli_result;

// Runs `igqsim ARGUMENTS` through the shell, from the root of the tree.
static inline void cli_run(cli_result *result, const char *arguments)
{
    char command[16384];
    const char *binary = getenv("IGQSIM_BINARY");
    snprintf(command, sizeof command, "%s %s 2>&1", binary ? binary : "build/igqsim", arguments);
    FILE *pipe = popen(command, "r");
    size_t used = pipe ? fread(result->output, 1, sizeof result->output - 1, pipe) : 0;
    result->output[used] = '\0';
    int status = pipe ? pclose(pipe) : -1;
    result->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A folder of this process's own under $TMPDIR or /tmp; the same one every time. Removed by cli_remove_dir.
static inline const char *cli_dir(void)
{
    static char dir[256];
    if (!dir[0]) {
        const char *base = getenv("TMPDIR");
        snprintf(dir, sizeof dir, "%s/igqsim-test-XXXXXX", base ? base : "/tmp");
        if (!mkdtemp(dir))
            abort();
    }
    return dir;
}

static inline void cli_remove_dir(void)
{
    char command[512];
    snprintf(command, sizeof command, "rm -rf '%s'", cli_dir());
    if (system(command) != 0)
        abort();
}

static inline char *cli_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    long bytes = ftell(file);
    rewind(file);
    char *data = malloc((size_t)bytes + 1);
    if (!data || fread(data, 1, (size_t)bytes, file) != (size_t)bytes)
        abort();
    data[bytes] = '\0';
    fclose(file);
    if (size)
        *size = (size_t)bytes;
    return data;
}

static inline void cli_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
}

static inline int cli_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

// 1 if both files exist and hold the same bytes.
static inline int cli_same_bytes(const char *path_a, const char *path_b)
{
    size_t size_a = 0, size_b = 0;
    char *a = cli_read(path_a, &size_a), *b = cli_read(path_b, &size_b);
    int same = a && b && size_a == size_b && memcmp(a, b, size_a) == 0;
    free(a);
    free(b);
    return same;
}

// Where the shared weights and photos are, NULL if nowhere: $IGQSIM_DATA, else ../shared/data.
static inline const char *cli_data(void)
{
    const char *data = getenv("IGQSIM_DATA");
    if (!data)
        data = "../shared/data";
    char path[4096];
    snprintf(path, sizeof path, "%s/deit_tiny/model.safetensors", data);
    return cli_exists(path) ? data : NULL;
}

#endif
