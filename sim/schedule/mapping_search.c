// SPDX-License-Identifier: Apache-2.0
#include "mapping_search.h"
#include "plan_cycles.h"
#include "tiling_options.h"
#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(igq_product) == 24 * sizeof(int) + sizeof(uint64_t),
              "no padding, so that memcmp compares products");

// Products of the same kind.
typedef struct kind {
    int job; // the first
    uint64_t num_jobs;
    igq_tiling_options options;
    const igq_tiling_option *taken, *best; // of the mapping at hand, of the best so far
} kind;

typedef struct search {
    igq_job_plan *plans;
    const igq_job *jobs;
    int num_jobs;
    const igq_accelerator *accelerator;
    int *kind_of; // by job, -1: it has tiles of its own
    kind *kinds;
    int num_kinds;
} search;

/// Kinds of products

static size_t product_hash(const igq_product *product)
{
    const unsigned char *byte = (const unsigned char *)product;
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (size_t i = 0; i < sizeof *product; i++)
        hash = (hash ^ byte[i]) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32);
}

int igq_job_is_mapped(const igq_job *job, const igq_accelerator *accelerator)
{
    return accelerator->tiling.mapped && job->layer->tiles.tokens > 0;
}

static void set_tiles(igq_job_plan *plan, const igq_layer_tiles *tiles)
{
    igq_tiling_set(&plan->tiling, &plan->product, tiles->tokens, tiles->outputs, tiles->channels, tiles->order);
    plan->tiling.block_tokens = tiles->block_tokens;
}

// Numbers the kinds in kind_of, and counts them; a table with open addressing, at most half full, holds their first
// jobs. 0 if memory is short.
static int number_kinds(search *of)
{
    size_t places = 16;
    while (places < 2 * (size_t)of->num_jobs)
        places *= 2;
    int *first = malloc(places * sizeof *first);
    if (!first)
        return 0;
    memset(first, 0xff, places * sizeof *first);
    for (int j = 0; j < of->num_jobs; j++) {
        const igq_product *product = &of->plans[j].product;
        size_t place = product_hash(product) & (places - 1);
        of->kind_of[j] = -1;
        if (igq_job_is_mapped(&of->jobs[j], of->accelerator))
            continue;
        while (first[place] >= 0 && memcmp(&of->plans[first[place]].product, product, sizeof *product) != 0)
            place = (place + 1) & (places - 1);
        if (first[place] < 0)
            first[place] = j;
        of->kind_of[j] = first[place] == j ? of->num_kinds++ : of->kind_of[first[place]];
    }
    free(first);
    return 1;
}

// Tiles that somebody else chose: of the layer, or fixed for all.
static int set_given_tiling(const search *of, int j, igq_shortage *shortage)
{
    igq_job_plan *plan = &of->plans[j];
    if (igq_job_is_mapped(&of->jobs[j], of->accelerator)) {
        set_tiles(plan, &of->jobs[j].layer->tiles);
        *shortage = igq_tiling_shortage_of(&plan->tiling, &plan->product, of->accelerator);
        return shortage->buffer == NULL;
    }
    *shortage = igq_tiling_shortage(&plan->product, of->accelerator);
    if (!shortage->buffer && of->accelerator->tiling.choice == IGQ_TILING_CHOICE_FIXED)
        igq_tiling_choose(&plan->tiling, &plan->product, of->accelerator);
    return shortage->buffer == NULL;
}

// 1 if the job that follows does not wait for this one: heads of an attention.
static int is_overlapped(const search *of, int j)
{
    int next = j + of->plans[j].product.images;
    return next < of->num_jobs && of->jobs[next].acts_from_job != j && of->jobs[next].weights_from_job != j;
}

