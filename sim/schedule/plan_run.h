// SPDX-License-Identifier: Apache-2.0
// plan_run.h - what the blocks of plan_cycles.c share. Each of them is a little machine of states: plan_move_X takes it
// as far as it gets in this cycle.
#ifndef IGQ_PLAN_RUN_H
#define IGQ_PLAN_RUN_H
#include "plan_bus.h"
#include "plan_cycles.h"
#include "word_room.h"

enum { STORE_QUEUE = 2 };

// Tiles of the run in their order (for_each_tile of sim/blocks/block.h).
typedef struct run_walk {
    int first, left; // job of the first image, tiles that are left of these jobs
    igq_tiling_walk walk;
    int job;
    igq_tile tile;
} run_walk;

// Slots, or words, that are filled in turn and taken in the same order.
typedef struct run_buffer {
    int slots, in_use; // slots 0: of another buffer
    int by_words;      // 1: room word by word
    igq_word_room room;
    uint64_t *ready; // of all tiles
    size_t filled, taken;
} run_buffer;

typedef struct run_store {
    int job;
    uint64_t bytes;
    int frees_output_slot, ends_residual, ends_outputs;
} run_store;

typedef struct run_observation {
    int job;
    uint64_t elements;
} run_observation;

// A block: where it stands, and until when it works.
typedef struct run_block {
    int state;
    uint64_t until;
    run_walk at;
} run_block;

typedef struct plan_run {
    const igq_job *jobs;
    const igq_job_plan *plans;
    int num_jobs;
    igq_tile_clock *clock;
    const igq_accelerator *accelerator;
    uint64_t now, next, end; // next: moment at which somebody has something to do
    igq_plan_bus bus;
    run_block weights, acts, residual, stores, ranges, assign, arrays, vector;
    run_buffer weight_buffer, act_buffer, output_buffer, residual_tiles, range_banks;
    unsigned residual_orders, residual_taken; // tiles that got a slot, that the engine has seen
    unsigned finished;                        // tiles that wait for the vector unit
    run_store store_queue[STORE_QUEUE], stored;
    unsigned stores_in, stores_out;
    run_buffer list_sets;
    int range_job, assign_job;            // at work
    run_observation *observed, observing; // of all tiles; at work
    size_t observed_in, observed_out;
    int *scoreable; // jobs whose ranges are complete, in order
    int scoreable_in, scoreable_out;
    uint64_t *elements;                     // observed, by job
    char *written, *stream_stored, *listed; // by job
    int jobs_through;                       // so many first ones are written back, with their residual streams
    uint64_t moves;                         // of all blocks
} plan_run;

// 1 if it is `moment` or later; else time is to stop there.
static inline int plan_is_reached(plan_run *of, uint64_t moment)
{
    if (moment <= of->now)
        return 1;
    if (moment < of->next)
        of->next = moment;
    return 0;
}

// 1 if jobs from `first` on have tiles to load at that port; -1: have tiles.
static inline int has_loads(const plan_run *of, int first, int port)
{
    const igq_product *product = &of->plans[first].product;
    return (port != IGQ_BUS_ACTIVATIONS || product->acts_in_dram) &&
           (port != IGQ_BUS_RESIDUAL || igq_loads_residual(product));
}

// The next tile of the run, of jobs that load at `port`. 0 if there is none.
static inline int plan_next_tile(const plan_run *of, run_walk *at, int port)
{
    for (; at->left == 0; at->job = at->first) {
        if (at->job >= 0 && at->first < of->num_jobs)
            at->first += of->plans[at->first].product.images;
        if (at->first >= of->num_jobs)
            return 0;
        const igq_job_plan *plan = &of->plans[at->first];
        if (has_loads(of, at->first, port))
            at->left = igq_tiling_num_tiles(&plan->tiling, &plan->product);
        at->walk = (igq_tiling_walk){0};
    }
    const igq_job_plan *plan = &of->plans[at->first];
    igq_tiling_walk_next(&at->tile, &at->walk, &plan->tiling, &plan->product);
    at->job = at->first + at->tile.image;
    at->left--;
    return 1;
}

static inline int plan_acquire(run_buffer *from)
{
    if (from->in_use == from->slots)
        return 0;
    from->in_use++;
    return 1;
}
static inline void plan_fill(run_buffer *to, uint64_t ready)
{
    to->ready[to->filled++] = ready;
}
static inline int plan_take(plan_run *of, run_buffer *from)
{
    if (from->filled == from->taken || !plan_is_reached(of, from->ready[from->taken]))
        return 0;
    from->taken++;
    return 1;
}

// Bits that a tile takes up in the weight buffer, or in the activation buffer.
static inline uint64_t plan_loaded_bits(const igq_product *product, const igq_tile *tile, igq_bus_port port)
{
    return port == IGQ_BUS_WEIGHTS ? igq_weight_buffer_bits(product, tile->outputs, tile->channels)
                                   : igq_act_buffer_bits(product, tile->tokens, tile->channels);
}

static inline int plan_is_written(const plan_run *of, int job)
{
    return job < 0 || of->written[job];
}

static inline int plan_is_through_job(const plan_run *of, int job)
{
    return of->written[job] && (!igq_stores_residual(&of->plans[job].product) || of->stream_stored[job]);
}

static inline void plan_result_is_there(plan_run *of, char *which, int job)
{
    which[job] = 1;
    of->end = of->now;
    while (of->jobs_through < of->num_jobs && plan_is_through_job(of, of->jobs_through))
        of->jobs_through++;
}

// 1 if what is before the job's part is through.
static inline int plan_may_fetch(const plan_run *of, int job)
{
    return of->jobs_through >= of->plans[job].waits_for_jobs;
}

enum { NEXT, SLOT, WORDS, OPERAND, COPY, MOVE, ARRIVED, END }; // states of what moves bytes

// Asks for bytes. Returns the next state: of the engine that waits for them in MOVE, or `after` if they are through.
static inline int plan_ask(plan_run *of, run_block *engine, igq_bus_port port, uint64_t bytes, int after)
{
    engine->until = of->now;
    return igq_plan_bus_request(&of->bus, port, bytes) ? after : MOVE;
}

// 1 when the bytes that were asked for are through. engine->until: the moment at which they are there.
static inline int plan_is_through(plan_run *of, run_block *engine, igq_bus_port port)
{
    if (!of->bus.done[port])
        return 0;
    of->bus.done[port] = 0;
    engine->until = of->now + (uint64_t)of->accelerator->dram.latency_cycles;
    return 1;
}

// plan_engines.c
void plan_move_load(plan_run *of, run_block *engine, run_buffer *to, igq_bus_port port);
void plan_move_stores(plan_run *of);
// plan_arrays.c
void plan_move_arrays(plan_run *of);
void plan_move_vector(plan_run *of);
// plan_lists.c
void plan_move_ranges(plan_run *of);
void plan_move_assign(plan_run *of);

#endif
