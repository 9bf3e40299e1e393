// SPDX-License-Identifier: Apache-2.0
#include "allocation.h"
#include "allocate.h"
#include "perturbation.h"
#include "psi_table.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct allocation {
    const igq_allocation_request *request;
    const igq_calibrate_cfg *cfg;
    int num_grouped, num_candidates;
    igq_calibration *candidate[IGQ_MAX_CANDIDATES]; // the same number of groups in every layer
    double *psi, *cost;                             // [grouped][candidates]
    double *column;                                 // (grouped) of one candidate
    double other_cost;                              // of the layers that have no choice
    int *choice;                                    // (grouped)
    unsigned char *moved;                           // [candidates][grouped] 1: the quantizers are not as they were
} allocation;

static const igq_network *network_of(const allocation *a)
{
    return a->request->costs.network;
}

static int same_bounds(const igq_group_bounds *a, const igq_group_bounds *b)
{
    size_t bytes = (size_t)a->num_groups * sizeof *a->lower;
    return memcmp(a->lower, b->lower, bytes) == 0 && memcmp(a->upper, b->upper, bytes) == 0;
}

static unsigned char *moved_of(const allocation *a, int candidate)
{
    return a->moved + (size_t)candidate * (size_t)a->num_grouped;
}

// Quantizers of all candidates after so many iterations. Returns how many of them moved, -1 when memory is short.
static int refine(allocation *a, int iterations)
{
    int num_moved = 0;
    for (int k = 0; k < a->num_candidates; k++) {
        igq_calibrate_cfg cfg = *a->cfg;
        cfg.num_groups = a->request->candidates.groups[k];
        cfg.max_iterations = iterations;
        igq_calibration *before = a->candidate[k];
        igq_calibration *next =
            igq_calibrate(a->request->costs.network, a->request->costs.images, a->request->costs.num_images, &cfg);
        if (!next)
            return -1;
        for (int l = 0; l < a->num_grouped; l++) {
            int moved = !before || !same_bounds(igq_grouped_bounds(before, network_of(a), l),
                                                igq_grouped_bounds(next, network_of(a), l));
            moved_of(a, k)[l] = (unsigned char)moved;
            num_moved += moved;
        }
        igq_calibration_free(before);
        a->candidate[k] = next;
    }
    return num_moved;
}

static igq_psi_source psi_source_of(const allocation *a)
{
    const igq_allocation_request *request = a->request;
    const igq_cost_source *costs = &request->costs;
    igq_psi_source source = {costs->workload, request->weights_path, request->samples, request->num_jobs,
                             igq_calibrated_scheme(a->cfg)};
    if (costs->accelerator)
        source.scheme = costs->accelerator->scheme;
    source.scheme.distance = a->cfg->distance;
    return source;
}

// Only of quantizers that moved: the others perturb as they did.
static igq_status measure_perturbations(allocation *a, igq_error *error)
{
    const igq_psi_source source = psi_source_of(a);
    igq_status status = IGQ_OK;
    for (int k = 0; status == IGQ_OK && k < a->num_candidates; k++) {
        const unsigned char *moved = moved_of(a, k);
        if (!memchr(moved, 1, (size_t)a->num_grouped))
            continue;
        status = igq_psi_measure(a->column, &source, a->candidate[k], moved, error);
        for (int l = 0; l < a->num_grouped; l++)
            if (moved[l])
                a->psi[l * a->num_candidates + k] = a->column[l];
    }
    return status;
}

static igq_status measure_costs(allocation *a, igq_error *error)
{
    igq_status status = IGQ_OK;
    a->other_cost = 0;
    for (int k = 0; status == IGQ_OK && k < a->num_candidates; k++) {
        double other = 0;
        status = igq_layer_costs(a->column, &other, &a->request->costs, a->candidate[k], error);
        for (int l = 0; l < a->num_grouped; l++)
            a->cost[l * a->num_candidates + k] = a->column[l];
        a->other_cost = fmax(a->other_cost, other);
    }
    return status;
}

static igq_choices choices_of(const allocation *a)
{
    return (igq_choices){a->num_grouped, a->num_candidates, a->psi, a->cost};
}

static void choose_uniform(int *choice, const allocation *a, int candidate)
{
    for (int l = 0; l < a->num_grouped; l++)
        choice[l] = candidate;
}

