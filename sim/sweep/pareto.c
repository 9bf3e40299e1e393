// SPDX-License-Identifier: Apache-2.0
// Rows in ascending order: a row can only be beaten by one before it, and then also by one of the front so far.
#include "pareto.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct row {
    const double *value;
    int num_columns, index;
} row;

static int compare_rows(const void *a, const void *b)
{
    const row *x = a, *y = b;
    for (int c = 0; c < x->num_columns; c++)
        if (x->value[c] != y->value[c])
            return x->value[c] < y->value[c] ? -1 : 1;
    return x->index - y->index;
}

static int beats(const row *a, const row *b)
{
    int better = 0;
    for (int c = 0; c < a->num_columns; c++) {
        if (a->value[c] > b->value[c])
            return 0;
        better |= a->value[c] < b->value[c];
    }
    return better;
}

static int is_known(const double *value, int num_columns)
{
    for (int c = 0; c < num_columns; c++)
        if (isnan(value[c]))
            return 0;
    return 1;
}

int igq_pareto_front(unsigned char *front, const double *value, int num, int num_columns)
{
    row *rows = calloc((size_t)num + 1, sizeof *rows);
    int num_rows = 0, num_front = 0;
    memset(front, 0, (size_t)num);
    if (rows == NULL)
        return 0;
    for (int i = 0; i < num; i++)
        if (is_known(value + (size_t)i * (size_t)num_columns, num_columns))
            rows[num_rows++] = (row){value + (size_t)i * (size_t)num_columns, num_columns, i};
    qsort(rows, (size_t)num_rows, sizeof *rows, compare_rows);
    for (int i = 0; i < num_rows; i++) {
        int beaten = 0;
        for (int f = 0; !beaten && f < num_front; f++)
            beaten = beats(&rows[f], &rows[i]);
        if (!beaten) {
            front[rows[i].index] = 1;
            rows[num_front++] = rows[i];
        }
    }
    free(rows);
    return 1;
}
