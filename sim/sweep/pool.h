// SPDX-License-Identifier: Apache-2.0
// pool.h - independent items of work over processes, each of which takes the next free item. Answers lie in memory that
// all share, by item, so that nothing depends on who was faster. A process that dies costs its item, not the others.
#ifndef IGQ_POOL_H
#define IGQ_POOL_H
#include "error.h"
#include <stddef.h>

typedef struct igq_pool {
    int num_items, num_jobs; // num_jobs >= 1 processes
    size_t answer_bytes;     // of an item
    void *context;           // seen by all, changed by workers for themselves only
    // In a worker: fills the answer, which starts as zeros. Anything but IGQ_OK ends the pool early.
    igq_status (*work)(void *context, int item, void *answer, igq_error *error);
    // In the caller's process, whenever an item is done; NULL: nobody asks.
    void (*progress)(void *context, int num_done, int num_items);
    // In the caller's process, with each answer as it comes; anything but IGQ_OK ends the pool early. NULL: nobody
    // asks.
    igq_status (*answered)(void *context, int item, const void *answer, igq_error *error);
} igq_pool;

// *answers is new: (num_items) answers; give it back with igq_pool_free. *died (num_items) is 1 for items whose process
// died over them.
igq_status igq_pool_run(void **answers, unsigned char **died, const igq_pool *pool, igq_error *error);
void igq_pool_free(void *answers, unsigned char *died, const igq_pool *pool);

#endif
