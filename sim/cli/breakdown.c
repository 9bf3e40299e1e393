// SPDX-License-Identifier: Apache-2.0
// The allocation functions are defined here, in front of the C library's, so that whoever asks for memory (jansson,
// libpng, operator new, the C library itself) meets the same end when there is none. Not under sanitizers, which bring
// their own.
#define _GNU_SOURCE
#include "breakdown.h"
#include "file.h"
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BROKEN_STATUS = 2 };

static void aborted(int number)
{
    (void)number; // who aborts has said why
    igq_file_abandon_all();
    _exit(BROKEN_STATUS);
}

void igq_breakdown_install(void)
{
    signal(SIGABRT, aborted);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 // as GCC says it
#endif
#endif

#ifndef __SANITIZE_ADDRESS__
static void *or_end(void *memory, size_t size)
{
    if (memory != NULL || size == 0)
        return memory;
    static const char line[] = "igqsim: not enough memory\n";
    igq_file_abandon_all();
    if (write(STDERR_FILENO, line, sizeof line - 1) < 0)
        _exit(BROKEN_STATUS); // nobody reads it: the status says it too
    _exit(BROKEN_STATUS);
}

// Libraries find ours only where it is not hidden.
#define OF_ALL __attribute__((visibility("default")))

// The next definition after ours. A function pointer is copied as bytes: ISO C has no conversion from void *.
static void find_next(void *function, const char *name)
{
    void *next = dlsym(RTLD_NEXT, name);
    memcpy(function, &next, sizeof next);
}

OF_ALL void *malloc(size_t size)
{
    static void *(*next)(size_t);
    if (next == NULL)
        find_next(&next, "malloc");
    return or_end(next(size), size);
}

OF_ALL void *calloc(size_t num, size_t size)
{
    static void *(*next)(size_t, size_t);
    if (next == NULL)
        find_next(&next, "calloc");
    return or_end(next(num, size), num > 0 ? size : 0);
}

OF_ALL void *realloc(void *memory, size_t size)
{
    static void *(*next)(void *, size_t);
    if (next == NULL)
        find_next(&next, "realloc");
    return or_end(next(memory, size), size);
}

OF_ALL void *aligned_alloc(size_t alignment, size_t size)
{
    static void *(*next)(size_t, size_t);
    if (next == NULL)
        find_next(&next, "aligned_alloc");
    return or_end(next(alignment, size), size);
}

OF_ALL int posix_memalign(void **memory, size_t alignment, size_t size)
{
    static int (*next)(void **, size_t, size_t);
    if (next == NULL)
        find_next(&next, "posix_memalign");
    int fault = next(memory, alignment, size);
    or_end(fault == ENOMEM ? NULL : (void *)memory, size);
    return fault;
}
#endif
