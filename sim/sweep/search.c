// SPDX-License-Identifier: Apache-2.0
#include "search.h"
#include "pareto.h"
#include "pool.h"
#include "progress.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Each machine once, in the order of ids. Objectives as they are compared: less is better.
typedef struct candidates {
    const igq_search *search;
    const igq_sweep *sweep;
    int num, num_objectives, num_asked;
    int *point;           // (num) indices
    unsigned char *state; // (num)
    double *bound;        // [num][num_objectives] -INFINITY: none is known
    double *value;        // [num][num_objectives] of DONE candidates; scratch of others
    double *excess;       // [num][num_objectives] weighted sum of what points nearby exceeded their bounds by
    double *weight;       // (num) sum of their weights
    unsigned char *front; // (num) scratch
    int *batch;           // (num) scratch
} candidates;
enum { WAITING, DONE, OUT }; // OUT: beaten, failed, or beyond a limit

/// Bounds

typedef enum bound_kind { NO_BOUND, LOWER_BOUND, EXACT } bound_kind;

// Of a figure of a run that was bounded instead of simulated (igq_run_request.bounds_only).
static bound_kind bound_kind_of(igq_result result)
{
    static const struct {
        igq_column_id column;
        bound_kind kind;
    } known[] = {{IGQ_COLUMN_CYCLES, LOWER_BOUND},     {IGQ_COLUMN_TIME_MS, LOWER_BOUND},
                 {IGQ_COLUMN_DRAM_BYTES, LOWER_BOUND}, {IGQ_COLUMN_ENERGY_PJ, LOWER_BOUND},
                 {IGQ_COLUMN_AREA_UM2, EXACT},         {IGQ_COLUMN_ACTIVATION_SQNR_DB, EXACT}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (igq_result_column(result) == &igq_columns[known[i].column])
            return known[i].kind;
    return NO_BOUND;
}

static double comparable(const igq_results *results, igq_result objective)
{
    double value = results->value[objective];
    return igq_result_column(objective)->better == IGQ_MORE_IS_BETTER ? -value : value;
}

// A bound of sums in floating point may come out above them by their rounding.
#define ROUNDING_ROOM 1e-9

static void set_bounds(candidates *all, int c, const igq_results *results)
{
    for (int k = 0; k < all->num_objectives; k++) {
        igq_result objective = all->sweep->objective[k];
        bound_kind kind = bound_kind_of(objective);
        double value = comparable(results, objective);
        all->bound[c * all->num_objectives + k] = kind == NO_BOUND || isnan(value) ? -INFINITY
                                                  : kind == EXACT                  ? value
                                                                                   : value * (1 - ROUNDING_ROOM);
    }
}

static igq_status bound_one(void *context, int item, void *answer, igq_error *error)
{
    const candidates *all = context;
    const igq_search *search = all->search;
    return igq_point_bound(answer, search->place, &search->points->point[all->batch[item]], error);
}

static void show_bounds(void *context, int num_done, int num_items)
{
    (void)context;
    igq_progress("bound", num_done, num_items, "");
}

// So many at a time: their answers lie in memory.
#define CHUNK_POINTS 4096

static igq_status find_bounds(candidates *all, igq_error *error)
{
    igq_point *points = all->search->points->point;
    for (int first = 0; first < all->num; first += CHUNK_POINTS) {
        int num = all->num - first < CHUNK_POINTS ? all->num - first : CHUNK_POINTS;
        void *answers;
        unsigned char *died;
        const igq_pool pool = {.num_items = num,
                               .num_jobs = all->search->num_jobs,
                               .answer_bytes = sizeof(igq_point_answer),
                               .context = all,
                               .work = bound_one,
                               .progress = show_bounds};
        memcpy(all->batch, all->point + first, (size_t)num * sizeof *all->batch);
        igq_status status = igq_pool_run(&answers, &died, &pool, error);
        if (status != IGQ_OK)
            return status;
        for (int i = 0; i < num; i++) {
            const igq_point_answer *answer = (const igq_point_answer *)answers + i;
            int is_bounded = answer->known && answer->status == IGQ_POINT_DONE;
            for (int k = 0; !is_bounded && k < all->num_objectives; k++)
                all->bound[(first + i) * all->num_objectives + k] = -INFINITY;
            if (is_bounded)
                set_bounds(all, first + i, &answer->results);
            else if (answer->known) { // it would fail for the same reason
                igq_point_take(&points[all->point[first + i]], answer);
                all->state[first + i] = OUT;
            }
        }
        igq_pool_free(answers, died, &pool);
    }
    return IGQ_OK;
}

/// Forecasts

// Axes of numbers go by the order of their values, others tell whether a value is the same.
static double distance_square(const candidates *all, int a, int b)
{
    const igq_point *points = all->search->points->point;
    double sum = 0;
    for (int i = 0; i < all->sweep->num_axes; i++) {
        const igq_axis *axis = &all->sweep->axis[i];
        int apart = igq_point_value(all->sweep, &points[all->point[a]], i) -
                    igq_point_value(all->sweep, &points[all->point[b]], i);
        double distance = axis->labels_are_numbers ? (double)apart / (axis->num_values - 1) : apart != 0;
        sum += apart != 0 ? distance * distance : 0;
    }
    return sum;
}

// By what a result exceeds its bound: a factor as its logarithm, or the result itself where no bound is known.
static double excess_of(double value, double bound)
{
    return bound > 0 && value > 0 ? log(value / bound) : isfinite(bound) ? value - bound : value;
}

// hope 0: as it is forecast; 1: the bound.
static double forecast(double excess, double bound, double hope)
{
    if (bound > 0 && isfinite(bound))
        return bound * exp((1 - hope) * excess);
    if (isfinite(bound))
        return bound + (1 - hope) * excess;
    return hope < 1 ? excess : -INFINITY;
}

// Candidate d has a result: those that wait take it into account, the near ones most.
static void learn(candidates *all, int d)
{
    const int K = all->num_objectives;
    for (int c = 0; c < all->num; c++) {
        if (all->state[c] != WAITING)
            continue;
        double square = distance_square(all, c, d), weight = 1 / (square * square + 1e-9);
        all->weight[c] += weight;
        for (int k = 0; k < K; k++)
            all->excess[c * K + k] += weight * excess_of(all->value[d * K + k], all->bound[d * K + k]);
    }
}

/// Proofs

static int beats(const double *a, const double *b, int num)
{
    int better = 0;
    for (int k = 0; k < num; k++) {
        if (!(a[k] <= b[k]))
            return 0;
        better |= a[k] < b[k];
    }
    return better;
}

static void print_bounds(char *text, size_t size, const candidates *all, int c)
{
    int used = 0;
    for (int k = 0; k < all->num_objectives && used < (int)size; k++) {
        const igq_column *column = igq_result_column(all->sweep->objective[k]);
        double bound = all->bound[c * all->num_objectives + k];
        int is_more = column->better == IGQ_MORE_IS_BETTER;
        used += snprintf(text + used, size - (size_t)used, "%s%s %s %.17g", k > 0 ? ", " : "", column->metric,
                         is_more ? "<=" : ">=", is_more ? -bound : bound);
    }
}

// Candidate d has a result: who cannot do better is out.
static void prove(candidates *all, int d)
{
    igq_point *points = all->search->points->point;
    const int K = all->num_objectives;
    for (int c = 0; c < all->num; c++) {
        char bounds[512];
        if (all->state[c] != WAITING || !beats(&all->value[d * K], &all->bound[c * K], K))
            continue;
        all->state[c] = OUT;
        print_bounds(bounds, sizeof bounds, all, c);
        igq_point_end(&points[all->point[c]], IGQ_POINT_BEATEN, "by %s, since %s", points[all->point[d]].id, bounds);
    }
}

/// The search

// Simulates candidates and takes what came out.
static igq_status ask(candidates *all, const int *candidate, int num, igq_error *error)
{
    igq_point *points = all->search->points->point;
    const int K = all->num_objectives;
    int *open = calloc((size_t)num + 1, sizeof *open), num_open = 0;
    if (open == NULL)
        return igq_out_of_memory(error);
    for (int i = 0; i < num; i++)
        if (points[all->point[candidate[i]]].status == IGQ_POINT_OPEN) // others are known from before
            open[num_open++] = all->point[candidate[i]];
    igq_status status = num_open > 0 ? all->search->simulate(all->search->context, open, num_open, error) : IGQ_OK;
    free(open);
    all->num_asked += num;
    for (int i = 0; status == IGQ_OK && i < num; i++) {
        int c = candidate[i];
        igq_point *point = &points[all->point[c]];
        if (point->status == IGQ_POINT_DONE)
            igq_point_check_limits(point, all->sweep);
        all->state[c] = point->status == IGQ_POINT_DONE ? DONE : OUT;
        for (int k = 0; k < K; k++) {
            double value = all->value[c * K + k] = comparable(&point->results, all->sweep->objective[k]);
            if (point->is_simulated && value < all->bound[c * K + k])
                return igq_fail(error, "point %s: %s is below its bound: the model is wrong", point->id,
                                igq_result_column(all->sweep->objective[k])->metric),
                       IGQ_INTERNAL_ERROR;
        }
        if (all->state[c] == DONE) {
            learn(all, c);
            prove(all, c);
        }
    }
    return status;
}

// Those that wait and would be on the front, into all->batch. Returns their number, -1 if memory is short.
static int find_hopeful(candidates *all, double hope)
{
    const int K = all->num_objectives;
    int num = 0;
    for (int c = 0; c < all->num; c++)
        for (int k = 0; k < K; k++) {
            double *value = &all->value[c * K + k], excess = all->excess[c * K + k];
            if (all->state[c] == WAITING)
                *value = forecast(all->weight[c] > 0 ? excess / all->weight[c] : 0, all->bound[c * K + k], hope);
            else if (all->state[c] == OUT)
                *value = NAN;
        }
    if (!igq_pareto_front(all->front, all->value, all->num, K))
        return -1;
    for (int c = 0; c < all->num; c++)
        if (all->front[c] && all->state[c] == WAITING)
            all->batch[num++] = c;
    return num;
}

static int num_waiting(const candidates *all)
{
    int num = 0;
    for (int c = 0; c < all->num; c++)
        num += all->state[c] == WAITING;
    return num;
}

// What to simulate next, into all->batch: at first a few anywhere, the ids being as good as random.
static int choose_batch(candidates *all, int most)
{
    static const double hopes[] = {0, 0.25, 0.5, 0.75, 1};
    int num = 0;
    for (int c = 0; all->num_asked == 0 && c < all->num && num < most; c++)
        if (all->state[c] == WAITING)
            all->batch[num++] = c;
    for (size_t i = 0; num == 0 && i < sizeof hopes / sizeof *hopes; i++)
        num = find_hopeful(all, hopes[i]);
    return num < most ? num : most;
}

static void show_search(const candidates *all, int budget)
{
    char text[64];
    snprintf(text, sizeof text, "%d points may still be on the front", num_waiting(all));
    igq_progress("simulation", all->num_asked < budget ? all->num_asked : budget, budget, text);
}

static igq_status search_all(candidates *all, igq_error *error)
{
    int budget = all->sweep->search_budget > 0 ? all->sweep->search_budget : all->num;
    int steps = (budget < all->num ? budget : all->num) / 50, step = steps > 8 ? steps : 8;
    igq_status status = IGQ_OK;
    while (status == IGQ_OK && all->num_asked < budget && num_waiting(all) > 0) {
        int num = choose_batch(all, step < budget - all->num_asked ? step : budget - all->num_asked);
        int *batch = num > 0 ? malloc((size_t)num * sizeof *batch) : NULL;
        if (batch == NULL)
            return igq_out_of_memory(error);
        memcpy(batch, all->batch, (size_t)num * sizeof *batch);
        status = ask(all, batch, num, error);
        free(batch);
        show_search(all, budget);
    }
    return status;
}

static igq_status make_room(candidates *all, igq_error *error)
{
    size_t num = (size_t)all->num + 1, values = num * (size_t)all->num_objectives;
    all->point = calloc(num, sizeof *all->point);
    all->state = calloc(num, 1);
    all->bound = calloc(values, sizeof *all->bound);
    all->value = calloc(values, sizeof *all->value);
    all->excess = calloc(values, sizeof *all->excess);
    all->weight = calloc(num, sizeof *all->weight);
    all->front = calloc(num, 1);
    all->batch = calloc(num, sizeof *all->batch);
    return all->point && all->state && all->bound && all->value && all->excess && all->weight && all->front &&
                   all->batch
               ? IGQ_OK
               : igq_out_of_memory(error);
}

static void free_room(candidates *all)
{
    free(all->point);
    free(all->state);
    free(all->bound);
    free(all->value);
    free(all->excess);
    free(all->weight);
    free(all->front);
    free(all->batch);
}

igq_status igq_search_run(int *is_complete, const igq_search *search, igq_error *error)
{
    igq_points *points = search->points;
    candidates all = {.search = search,
                      .sweep = search->place->sweep,
                      .num = points->num,
                      .num_objectives = search->place->sweep->num_objectives};
    igq_status status = make_room(&all, error);
    all.num = 0;
    for (int i = 0; status == IGQ_OK && i < points->num; i++) {
        int p = (int)(points->by_id[i] - points->point);
        if (points->point[p].first == p &&
            (points->point[p].status == IGQ_POINT_OPEN || points->point[p].status == IGQ_POINT_DONE))
            all.point[all.num++] = p;
    }
    if (status == IGQ_OK)
        status = find_bounds(&all, error);
    if (status == IGQ_OK)
        status = search_all(&all, error);
    *is_complete = status == IGQ_OK && num_waiting(&all) == 0;
    free_room(&all);
    return status;
}
