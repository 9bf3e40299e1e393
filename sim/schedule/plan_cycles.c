// SPDX-License-Identifier: Apache-2.0
// plan_cycles.c - the blocks as little machines of states. All of them are moved until none moves any more in this
// cycle; then the bus decides, and time goes on to the next moment at which one of them has something to do.
#include "plan_cycles.h"
#include "latency.h"
#include "plan_bus.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 2, STORE_QUEUE = 2 };

// Tiles of the run in their order (for_each_tile of sim/blocks/block.h).
typedef struct tile_walk {
    int first, left; // job of the first image, tiles that are left of these jobs
    igq_tiling_walk walk;
    int job;
    igq_tile tile;
} tile_walk;

// Slots that are filled in turn and taken in the same order.
typedef struct buffer {
    int slots, in_use; // slots 0: of another buffer
    uint64_t ready[2 * SLOTS];
    unsigned filled, taken;
} buffer;

typedef struct store {
    int job;
    uint64_t bytes;
    int frees_output_slot, ends_residual, ends_outputs;
} store;

typedef struct observation {
    int job;
    uint64_t elements;
} observation;

// A block: where it stands, and until when it works.
typedef struct block {
    int state;
    uint64_t until;
    tile_walk at;
} block;

typedef struct run {
    const igq_job *jobs;
    const igq_job_plan *plans;
    int num_jobs;
    igq_tile_clock *clock;
    const igq_accelerator *accelerator;
    uint64_t now, next, end; // next: moment at which somebody has something to do
    igq_plan_bus bus;
    block weights, acts, residual, stores, ranges, assign, arrays, vector;
    buffer weight_buffer, act_buffer, output_buffer, residual_tiles, range_banks;
    unsigned residual_orders, residual_taken; // tiles that got a slot, that the engine has seen
    unsigned finished;                        // tiles that wait for the vector unit
    store store_queue[STORE_QUEUE], stored;
    unsigned stores_in, stores_out;
    buffer list_sets;
    int range_job, assign_job; // at work
    observation *observed, observing; // of all tiles; at work
    size_t observed_in, observed_out;
    int *scoreable; // jobs whose ranges are complete, in order
    int scoreable_in, scoreable_out;
    uint64_t *elements;                     // observed, by job
    char *written, *stream_stored, *listed; // by job
    uint64_t moves;                         // of all blocks
} run;

/// Waiting

// 1 if it is `moment` or later; else time is to stop there.
static int is_reached(run *of, uint64_t moment)
{
    if (moment <= of->now)
        return 1;
    if (moment < of->next)
        of->next = moment;
    return 0;
}

static int next_tile(run *of, tile_walk *at)
{
    while (at->left == 0) {
        if (at->job >= 0 && at->first < of->num_jobs)
            at->first += of->plans[at->first].product.images;
        if (at->first >= of->num_jobs)
            return 0;
        const igq_job_plan *plan = &of->plans[at->first];
        at->left = igq_tiling_num_tiles(&plan->tiling, &plan->product);
        at->walk = (igq_tiling_walk){0};
        at->job = at->first;
    }
    const igq_job_plan *plan = &of->plans[at->first];
    igq_tiling_walk_next(&at->tile, &at->walk, &plan->tiling, &plan->product);
    at->job = at->first + at->tile.image;
    at->left--;
    return 1;
}

static int acquire(buffer *from)
{
    if (from->in_use == from->slots)
        return 0;
    from->in_use++;
    return 1;
}
static void fill(buffer *to, uint64_t ready)
{
    to->ready[to->filled++ % (2 * SLOTS)] = ready;
}
static int take(run *of, buffer *from)
{
    if (from->filled == from->taken || !is_reached(of, from->ready[from->taken % (2 * SLOTS)]))
        return 0;
    from->taken++;
    return 1;
}

static int is_written(const run *of, int job)
{
    return job < 0 || of->written[job];
}

static void result_is_there(run *of, char *which, int job)
{
    which[job] = 1;
    of->end = of->now;
}

/// Engines

enum { NEXT, SLOT, OPERAND, ASK, MOVE, END }; // states of an engine

// 1 when the bytes that are asked for in state ASK are through. block->until: the moment at which they are there.
static int is_through(run *of, block *engine, igq_bus_port port, uint64_t bytes)
{
    engine->until = of->now;
    if (engine->state == ASK) {
        if (igq_plan_bus_request(&of->bus, port, bytes))
            return 1;
        engine->state = MOVE;
    }
    if (!of->bus.done[port])
        return 0;
    of->bus.done[port] = 0;
    engine->until += (uint64_t)of->accelerator->dram.latency_cycles;
    return 1;
}

