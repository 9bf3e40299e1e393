// SPDX-License-Identifier: Apache-2.0
// plan_arrays.c - the arrays, and the vector unit behind them. Twin of sim/blocks/mac_array.cpp and vector_unit.cpp.
#include "latency.h"
#include "plan_run.h"

enum { TILE, RESULTS, LISTS, ACTS, WEIGHTS, OUTPUTS, WORK, ALL_DONE };

static void end_tile(plan_run *of, const run_walk *at)
{
    const igq_tile *tile = &at->tile;
    of->finished += (unsigned)tile->ends_sums;
    of->weight_buffer.in_use -= tile->frees_weights;
    of->act_buffer.in_use -= of->plans[at->job].product.acts_in_dram && tile->frees_acts;
    of->list_sets.in_use -= tile->ends_image && of->jobs[at->job].assign == IGQ_ASSIGN_NEAREST;
}

// Words that this tile reads last: those of weights block of outputs after block; those of activations block of tokens
// after block, with the last outputs.
static void release_words(plan_run *of, const run_walk *at, uint64_t cycles)
{
    const igq_job_plan *plan = &of->plans[at->job];
    const igq_tile *tile = &at->tile;
    int at_once = igq_outputs_at_once(of->accelerator), output_blocks = (tile->outputs + at_once - 1) / at_once;
    int block_tokens = igq_tiling_block_tokens(&plan->tiling, &of->accelerator->mac_array);
    igq_word_release words = {of->now, of->now + cycles, plan_loaded_bits(&plan->product, tile, IGQ_BUS_WEIGHTS),
                              output_blocks};
    if (of->weight_buffer.by_words && tile->frees_weights)
        igq_word_room_release(&of->weight_buffer.room, &words);
    words.begin_cycle += cycles * (uint64_t)(output_blocks - 1) / (uint64_t)output_blocks;
    words.bits = plan_loaded_bits(&plan->product, tile, IGQ_BUS_ACTIVATIONS);
    words.parts = (tile->tokens + block_tokens - 1) / block_tokens;
    if (of->act_buffer.by_words && plan->product.acts_in_dram && tile->frees_acts)
        igq_word_room_release(&of->act_buffer.room, &words);
}

