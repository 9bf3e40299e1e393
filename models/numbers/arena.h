// SPDX-License-Identifier: Apache-2.0
// arena.h - one block of memory cut into aligned arrays. With base NULL it only counts, so that the same layout
// function first says how much memory is needed and then places the arrays.
#ifndef IGQ_ARENA_H
#define IGQ_ARENA_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_ARENA_ALIGN_BYTES 64

typedef struct igq_arena {
    char *base;
    size_t used_bytes;
} igq_arena;

// The next `bytes` of the block, aligned if the base is; NULL while counting.
static inline void *igq_arena_take(igq_arena *arena, size_t bytes)
{
    size_t start = arena->used_bytes;
    arena->used_bytes += (bytes + IGQ_ARENA_ALIGN_BYTES - 1) / IGQ_ARENA_ALIGN_BYTES * IGQ_ARENA_ALIGN_BYTES;
    return arena->base ? arena->base + start : NULL;
}

#ifdef __cplusplus
}
#endif
#endif