static igq_status budget_limit(double *limit, const allocation *a, igq_error *error)
{
    const igq_budget *budget = &a->request->budget;
    *limit = budget->limit;
    if (!budget->uniform_groups)
        return IGQ_OK;
    const igq_choices choices = choices_of(a);
    for (int k = 0; k < a->num_candidates; k++)
        if (a->request->candidates.groups[k] == budget->uniform_groups) {
            choose_uniform(a->choice, a, k);
            *limit = a->other_cost + igq_allocate_cost(&choices, a->choice);
            return IGQ_OK;
        }
    return igq_fail(error, "--allocate %s=g%d: %d is none of the candidates; allowed: a number of groups that is",
                    igq_budget_names[budget->kind], budget->uniform_groups, budget->uniform_groups);
}

static igq_status refuse_budget(const allocation *a, double limit, double least, igq_error *error)
{
    return igq_fail(error, "--allocate %s: %.15g is too little; the smallest feasible budget is %.15g",
                    igq_budget_names[a->request->budget.kind], limit, ceil(least));
}

// Costs, before the perturbations, which take far longer: a budget too small is found at once.
static igq_status price(allocation *a, double *limit, igq_error *error)
{
    const igq_choices choices = choices_of(a);
    igq_status status = measure_costs(a, error);
    if (status == IGQ_OK)
        status = budget_limit(limit, a, error);
    double least = a->other_cost + igq_allocate_least_cost(&choices);
    return status == IGQ_OK && *limit < least ? refuse_budget(a, *limit, least, error) : status;
}

// Puts the chosen groups into the calibration of the largest candidate, which has room for them.
static igq_calibration *assemble(allocation *a, igq_error *error)
{
    igq_calibrate_cfg cfg = *a->cfg;
    cfg.num_groups = a->request->candidates.groups[a->num_candidates - 1];
    cfg.max_iterations = 1; // all its bounds are replaced
    igq_calibration *out =
        igq_calibrate(a->request->costs.network, a->request->costs.images, a->request->costs.num_images, &cfg);
    if (!out) {
        igq_out_of_memory(error);
        return NULL;
    }
    for (int l = 0; l < a->num_grouped; l++) {
        const igq_group_bounds *from = igq_grouped_bounds(a->candidate[a->choice[l]], network_of(a), l);
        igq_group_bounds *to = igq_grouped_bounds(out, network_of(a), l);
        to->num_groups = from->num_groups;
        size_t bytes = (size_t)from->num_groups * sizeof *to->lower;
        memcpy(to->lower, from->lower, bytes);
        memcpy(to->upper, from->upper, bytes);
        memcpy(to->cover_lower, from->cover_lower, bytes);
        memcpy(to->cover_upper, from->cover_upper, bytes);
    }
    return out;
}

// Chooses under the limit. Costs of a layer are taken from runs with the same number of groups everywhere; the mixture
// is simulated too, and where its layers cost more beside each other, the limit is lowered by the excess.
static igq_status choose(allocation *a, igq_calibration **chosen, double limit, double *used, igq_error *error)
{
    enum { MOST_TRIALS = 8 };
    const igq_choices choices = choices_of(a);
    const char *name = igq_budget_names[a->request->budget.kind];
    double least = a->other_cost + igq_allocate_least_cost(&choices), lowered = limit;
    for (int trial = 0; trial < MOST_TRIALS; trial++) {
        igq_allocate_status solved = igq_allocate(a->choice, &choices, lowered - a->other_cost);
        if (solved == IGQ_ALLOCATE_INFEASIBLE)
            return refuse_budget(a, limit, least + limit - lowered, error);
        if (solved != IGQ_ALLOCATE_OK) {
            igq_fail(error, "--allocate %s: the solver of the integer linear program gave up", name);
            return IGQ_INTERNAL_ERROR;
        }
        igq_calibration_free(*chosen);
        *chosen = assemble(a, error);
        if (!*chosen)
            return IGQ_INTERNAL_ERROR;
        double other, sum = 0;
        igq_status status = igq_layer_costs(a->column, &other, &a->request->costs, *chosen, error);
        if (status != IGQ_OK)
            return status;
        for (int l = 0; l < a->num_grouped; l++)
            sum += a->column[l];
        *used = sum + other;
        if (*used <= limit)
            return IGQ_OK;
        lowered -= *used - limit;
    }
    return igq_fail(error, "--allocate %s: no mixture of groups was found below %.15g; allowed: a wider budget", name,
                    limit);
}

