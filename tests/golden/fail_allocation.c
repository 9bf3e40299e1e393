// SPDX-License-Identifier: Apache-2.0
// fail_allocation.c - preloaded into a program: the allocation number $FAIL_NTH of every process fails. Into the file
// $FAIL_COUNT goes how many there were (of the process that ends last).
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t num, size_t size);
void *__libc_realloc(void *memory, size_t size);

static long num_allocations;

static int fails(void)
{
    static long nth = -1;
    if (nth < 0) {
        const char *text = getenv("FAIL_NTH");
        nth = text ? atol(text) : 0;
    }
    if (++num_allocations != nth)
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

__attribute__((destructor)) static void count(void)
{
    long found = num_allocations;
    const char *path = getenv("FAIL_COUNT");
    FILE *out = path && path[0] ? fopen(path, "w") : NULL;
    if (out == NULL)
        return;
    fprintf(out, "%ld\n", found);
    fclose(out);
}
