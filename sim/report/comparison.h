// SPDX-License-Identifier: Apache-2.0
// comparison.h - two or more reports against the first of them: what was different about the runs, by how much the
// results moved, and what the differences are made of. Figures are per image, so runs over different numbers of images
// compare.
#ifndef IGQ_COMPARISON_H
#define IGQ_COMPARISON_H
#include "results.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// Figures whose changes are traced to parts: where a report's totals have these, and where the comparison lists them.
typedef struct igq_traced {
    igq_column_id column;
    const char *parts; // NULL: compute_cycles and stall_cycles
    const char *key;
} igq_traced;
enum { IGQ_NUM_TRACED = 3 };
extern const igq_traced igq_traced_figures[IGQ_NUM_TRACED];

// compare.json (docs/formats.md), a new reference. Paths name the reports; names are made different where two machines
// have the same one.
json_t *igq_comparison(json_t *const *reports, const igq_results *results, const char *const *paths, int num);

// What it says, in words, to stdout.
void igq_comparison_print(const json_t *comparison);

#ifdef __cplusplus
}
#endif
#endif
