// SPDX-License-Identifier: Apache-2.0
// plan_engines.c - the engines that move tiles between DRAM and the buffers. Twin of sim/blocks/dma.cpp.
#include "latency.h"
#include "plan_run.h"

// What distinguishes the engines that load tiles (has_loads).
static int loads(const igq_tile *tile, igq_bus_port port)
{
    switch (port) {
    case IGQ_BUS_WEIGHTS:
        return tile->loads_weights;
    case IGQ_BUS_ACTIVATIONS:
        return tile->loads_acts;
    default:
        return tile->opens_sums;
    }
}

static uint64_t loaded_bytes(const plan_run *of, const run_walk *at, igq_bus_port port)
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

// Of K or V on their way from the activation buffer.
static uint64_t copy_cycles(const plan_run *of, const run_walk *at, igq_bus_port port)
{
    const igq_product *product = &of->plans[at->job].product;
    return port == IGQ_BUS_WEIGHTS
               ? igq_operand_copy_cycles(igq_operand_bits(product, at->tile.outputs, at->tile.channels),
                                         of->accelerator)
               : 0;
}

// V is turned on its way.
static uint64_t turn_cycles(const plan_run *of, const run_walk *at, igq_bus_port port)
{
    const igq_product *product = &of->plans[at->job].product;
    if (port != IGQ_BUS_WEIGHTS || of->jobs[at->job].layer->kind != IGQ_LAYER_CONTEXT)
        return 0;
    return (uint64_t)igq_turn_elements(product->operand_codes ? product->weight_bits : IGQ_ACT_IN_BITS,
                                       of->accelerator);
}

// The moment from which a tile may fill words that become free; IGQ_NEVER: not known yet.
static uint64_t words_start(const plan_run *of, const run_buffer *to, const run_walk *at, igq_bus_port port)
{
    const igq_job_plan *plan = &of->plans[at->job];
    const igq_accelerator *accelerator = of->accelerator;
    uint64_t transfer_cycles = igq_dram_transfer_cycles(loaded_bytes(of, at, port), &accelerator->dram);
    uint64_t bits = plan_loaded_bits(&plan->product, &at->tile, port);
    uint64_t room_bits = port == IGQ_BUS_WEIGHTS ? igq_weight_room_bits(accelerator)
                                                 : igq_act_room_bits(&plan->tiling, &plan->product, accelerator);
    return igq_word_room_start(&to->room, of->now, bits, copy_cycles(of, at, port) + transfer_cycles, room_bits);
}

// Takes a slot if there is one. Returns the next state.
static int take_slot(plan_run *of, run_block *engine, run_buffer *to, igq_bus_port port)
{
    if (to->by_words) {
        engine->until = words_start(of, to, &engine->at, port);
        return engine->until == IGQ_NEVER ? SLOT : WORDS;
    }
    if (port != IGQ_BUS_RESIDUAL)
        return plan_acquire(to) ? OPERAND : SLOT;
    if (of->residual_taken == of->residual_orders) // it waits in a slot of the output buffer
        return SLOT;
    of->residual_taken++;
    return OPERAND;
}

static int has_operand(const plan_run *of, int job, igq_bus_port port)
{
    switch (port) {
    case IGQ_BUS_WEIGHTS:
        return plan_is_written(of, of->jobs[job].weights_from_job);
    case IGQ_BUS_ACTIVATIONS:
        return plan_is_written(of, of->jobs[job].acts_from_job);
    default:
        return of->plans[job].residual_from < 0 || of->stream_stored[of->plans[job].residual_from];
    }
}

void plan_move_load(plan_run *of, run_block *engine, run_buffer *to, igq_bus_port port)
{
    for (;; of->moves++) {
        switch (engine->state) {
        case NEXT:
            do {
                if (!plan_next_tile(of, &engine->at, (int)port)) {
                    engine->state = END;
                    return;
                }
            } while (!loads(&engine->at.tile, port));
            engine->state = SLOT;
            break;
        case SLOT:
            engine->state = take_slot(of, engine, to, port);
            if (engine->state == SLOT)
                return;
            break;
        case WORDS:
            if (!plan_is_reached(of, engine->until))
                return;
            igq_word_room_take(&to->room, plan_loaded_bits(&of->plans[engine->at.job].product, &engine->at.tile, port));
            engine->state = OPERAND;
            break;
        case OPERAND:
            if (!plan_may_fetch(of, engine->at.job) || !has_operand(of, engine->at.job, port))
                return;
            engine->until = of->now + copy_cycles(of, &engine->at, port);
            engine->state = COPY;
            break;
        case COPY:
            if (!plan_is_reached(of, engine->until))
                return;
            engine->state = plan_ask(of, engine, port, loaded_bytes(of, &engine->at, port), ARRIVED);
            break;
        case MOVE:
            if (!plan_is_through(of, engine, port))
                return;
            engine->state = ARRIVED;
            break;
        case ARRIVED:
            plan_fill(to, engine->until + turn_cycles(of, &engine->at, port));
            engine->state = NEXT;
            break;
        default:
            return;
        }
    }
}

static void end_store(plan_run *of, const run_store *done)
{
    of->output_buffer.in_use -= done->frees_output_slot;
    if (done->ends_residual)
        plan_result_is_there(of, of->stream_stored, done->job);
    if (done->ends_outputs)
        plan_result_is_there(of, of->written, done->job);
}

void plan_move_stores(plan_run *of)
{
    for (;; of->moves++) {
        switch (of->stores.state) {
        case NEXT:
            if (of->stores_in == of->stores_out)
                return;
            of->stored = of->store_queue[of->stores_out++ % STORE_QUEUE];
            of->stores.state = plan_ask(of, &of->stores, IGQ_BUS_STORES, of->stored.bytes, ARRIVED);
            break;
        case MOVE:
            if (!plan_is_through(of, &of->stores, IGQ_BUS_STORES))
                return;
            of->stores.state = ARRIVED;
            break;
        default:
            end_store(of, &of->stored);
            of->stores.state = NEXT;
            break;
        }
    }
}