// What distinguishes the engines that load tiles.
static int loads(const run *of, const tile_walk *at, igq_bus_port port)
{
    const igq_product *product = &of->plans[at->job].product;
    switch (port) {
    case IGQ_BUS_WEIGHTS:
        return at->tile.loads_weights;
    case IGQ_BUS_ACTIVATIONS:
        return product->acts_in_dram && at->tile.loads_acts;
    default:
        return igq_loads_residual(product) && at->tile.opens_sums;
    }
}

static uint64_t loaded_bytes(const run *of, const tile_walk *at, igq_bus_port port)
{
    const igq_product *product = &of->plans[at->job].product;
    const igq_tile *tile = &at->tile;
    switch (port) {
    case IGQ_BUS_WEIGHTS:
        return igq_weight_tile_bytes(product, tile->outputs, tile->channels);
    case IGQ_BUS_ACTIVATIONS:
        return igq_act_tile_bytes(product, tile->tokens, tile->channels);
    default:
        return igq_output_bytes(tile->tokens, tile->outputs);
    }
}

static int has_slot(run *of, buffer *to, igq_bus_port port)
{
    if (port != IGQ_BUS_RESIDUAL)
        return acquire(to);
    if (of->residual_taken == of->residual_orders) // it waits in a slot of the output buffer
        return 0;
    of->residual_taken++;
    return 1;
}

static int has_operand(const run *of, int job, igq_bus_port port)
{
    switch (port) {
    case IGQ_BUS_WEIGHTS:
        return is_written(of, of->jobs[job].weights_from_job);
    case IGQ_BUS_ACTIVATIONS:
        return is_written(of, of->jobs[job].acts_from_job);
    default:
        return of->plans[job].residual_from < 0 || of->stream_stored[of->plans[job].residual_from];
    }
}

static void move_load(run *of, block *engine, buffer *to, igq_bus_port port)
{
    for (;; of->moves++) {
        switch (engine->state) {
        case NEXT:
            do {
                if (!next_tile(of, &engine->at)) {
                    engine->state = END;
                    return;
                }
            } while (!loads(of, &engine->at, port));
            engine->state = SLOT;
            break;
        case SLOT:
            if (!has_slot(of, to, port))
                return;
            engine->state = OPERAND;
            break;
        case OPERAND:
            if (!has_operand(of, engine->at.job, port))
                return;
            engine->state = ASK;
            break;
        case END:
            return;
        default:
            if (!is_through(of, engine, port, loaded_bytes(of, &engine->at, port)))
                return;
            fill(to, engine->until);
            engine->state = NEXT;
            break;
        }
    }
}

static void move_stores(run *of)
{
    for (;; of->moves++) {
        const store *next = &of->stored;
        if (of->stores.state == NEXT) {
            if (of->stores_in == of->stores_out)
                return;
            of->stored = of->store_queue[of->stores_out++ % STORE_QUEUE];
            of->stores.state = ASK;
            continue;
        }
        if (!is_through(of, &of->stores, IGQ_BUS_STORES, next->bytes))
            return;
        of->stores.state = NEXT;
        of->output_buffer.in_use -= next->frees_output_slot;
        if (next->ends_residual)
            result_is_there(of, of->stream_stored, next->job);
        if (next->ends_outputs)
            result_is_there(of, of->written, next->job);
    }
}

/// Arrays

enum { TILE, RESULTS, LISTS, ACTS, WEIGHTS, OUTPUTS, WORK, ALL_DONE };

static void end_tile(run *of, const tile_walk *at)
{
    const igq_tile *tile = &at->tile;
    of->finished += (unsigned)tile->ends_sums;
    of->weight_buffer.in_use -= tile->frees_weights;
    of->act_buffer.in_use -= of->plans[at->job].product.acts_in_dram && tile->frees_acts;
    of->list_sets.in_use -= tile->ends_image && of->jobs[at->job].assign == IGQ_ASSIGN_NEAREST;
}

