// SPDX-License-Identifier: Apache-2.0
// fail_allocation.c - preloaded into a program: the allocation number $FAIL_NTH of every process fails; a process that
// was forked counts on from where it began. Into the file $FAIL_COUNT goes how many there were, of the one with most.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t num, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static long num_allocations;
static long *most_allocations; // of all processes

static int fails(void)
{
    static long nth = -1;
    if (nth < 0) {
        const char *text = getenv("FAIL_NTH");
        nth = text ? atol(text) : 0;
        most_allocations =
            mmap(NULL, sizeof *most_allocations, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (most_allocations == MAP_FAILED)
            _exit(3);
    }
    if (++num_allocations > *most_allocations)
        *most_allocations = num_allocations; // near enough where two processes meet
    if (num_allocations != nth)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t num, size_t size)
{
    return fails() ? NULL : __libc_calloc(num, size);
}

void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    void *found = fails() ? NULL : __libc_memalign(alignment, size);
    if (found == NULL)
        return ENOMEM;
    *memory = found;
    return 0;
}

__attribute__((destructor)) static void count(void)
{
    const char *path = getenv("FAIL_COUNT");
    FILE *out = path && path[0] ? fopen(path, "w") : NULL;
    if (out == NULL)
        return;
    fprintf(out, "%ld\n", *most_allocations);
    fclose(out);
}
