// SPDX-License-Identifier: Apache-2.0
// allocate.h - Eq. (10): the number of groups of every layer. min sum over layers of the perturbation at the chosen
// candidate, subject to the sum of costs <= budget: an integer linear program with one choice per layer, solved by
// GLPK.
#ifndef IGQ_ALLOCATE_H
#define IGQ_ALLOCATE_H

#ifdef __cplusplus
extern "C" {
#endif

// Costs may be bit operations, cycles or energy: anything that adds up over layers, below 2^53.
typedef struct igq_choices {
    int num_layers, num_candidates;
    const double *perturbation; // [layers][candidates]
    const double *cost;         // [layers][candidates], >= 0
} igq_choices;

typedef enum igq_allocate_status {
    IGQ_ALLOCATE_OK,
    IGQ_ALLOCATE_INFEASIBLE, // the budget is below igq_allocate_least_cost
    IGQ_ALLOCATE_FAILED      // the solver gave up
} igq_allocate_status;

// choice out (layers): a candidate for each layer, sum of costs <= budget, sum of perturbations least (to one part in
// 10^7).
igq_allocate_status igq_allocate(int *choice, const igq_choices *choices, double budget);

// The smallest budget that can be met.
double igq_allocate_least_cost(const igq_choices *choices);

// Sums over layers of a choice.
double igq_allocate_cost(const igq_choices *choices, const int *choice);
double igq_allocate_perturbation(const igq_choices *choices, const int *choice);

#ifdef __cplusplus
}
#endif
#endif