static void move_arrays(run *of)
{
    block *arrays = &of->arrays;
    const igq_tile *tile = &arrays->at.tile;
    for (;; of->moves++) {
        int j = arrays->at.job;
        switch (arrays->state) {
        case TILE:
            arrays->state = next_tile(of, &arrays->at) ? RESULTS : ALL_DONE;
            break;
        case RESULTS:
            if (!is_written(of, of->jobs[j].acts_from_job))
                return;
            arrays->state = LISTS;
            break;
        case LISTS:
            if (of->jobs[j].assign != IGQ_ASSIGN_NONE && !of->listed[j])
                return;
            arrays->state = ACTS;
            break;
        case ACTS:
            if (of->plans[j].product.acts_in_dram && tile->loads_acts && !take(of, &of->act_buffer))
                return;
            arrays->state = WEIGHTS;
            break;
        case WEIGHTS:
            if (tile->loads_weights && !take(of, &of->weight_buffer))
                return;
            arrays->state = OUTPUTS;
            break;
        case OUTPUTS:
            if (tile->opens_sums && !acquire(&of->output_buffer))
                return;
            of->residual_orders += tile->opens_sums && igq_loads_residual(&of->plans[j].product);
            arrays->until = of->now + igq_tile_clock_cycles(of->clock, j, &of->plans[arrays->at.first].tiling, tile);
            arrays->state = WORK;
            break;
        case WORK:
            if (!is_reached(of, arrays->until))
                return;
            end_tile(of, &arrays->at);
            arrays->state = TILE;
            break;
        default:
            return;
        }
    }
}

/// Vector unit

enum { VECTOR_NEXT, VECTOR_TASK, VECTOR_RESIDUAL, VECTOR_WORK, VECTOR_STREAM, VECTOR_RESULTS, VECTOR_ROWS, VECTOR_STORE };

static int order_store(run *of, const store *next)
{
    if (of->stores_in - of->stores_out == STORE_QUEUE)
        return 0;
    of->store_queue[of->stores_in++ % STORE_QUEUE] = *next;
    return 1;
}

// The task of the vector unit, by its tile.
typedef struct task {
    const igq_job_plan *plan;
    const igq_tile *tile;
    int job, parks;
    int stream_frees_slot; // 1: the residual's store frees the output slot
    int columns;           // of the results that are written back at once
} task;

static task task_of(const run *of, const tile_walk *at)
{
    const igq_job_plan *plan = &of->plans[at->job];
    int parks = igq_tiling_parks_rows(&plan->tiling, &plan->product);
    return (task){.plan = plan,
                  .tile = &at->tile,
                  .job = at->job,
                  .parks = parks,
                  .stream_frees_slot =
                      igq_stores_residual(&plan->product) && (parks || !plan->product.outputs_in_dram),
                  .columns = parks ? plan->product.O : at->tile.outputs};
}

static void vector_work(run *of, int passes, int tokens, int columns)
{
    of->vector.until = of->now + igq_vector_cycles(passes, (uint64_t)tokens * (uint64_t)columns,
                                                   &of->accelerator->vector_unit);
}

// What the range unit sees of results that are written back.
static void observe(run *of, const task *at)
{
    if (at->plan->observer >= 0)
        of->observed[of->observed_in++] =
            (observation){at->plan->observer, (uint64_t)at->tile->tokens * (uint64_t)at->columns};
}

static int write_back(run *of, const task *at)
{
    int frees = !at->parks && !at->stream_frees_slot;
    store next = {at->job, igq_result_bytes(&at->plan->product, at->tile->tokens, at->columns), frees, 0,
                  at->tile->ends_image};
    if (at->plan->product.outputs_in_dram)
        return order_store(of, &next);
    of->output_buffer.in_use -= frees;
    if (at->tile->ends_image)
        result_is_there(of, of->written, at->job);
    return 1;
}

static int store_stream(run *of, const task *at)
{
    store next = {at->job, igq_output_bytes(at->tile->tokens, at->tile->outputs), at->stream_frees_slot,
                  at->tile->ends_image, 0};
    return !igq_stores_residual(&at->plan->product) || order_store(of, &next);
}

// After the pass over the tile: results are written back, or wait for the rest of their rows. Returns the next state.
static int results_of(run *of, const task *at)
{
    if (!at->parks) {
        observe(of, at);
        return VECTOR_STORE;
    }
    of->output_buffer.in_use -= !at->stream_frees_slot;
    if (!at->tile->ends_rows)
        return VECTOR_NEXT;
    vector_work(of, at->plan->product.row_passes, at->tile->tokens, at->plan->product.O);
    return VECTOR_ROWS;
}

