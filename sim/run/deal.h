// SPDX-License-Identifier: Apache-2.0
// deal.h - independent items of work dealt over processes. Answers come back in the order of the items, so that nothing
// depends on which process was faster. Processes, not threads: SystemC keeps one simulation per process.
#ifndef IGQ_DEAL_H
#define IGQ_DEAL_H
#include "answer_store.h"
#include "error.h"
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_deal {
    int num_items, num_jobs; // num_jobs >= 1 processes
    void *context;           // seen by all, changed by workers for themselves only
    // In a worker: writes the answer. Returns 0 if that failed.
    int (*work)(void *context, int item, FILE *answer);
    // In the caller's process, item after item: reads it. Anything but IGQ_OK ends the deal.
    igq_status (*collect)(void *context, int item, FILE *answer, igq_error *error);
    // Keeps every answer that was collected without error; items that it has already are not worked on. NULL: none.
    igq_answer_store *store;
} igq_deal;

igq_status igq_deal_run(const igq_deal *deal, igq_error *error);

// Bytes of an answer. 1 if all came through.
int igq_deal_put(FILE *answer, const void *data, size_t bytes);
int igq_deal_get(FILE *answer, void *data, size_t bytes);
// What collect returns when an answer ends too early.
igq_status igq_deal_died(const char *item, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
