// SPDX-License-Identifier: Apache-2.0
// budget.h - what --allocate and --candidates ask for.
#ifndef IGQ_BUDGET_H
#define IGQ_BUDGET_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

// What an image may cost, of the whole network.
typedef enum igq_budget_kind {
    IGQ_BUDGET_BOPS,   // bit operations of products and assignment, as IGQ-ViT counts
    IGQ_BUDGET_CYCLES, // of a machine
    IGQ_BUDGET_ENERGY, // pJ, of a machine and a technology
    IGQ_BUDGET_COUNT
} igq_budget_kind;
extern const char *const igq_budget_names[IGQ_BUDGET_COUNT]; // "bops", "cycles", "energy_pj"

typedef struct igq_budget {
    igq_budget_kind kind;
    double limit;
    int uniform_groups; // if not 0, the limit is what so many groups in every layer cost
} igq_budget;

// "KEY=NUMBER" or "KEY=gN".
igq_status igq_budget_parse(igq_budget *budget, const char *text, igq_error *error);

#define IGQ_MAX_CANDIDATES 16

typedef struct igq_candidates {
    int num;
    int groups[IGQ_MAX_CANDIDATES]; // ascending
} igq_candidates;

// "1,2,4": ascending numbers of groups.
igq_status igq_candidates_parse(igq_candidates *candidates, const char *text, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
