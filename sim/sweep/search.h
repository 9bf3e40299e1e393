// SPDX-License-Identifier: Apache-2.0
// search.h - the Pareto front of a sweep without simulating all of it. Lower bounds of every point's objectives come
// first (lower_bounds.h); a point whose bounds a simulated one beats cannot be on the front, which is a proof. What is
// simulated next is what may be on the front by a forecast: the bound, times what results exceeded their bounds by at
// points nearby. Forecasts are made more hopeful step by step, at last as hopeful as the bounds themselves, so that a
// search that ends before its budget has the exact front.
#ifndef IGQ_SEARCH_H
#define IGQ_SEARCH_H
#include "point_run.h"

typedef struct igq_search {
    const igq_point_place *place;
    igq_points *points;
    int num_jobs;
    void *context;
    // Simulates `num` points, by index, and takes their answers.
    igq_status (*simulate)(void *context, const int *point, int num, igq_error *error);
} igq_search;

// Ends every open point: simulated, failed, beaten, or left open when the budget is used up. The same points whatever
// the number of jobs, and after any interruption. *is_complete: 1 if none is left open.
igq_status igq_search_run(int *is_complete, const igq_search *search, igq_error *error);

#endif