static void move_vector(run *of)
{
    block *vector = &of->vector;
    for (; vector->state != VECTOR_NEXT || next_tile(of, &vector->at); of->moves++) {
        task at = task_of(of, &vector->at);
        const igq_product *product = &at.plan->product;
        switch (vector->state) {
        case VECTOR_NEXT:
            vector->state = at.tile->ends_sums ? VECTOR_TASK : VECTOR_NEXT;
            break;
        case VECTOR_TASK:
            if (of->finished == 0)
                return;
            of->finished--;
            vector->state = VECTOR_RESIDUAL;
            break;
        case VECTOR_RESIDUAL:
            if (igq_loads_residual(product) && !take(of, &of->residual_tiles))
                return;
            vector_work(of, product->tile_passes + (at.parks ? 0 : product->row_passes), at.tile->tokens,
                        at.tile->outputs);
            vector->state = VECTOR_WORK;
            break;
        case VECTOR_WORK:
            if (!is_reached(of, vector->until))
                return;
            vector->state = VECTOR_STREAM;
            break;
        case VECTOR_STREAM:
            if (!store_stream(of, &at))
                return;
            vector->state = VECTOR_RESULTS;
            break;
        case VECTOR_RESULTS:
            vector->state = results_of(of, &at);
            break;
        case VECTOR_ROWS:
            if (!is_reached(of, vector->until))
                return;
            observe(of, &at);
            vector->state = VECTOR_STORE;
            break;
        default:
            if (!write_back(of, &at))
                return;
            vector->state = VECTOR_NEXT;
            break;
        }
    }
}

/// Ranges and assignment

enum { RANGE_JOB, RANGE_PASS = END + 1, RANGE_ARRIVES, RANGE_BANK, RANGE_BEATS, RANGE_LISTEN, RANGE_LISTEN_BANK,
       RANGE_LISTEN_BEATS };

// Which state the unit is in next, for the job that it has come to.
static int state_of_job(run *of)
{
    for (; of->range_job < of->num_jobs; of->range_job++) {
        const igq_job_plan *plan = &of->plans[of->range_job];
        if (plan->listens && of->elements[of->range_job] < plan->observed_elements)
            return RANGE_LISTEN;
        if (!plan->listens && of->jobs[of->range_job].assign != IGQ_ASSIGN_NONE)
            return RANGE_PASS;
    }
    return END;
}

static void listen_to(run *of, block *unit)
{
    const observation *next = &of->observing;
    const igq_job_plan *plan = &of->plans[next->job];
    uint64_t before = of->elements[next->job], after = before + next->elements;
    unit->until = of->now + plan->range_cycles * after / plan->observed_elements -
                  plan->range_cycles * before / plan->observed_elements;
    of->elements[next->job] = after;
    unit->state = RANGE_LISTEN_BEATS;
}

static void move_ranges(run *of)
{
    block *unit = &of->ranges;
    for (;; of->moves++) {
        const igq_job_plan *plan = of->range_job < of->num_jobs ? &of->plans[of->range_job] : NULL;
        switch (unit->state) {
        case RANGE_JOB:
            unit->state = state_of_job(of);
            break;
        case RANGE_PASS:
            if (!is_written(of, of->jobs[of->range_job].acts_from_job))
                return;
            unit->state = ASK;
            break;
        case ASK:
        case MOVE:
            if (!is_through(of, unit, IGQ_BUS_RANGES, plan->range_load_bytes))
                return;
            unit->state = RANGE_ARRIVES;
            break;
        case RANGE_ARRIVES:
            if (!is_reached(of, unit->until))
                return;
            unit->state = RANGE_BANK;
            break;
        case RANGE_BANK:
            if (!acquire(&of->range_banks))
                return;
            unit->until = of->now + plan->range_cycles;
            unit->state = RANGE_BEATS;
            break;
        case RANGE_BEATS:
            if (!is_reached(of, unit->until))
                return;
            of->scoreable[of->scoreable_in++] = of->range_job++;
            unit->state = RANGE_JOB;
            break;
        case RANGE_LISTEN:
            if (of->observed_in == of->observed_out)
                return;
            of->observing = of->observed[of->observed_out++];
            unit->state = RANGE_LISTEN_BANK;
            break;
        case RANGE_LISTEN_BANK:
            if (of->elements[of->observing.job] == 0 && !acquire(&of->range_banks))
                return;
            listen_to(of, unit);
            break;
        case RANGE_LISTEN_BEATS:
            if (!is_reached(of, unit->until))
                return;
            if (of->elements[of->observing.job] == of->plans[of->observing.job].observed_elements)
                of->scoreable[of->scoreable_in++] = of->observing.job;
            unit->state = RANGE_JOB;
            break;
        default:
            return;
        }
    }
}

enum { ASSIGN_RANGES, ASSIGN_SCORE, ASSIGN_SET, ASSIGN_EMIT, ASSIGN_RECODE };

