// SPDX-License-Identifier: Apache-2.0
#include "allocate.h"
#include <glpk.h>
#include <math.h>
#include <stddef.h>

static double at(const double *table, const igq_choices *choices, int layer, int candidate)
{
    return table[(size_t)layer * (size_t)choices->num_candidates + (size_t)candidate];
}

static double layer_least_cost(const igq_choices *choices, int layer)
{
    double least = at(choices->cost, choices, layer, 0);
    for (int k = 1; k < choices->num_candidates; k++)
        least = fmin(least, at(choices->cost, choices, layer, k));
    return least;
}

double igq_allocate_least_cost(const igq_choices *choices)
{
    double sum = 0;
    for (int layer = 0; layer < choices->num_layers; layer++)
        sum += layer_least_cost(choices, layer);
    return sum;
}

static double sum_of(const double *table, const igq_choices *choices, const int *choice)
{
    double sum = 0;
    for (int layer = 0; layer < choices->num_layers; layer++)
        sum += at(table, choices, layer, choice[layer]);
    return sum;
}

double igq_allocate_cost(const igq_choices *choices, const int *choice)
{
    return sum_of(choices->cost, choices, choice);
}

double igq_allocate_perturbation(const igq_choices *choices, const int *choice)
{
    return sum_of(choices->perturbation, choices, choice);
}

static double largest_perturbation(const igq_choices *choices)
{
    double largest = 0;
    for (int layer = 0; layer < choices->num_layers; layer++)
        for (int k = 0; k < choices->num_candidates; k++)
            largest = fmax(largest, fabs(at(choices->perturbation, choices, layer, k)));
    return largest > 0 ? largest : 1;
}

// Columns are [layers][candidates] binaries. Row 1 is the budget, counted from the least cost and scaled to 1, so that
// the solver's tolerances mean the same in bit operations as in cycles; then a row per layer: one candidate each.
static glp_prob *new_problem(const igq_choices *choices, double spare_budget)
{
    int index[3] = {0};
    double value[3] = {0};
    double scale = largest_perturbation(choices);
    glp_prob *problem = glp_create_prob();
    glp_set_obj_dir(problem, GLP_MIN);
    glp_add_rows(problem, 1 + choices->num_layers);
    glp_add_cols(problem, choices->num_layers * choices->num_candidates);
    glp_set_row_bnds(problem, 1, GLP_UP, 0, 1);
    for (int layer = 0; layer < choices->num_layers; layer++) {
        double least = layer_least_cost(choices, layer);
        glp_set_row_bnds(problem, 2 + layer, GLP_FX, 1, 1);
        for (int k = 0; k < choices->num_candidates; k++) {
            int column = 1 + layer * choices->num_candidates + k;
            double extra = at(choices->cost, choices, layer, k) - least;
            glp_set_col_kind(problem, column, GLP_BV);
            glp_set_obj_coef(problem, column, at(choices->perturbation, choices, layer, k) / scale);
            if (extra > spare_budget) // also where nothing is to spare, and the quotient would be infinite
                glp_set_col_bnds(problem, column, GLP_FX, 0, 0);
            index[1] = 1;
            value[1] = extra > 0 && extra <= spare_budget ? extra / spare_budget : 0;
            index[2] = 2 + layer;
            value[2] = 1;
            glp_set_mat_col(problem, column, 2, index, value);
        }
    }
    return problem;
}

static igq_allocate_status solve(int *choice, glp_prob *problem, const igq_choices *choices)
{
    glp_iocp settings;
    glp_init_iocp(&settings);
    settings.presolve = GLP_ON;
    settings.msg_lev = GLP_MSG_OFF;
    settings.cov_cuts = GLP_ON;
    settings.tol_obj = 1e-9;
    if (glp_intopt(problem, &settings) != 0 || glp_mip_status(problem) != GLP_OPT)
        return IGQ_ALLOCATE_FAILED;
    for (int layer = 0; layer < choices->num_layers; layer++)
        for (int k = 0; k < choices->num_candidates; k++)
            if (glp_mip_col_val(problem, 1 + layer * choices->num_candidates + k) > 0.5)
                choice[layer] = k;
    return IGQ_ALLOCATE_OK;
}

igq_allocate_status igq_allocate(int *choice, const igq_choices *choices, double budget)
{
    double spare_budget = budget - igq_allocate_least_cost(choices);
    if (!(spare_budget >= 0))
        return IGQ_ALLOCATE_INFEASIBLE;
    int terminal = glp_term_out(GLP_OFF);
    glp_prob *problem = new_problem(choices, spare_budget);
    igq_allocate_status status = solve(choice, problem, choices);
    // The solver takes sums within its tolerance for feasible; the budget does not.
    for (double limit = 1; status == IGQ_ALLOCATE_OK && igq_allocate_cost(choices, choice) > budget;) {
        limit -= 1e-6;
        glp_set_row_bnds(problem, 1, GLP_UP, 0, limit);
        status = limit > 0 ? solve(choice, problem, choices) : IGQ_ALLOCATE_FAILED;
    }
    glp_delete_prob(problem);
    glp_term_out(terminal);
    return status;
}
