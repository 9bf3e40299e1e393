// SPDX-License-Identifier: Apache-2.0
// fuzz.h - what the harnesses share. A harness gives the bytes of libFuzzer to one loader, as a file that lies in
// memory; whatever they are, the loader must come back, with a status and a message.
#ifndef IGQ_FUZZ_H
#define IGQ_FUZZ_H
#include "error.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct fuzz_file {
    int descriptor;
    char path[64];
} fuzz_file;

static inline fuzz_file fuzz_open(const uint8_t *data, size_t size)
{
    fuzz_file file = {.descriptor = memfd_create("input", 0)};
    if (file.descriptor < 0 || write(file.descriptor, data, size) != (ssize_t)size)
        abort();
    snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.descriptor);
    return file;
}

static inline void fuzz_close(fuzz_file file)
{
    close(file.descriptor);
}

// A refusal says something: one line, or a line for each fault, all printable.
static inline void fuzz_check(igq_status status, const igq_error *error)
{
    const char *c = error->message;
    if (status == IGQ_OK)
        return;
    for (char before = '\n'; *c != '\0'; before = *c++)
        if ((*c == '\n' && before == '\n') || (*c != '\n' && (*c < 32 || *c == 127) && (signed char)*c >= 0))
            abort();
    if (c == error->message || c[-1] == '\n')
        abort();
}

#endif