static void print_row(const char *label, double cost, double psi, double limit)
{
    printf("  %-22s %20.0f %9.3f %% %16.6f\n", label, cost, 100 * cost / limit, psi);
}

static const igq_layer *grouped_layer(const allocation *a, int index)
{
    return &network_of(a)->layer[igq_grouped_at(network_of(a), index).layer];
}

// A row for each block, titled by the first; a column of its own for each softmax.
static void print_groups(const allocation *a)
{
    printf("\n  block");
    for (int i = 0; i < a->num_grouped && grouped_layer(a, i)->block == grouped_layer(a, 0)->block; i++) {
        const igq_layer *layer = grouped_layer(a, i);
        char column[32];
        snprintf(column, sizeof column, "softmax %d", igq_grouped_at(network_of(a), i).head);
        printf(" %9s", layer->kind == IGQ_LAYER_CONTEXT ? column : igq_layer_kind_names[layer->kind]);
    }
    for (int l = 0; l < a->num_grouped; l++) {
        int block = grouped_layer(a, l)->block;
        if (l == 0 || block != grouped_layer(a, l - 1)->block)
            printf("\n  %5d", block);
        printf(" %9d", a->request->candidates.groups[a->choice[l]]);
    }
    printf("\n\n");
}

static void print_choice(const allocation *a, double limit, double used)
{
    const igq_choices choices = choices_of(a);
    int *uniform = calloc((size_t)a->num_grouped, sizeof *uniform);
    printf("\n  %-22s %20s %11s %16s\n", "groups", igq_budget_names[a->request->budget.kind], "of budget",
           "sum of psi, nats");
    for (int k = 0; uniform && k < a->num_candidates; k++) {
        char label[32];
        snprintf(label, sizeof label, "%d in every layer", a->request->candidates.groups[k]);
        choose_uniform(uniform, a, k);
        print_row(label, a->other_cost + igq_allocate_cost(&choices, uniform),
                  igq_allocate_perturbation(&choices, uniform), limit);
    }
    free(uniform);
    print_row("allocated", used, igq_allocate_perturbation(&choices, a->choice), limit);
    print_groups(a);
}

// The loop of Algorithm 1.
static igq_status run_periods(allocation *a, igq_calibration **chosen, igq_error *error)
{
    int iterations = 0, most = a->cfg->max_iterations;
    double limit = 0, used = 0;
    while (iterations < most) {
        iterations = most - iterations > a->request->period ? iterations + a->request->period : most;
        int num_moved = refine(a, iterations);
        if (num_moved < 0)
            return igq_out_of_memory(error);
        if (num_moved == 0)
            break;
        igq_status status = price(a, &limit, error);
        if (status == IGQ_OK)
            status = measure_perturbations(a, error);
        if (status == IGQ_OK)
            status = choose(a, chosen, limit, &used, error);
        if (status != IGQ_OK)
            return status;
        const igq_choices choices = choices_of(a);
        printf("after %3d iterations: sum of psi %.6f nats\n", iterations,
               igq_allocate_perturbation(&choices, a->choice));
    }
    print_choice(a, limit, used);
    return IGQ_OK;
}

igq_status igq_allocate_groups(igq_calibration **calibration, const igq_allocation_request *request,
                               const igq_calibrate_cfg *cfg, igq_error *error)
{
    int num_grouped = igq_num_grouped(request->costs.network), num_candidates = request->candidates.num;
    size_t table = (size_t)num_grouped * (size_t)num_candidates;
    allocation a = {.request = request, .cfg = cfg, .num_grouped = num_grouped, .num_candidates = num_candidates};
    a.psi = calloc(table, sizeof *a.psi);
    a.cost = calloc(table, sizeof *a.cost);
    a.column = calloc((size_t)num_grouped, sizeof *a.column);
    a.choice = calloc((size_t)num_grouped, sizeof *a.choice);
    a.moved = calloc(table, sizeof *a.moved);
    *calibration = NULL;
    igq_status status = a.psi && a.cost && a.column && a.choice && a.moved ? run_periods(&a, calibration, error)
                                                                           : igq_out_of_memory(error);
    if (status != IGQ_OK) {
        igq_calibration_free(*calibration);
        *calibration = NULL;
    }
    for (int k = 0; k < num_candidates; k++)
        igq_calibration_free(a.candidate[k]);
    free(a.psi);
    free(a.cost);
    free(a.column);
    free(a.choice);
    free(a.moved);
    return status;
}