void plan_move_arrays(plan_run *of)
{
    run_block *arrays = &of->arrays;
    const igq_tile *tile = &arrays->at.tile;
    uint64_t cycles;
    for (;; of->moves++) {
        int j = arrays->at.job;
        switch (arrays->state) {
        case TILE:
            arrays->state = plan_next_tile(of, &arrays->at, -1) ? RESULTS : ALL_DONE;
            break;
        case RESULTS:
            if (!plan_is_written(of, of->jobs[j].acts_from_job))
                return;
            arrays->state = LISTS;
            break;
        case LISTS:
            if (of->jobs[j].assign != IGQ_ASSIGN_NONE && !of->listed[j])
                return;
            arrays->state = ACTS;
            break;
        case ACTS:
            if (of->plans[j].product.acts_in_dram && tile->loads_acts && !plan_take(of, &of->act_buffer))
                return;
            arrays->state = WEIGHTS;
            break;
        case WEIGHTS:
            if (tile->loads_weights && !plan_take(of, &of->weight_buffer))
                return;
            arrays->state = OUTPUTS;
            break;
        case OUTPUTS:
            if (tile->opens_sums && !plan_acquire(&of->output_buffer))
                return;
            of->residual_orders += tile->opens_sums && igq_loads_residual(&of->plans[j].product);
            cycles = igq_tile_clock_cycles(of->clock, j, &of->plans[arrays->at.first].tiling, tile);
            release_words(of, &arrays->at, cycles);
            arrays->until = of->now + cycles;
            arrays->state = WORK;
            break;
        case WORK:
            if (!plan_is_reached(of, arrays->until))
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

enum { VECTOR_NEXT, VECTOR_TASK, VECTOR_RESIDUAL, VECTOR_WORK, VECTOR_STREAM, VECTOR_ROWS, VECTOR_STORE };

static int order_store(plan_run *of, const run_store *next)
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

static task task_of(const plan_run *of, const run_walk *at)
{
    const igq_job_plan *plan = &of->plans[at->job];
    int parks = igq_tiling_parks_rows(&plan->tiling, &plan->product);
    return (task){.plan = plan,
                  .tile = &at->tile,
                  .job = at->job,
                  .parks = parks,
                  .stream_frees_slot = igq_stores_residual(&plan->product) && (parks || !plan->product.outputs_in_dram),
                  .columns = parks ? plan->product.O : at->tile.outputs};
}

static void vector_work(plan_run *of, int passes, int tokens, int columns)
{
    of->vector.until =
        of->now + igq_vector_cycles(passes, (uint64_t)tokens * (uint64_t)columns, &of->accelerator->vector_unit);
}

// What the range unit sees of results that are written back.
static void observe(plan_run *of, const task *at)
{
    if (at->plan->observer >= 0)
        of->observed[of->observed_in++] =
            (run_observation){at->plan->observer, (uint64_t)at->tile->tokens * (uint64_t)at->columns};
}

static int write_back(plan_run *of, const task *at)
{
    int frees = !at->parks && !at->stream_frees_slot;
    run_store next = {at->job, igq_result_bytes(&at->plan->product, at->tile->tokens, at->columns), frees, 0,
                      at->tile->ends_image};
    if (at->plan->product.outputs_in_dram)
        return order_store(of, &next);
    of->output_buffer.in_use -= frees;
    if (at->tile->ends_image)
        plan_result_is_there(of, of->written, at->job);
    return 1;
}

static int store_stream(plan_run *of, const task *at)
{
    run_store next = {at->job, igq_output_bytes(at->tile->tokens, at->tile->outputs), at->stream_frees_slot,
                      at->tile->ends_image, 0};
    return !igq_stores_residual(&at->plan->product) || order_store(of, &next);
}

// After the pass over the tile: results are written back, or wait for the rest of their rows. Returns the next state.
static int results_of(plan_run *of, const task *at)
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

// What the unit waits for in its state. 1 if it is there.
static int vector_may_go_on(plan_run *of, const run_block *vector)
{
    switch (vector->state) {
    case VECTOR_TASK:
        return of->finished > 0;
    case VECTOR_RESIDUAL:
        return !igq_loads_residual(&of->plans[vector->at.job].product) || plan_take(of, &of->residual_tiles);
    case VECTOR_WORK:
    case VECTOR_ROWS:
        return plan_is_reached(of, vector->until);
    default:
        return 1;
    }
}

void plan_move_vector(plan_run *of)
{
    run_block *vector = &of->vector;
    for (; vector->state != VECTOR_NEXT || plan_next_tile(of, &vector->at, -1); of->moves++) {
        if (!vector_may_go_on(of, vector))
            return;
        task at = task_of(of, &vector->at);
        const igq_product *product = &at.plan->product;
        switch (vector->state) {
        case VECTOR_NEXT:
            vector->state = at.tile->ends_sums ? VECTOR_TASK : VECTOR_NEXT;
            break;
        case VECTOR_TASK:
            of->finished--;
            vector->state = VECTOR_RESIDUAL;
            break;
        case VECTOR_RESIDUAL:
            vector_work(of, product->tile_passes + (at.parks ? 0 : product->row_passes), at.tile->tokens,
                        at.tile->outputs);
            vector->state = VECTOR_WORK;
            break;
        case VECTOR_WORK:
            vector->state = VECTOR_STREAM;
            break;
        case VECTOR_STREAM:
            if (!store_stream(of, &at))
                return;
            vector->state = results_of(of, &at);
            break;
        case VECTOR_ROWS:
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
