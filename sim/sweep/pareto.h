// SPDX-License-Identifier: Apache-2.0
// pareto.h - the points that no other point beats.
#ifndef IGQ_PARETO_H
#define IGQ_PARETO_H

// front out (num): 1 if no other row is at least as good in every column and better in one. value [num][num_columns],
// less is better. Rows with a NAN are never on the front and beat nobody; equal rows are on it together.
// Returns 0 when memory is short.
int igq_pareto_front(unsigned char *front, const double *value, int num, int num_columns);

#endif