// Options of every kind. 0 if memory is short.
static int find_options(search *of)
{
    size_t most_bytes = 0;
    for (int j = 0, known = 0; j < of->num_jobs; j++) {
        size_t bytes = igq_schedule_lists_size(of->plans[j].product.C, of->jobs[j].grouping->G, of->accelerator);
        if (of->kind_of[j] >= 0 && of->kind_of[j] < known)
            of->kinds[of->kind_of[j]].num_jobs++;
        if (of->kind_of[j] != known)
            continue;
        of->kinds[known].num_jobs = 1;
        of->kinds[known++].job = j;
        most_bytes = bytes > most_bytes ? bytes : most_bytes;
    }
    void *memory = malloc(most_bytes + 1);
    if (!memory)
        return 0;
    for (int k = 0; k < of->num_kinds; k++) {
        igq_schedule_lists lists;
        kind *one = &of->kinds[k];
        igq_schedule_lists_init(&lists, of->jobs[one->job].grouping, is_overlapped(of, one->job), memory);
        igq_tiling_find_options(&one->options, &of->plans[one->job].product, &lists,
                                of->jobs[one->job].executed_tile_channels, of->accelerator);
    }
    free(memory);
    return 1;
}

/// Whole mappings

static const igq_tiling_room any_room = {UINT64_MAX, UINT64_MAX, INT_MAX};

// Jobs get the tilings that their kinds have taken.
static void set_plans(search *of)
{
    for (int j = 0; j < of->num_jobs; j++)
        if (of->kind_of[j] >= 0)
            of->plans[j].tiling = of->kinds[of->kind_of[j]].taken->tiling;
}

// Every kind takes its best with so much room. 0 if one of them has none; the plans stay as they are then.
static int take_best(search *of, const igq_tiling_room *room)
{
    for (int k = 0; k < of->num_kinds; k++)
        if (!igq_tiling_best_option(&of->kinds[k].options, room))
            return 0;
    for (int k = 0; k < of->num_kinds; k++)
        of->kinds[k].taken = igq_tiling_best_option(&of->kinds[k].options, room);
    set_plans(of);
    return 1;
}

typedef enum axis { WEIGHTS, OUTPUTS, BLOCK, NUM_AXES } axis;

// Less than the mapping takes along an axis.
static void take_less(igq_tiling_room *room, const search *of, axis along)
{
    igq_tiling_room most = {0, 0, 0};
    for (int k = 0; k < of->num_kinds; k++) {
        const igq_tiling_room *one = &of->kinds[k].taken->room;
        most.weight_bits = one->weight_bits > most.weight_bits ? one->weight_bits : most.weight_bits;
        most.output_bytes = one->output_bytes > most.output_bytes ? one->output_bytes : most.output_bytes;
        most.block_tokens = one->block_tokens > most.block_tokens ? one->block_tokens : most.block_tokens;
    }
    if (along == WEIGHTS)
        room->weight_bits = most.weight_bits - 1;
    else if (along == OUTPUTS)
        room->output_bytes = most.output_bytes - 1;
    else
        room->block_tokens = most.block_tokens - 1;
}

// What the kinds' own forecasts add up to.
static uint64_t sum_of_forecasts(const search *of)
{
    uint64_t cycles = 0;
    for (int k = 0; k < of->num_kinds; k++)
        cycles += of->kinds[k].num_jobs * of->kinds[k].taken->cost.first;
    return cycles;
}

// What its tilings are charged for short blocks of tokens.
static uint64_t sum_of_charges(const search *of)
{
    uint64_t cycles = 0;
    for (int k = 0; k < of->num_kinds; k++)
        cycles += of->kinds[k].num_jobs * of->kinds[k].taken->cost.charge_cycles;
    return cycles;
}

// The best mapping so far.
typedef struct record {
    igq_tile_clock *clock;
    uint64_t cycles;        // with what it is charged
    uint64_t most_forecast; // mappings whose forecasts are above it are not worth a look
    int64_t tiles_left;     // that may be walked through
} record;