static void move_assign(run *of)
{
    block *unit = &of->assign;
    for (;; of->moves++) {
        const igq_job *job = &of->jobs[of->assign_job];
        const igq_job_plan *plan = &of->plans[of->assign_job];
        switch (unit->state) {
        case ASSIGN_RANGES:
            if (of->scoreable_in == of->scoreable_out)
                return;
            of->assign_job = of->scoreable[of->scoreable_out++];
            unit->until = of->now + of->plans[of->assign_job].score_cycles;
            unit->state = ASSIGN_SCORE;
            break;
        case ASSIGN_SCORE:
            if (!is_reached(of, unit->until))
                return;
            of->range_banks.in_use--;
            unit->state = job->assign == IGQ_ASSIGN_NEAREST ? ASSIGN_SET : ASSIGN_EMIT;
            break;
        case ASSIGN_SET:
            if (!acquire(&of->list_sets))
                return;
            unit->until = of->now + igq_emit_cycles(job->assign_members) + plan->deal_cycles;
            unit->state = ASSIGN_EMIT;
            break;
        case ASSIGN_EMIT:
            if (!is_reached(of, unit->until))
                return;
            unit->until = of->now + plan->recode_cycles;
            unit->state = ASSIGN_RECODE;
            break;
        default:
            if (!is_reached(of, unit->until))
                return;
            of->listed[of->assign_job] = 1;
            unit->state = ASSIGN_RANGES;
            break;
        }
    }
}

/// A run

static void move_all(run *of)
{
    uint64_t before;
    of->next = UINT64_MAX;
    do {
        before = of->moves;
        move_vector(of);
        move_stores(of);
        move_load(of, &of->residual, &of->residual_tiles, IGQ_BUS_RESIDUAL);
        move_ranges(of);
        move_assign(of);
        move_load(of, &of->acts, &of->act_buffer, IGQ_BUS_ACTIVATIONS);
        move_load(of, &of->weights, &of->weight_buffer, IGQ_BUS_WEIGHTS);
        move_arrays(of);
    } while (of->moves != before);
}

// Memory of the run, in one piece. 0 if there is none.
static int begin_run(run *of)
{
    size_t jobs = (size_t)of->num_jobs, tiles = 0;
    for (int j = 0; j < of->num_jobs; j += of->plans[j].product.images)
        tiles += (size_t)igq_tiling_num_tiles(&of->plans[j].tiling, &of->plans[j].product);
    of->observed = calloc(1, tiles * sizeof *of->observed + jobs * (sizeof *of->elements + sizeof *of->scoreable + 3));
    if (!of->observed)
        return 0;
    of->elements = (uint64_t *)(of->observed + tiles);
    of->scoreable = (int *)(of->elements + jobs);
    of->written = (char *)(of->scoreable + jobs);
    of->stream_stored = of->written + jobs;
    of->listed = of->stream_stored + jobs;
    tile_walk start = {.job = -1};
    of->weights.at = of->acts.at = of->residual.at = of->arrays.at = of->vector.at = start;
    of->weight_buffer.slots = igq_buffer_slots(&of->accelerator->weight_buffer);
    of->act_buffer.slots = igq_buffer_slots(&of->accelerator->activation_buffer);
    of->output_buffer.slots = igq_buffer_slots(&of->accelerator->output_buffer);
    of->range_banks.slots = igq_range_banks(of->accelerator);
    of->list_sets.slots = igq_index_sets(of->accelerator);
    igq_plan_bus_init(&of->bus, &of->accelerator->dram);
    return 1;
}

uint64_t igq_plan_cycles(const igq_job *jobs, const igq_job_plan *plans, int num_jobs, igq_tile_clock *clock,
                         uint64_t limit, const igq_accelerator *accelerator)
{
    run of = {.jobs = jobs, .plans = plans, .num_jobs = num_jobs, .clock = clock, .accelerator = accelerator};
    if (!begin_run(&of))
        return UINT64_MAX;
    while (of.now <= limit) {
        igq_plan_bus_finish(&of.bus, of.now);
        move_all(&of);
        igq_plan_bus_decide(&of.bus, of.now);
        if (of.bus.port >= 0 && of.bus.end < of.next)
            of.next = of.bus.end;
        if (of.next == UINT64_MAX)
            break;
        of.now = of.next;
    }
    free(of.observed);
    return igq_tile_clock_failed(clock) ? UINT64_MAX : of.now > limit ? of.now : of.end;
}