static int64_t num_tiles(const search *of)
{
    int64_t tiles = 0;
    for (int j = 0; j < of->num_jobs; j += of->plans[j].product.images)
        tiles += igq_tiling_num_tiles(&of->plans[j].tiling, &of->plans[j].product);
    return tiles;
}

// Compares the mapping at hand with the best. 0 if it is not worth a look.
static int compare_mapping(record *best, search *of)
{
    if (best->tiles_left <= 0 || sum_of_forecasts(of) > best->most_forecast)
        return 0;
    best->tiles_left -= num_tiles(of);
    uint64_t charge = sum_of_charges(of);
    if (charge >= best->cycles)
        return 1;
    uint64_t most = best->cycles - charge; // which this one has to stay below
    uint64_t cycles = igq_plan_cycles(of->jobs, of->plans, of->num_jobs, best->clock, most, of->accelerator);
    if (cycles < most) {
        best->cycles = cycles + charge;
        for (int k = 0; k < of->num_kinds; k++)
            of->kinds[k].best = of->kinds[k].taken;
    }
    return 1;
}

static void take_best_so_far(search *of)
{
    for (int k = 0; k < of->num_kinds; k++)
        of->kinds[k].taken = of->kinds[k].best;
    set_plans(of);
}

// Mappings with less and less room along an axis, from `room` on, until so few tiles are left.
static void go_along(record *best, search *of, igq_tiling_room room, axis along, int64_t until_left)
{
    while (best->tiles_left > until_left) {
        take_less(&room, of, along);
        if (!take_best(of, &room) || !compare_mapping(best, of))
            return;
    }
}

// From all room on, less and less of it.
static void go_down(record *best, search *of)
{
    igq_tiling_room room = any_room;
    while (take_best(of, &room) && compare_mapping(best, of)) {
        igq_tiling_room less = room;
        take_less(&less, of, BLOCK);
        go_along(best, of, room, WEIGHTS, best->tiles_left * 2 / 3);
        take_best(of, &room);
        go_along(best, of, room, OUTPUTS, best->tiles_left / 2);
        room = less;
    }
}

// Compares mappings, and leaves the plans with the best. 0 if memory is short.
static int compare_mappings(search *of)
{
    enum { WORTH_PCT = 130, MOST_TILES = 8192 };
    record best = {.clock = igq_tile_clock_new(of->jobs, of->num_jobs, of->accelerator), .cycles = UINT64_MAX - 1};
    if (!best.clock)
        return 0;
    take_best(of, &any_room);
    best.most_forecast = sum_of_forecasts(of) * WORTH_PCT / 100;
    best.tiles_left = MOST_TILES;
    go_down(&best, of);
    take_best_so_far(of);
    int failed = igq_tile_clock_failed(best.clock);
    igq_tile_clock_free(best.clock);
    return !failed;
}

static int search_all(search *of)
{
    of->kinds = calloc((size_t)of->num_kinds + 1, sizeof *of->kinds);
    if (!of->kinds || !find_options(of))
        return 0;
    if (of->accelerator->tiling.objective != IGQ_TILING_OBJECTIVE_CYCLES)
        return take_best(of, &any_room);
    return of->num_kinds == 0 || compare_mappings(of);
}

int igq_search_mapping(igq_job_plan *plans, igq_shortage *shortage, int *short_job, const igq_job *jobs, int num_jobs,
                       const igq_accelerator *accelerator)
{
    search of = {.plans = plans, .jobs = jobs, .num_jobs = num_jobs, .accelerator = accelerator};
    for (int j = 0; j < num_jobs; j++) {
        *short_job = j;
        if (!set_given_tiling(&of, j, shortage))
            return 1;
    }
    if (accelerator->tiling.choice == IGQ_TILING_CHOICE_FIXED)
        return 0;
    of.kind_of = malloc((size_t)num_jobs * sizeof *of.kind_of);
    int found = of.kind_of && number_kinds(&of) && search_all(&of);
    free(of.kinds);
    free(of.kind_of);
    return found ? 0 : -1;
}
