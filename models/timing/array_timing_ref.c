// SPDX-License-Identifier: Apache-2.0
// The slow twin of array_timing.c: a clock is stepped, and every bank port, queue place, accumulator set and multiplier
// is looked at in every cycle. It shares no code with the fast one.
#include "array_timing.h"
#include "slices.h"
#include <assert.h>
#include <string.h>

#define MAX_CHANNELS 256 // the tests' cases are small
#define MAX_ARRAYS 16
#define MAX_PORTS 8

// What array `array` works on in step `step` of a block: channel[start .. start + num), num = 0: nothing.
typedef struct array_vector {
    int start, num;
    int ends_list; // the array has no other of this block, or of this group if it takes groups in turn
} array_vector;

typedef struct clocked_model {
    const igq_grouping *grouping;
    const igq_accelerator *accelerator;
    int passes, words_per_row;
    int tokens, outputs; // of the tile
    int num_steps;       // of a block
    array_vector piece[MAX_CHANNELS][MAX_ARRAYS];
    int blocks_of_tokens, blocks_of_outputs;

    // Row selector
    int gathers_begun, gathers_done;           // steps, over all blocks
    int port_cycles[IGQ_MAX_BANKS][MAX_PORTS]; // left to do
    // Arrays
    int steps_begun, steps_done;
    int compute_left, shift_left;
    int free_sets;
    // Post-processing: hand-overs in order
    int handover_sums[2 * MAX_CHANNELS];
    int handover_frees_set[2 * MAX_CHANNELS];
    int handovers_in, handovers_out;
    igq_tile_time time;
} clocked_model;

static int at_most(int value, int limit)
{
    return value < limit ? value : limit;
}

// One array takes vector after vector.
static void deal_in_turn(clocked_model *model)
{
    const igq_grouping *grouping = model->grouping;
    int V = model->accelerator->mac_array.vector_length;
    int num_listed = grouping->start[grouping->G];
    for (int c = 0; c < num_listed; model->num_steps++) {
        array_vector *piece = &model->piece[model->num_steps][0];
        int group = grouping->group[grouping->channel[c]];
        piece->start = c;
        while (piece->num < V && c < num_listed && grouping->group[grouping->channel[c]] == group) {
            piece->num++;
            c++;
        }
        piece->ends_list = c == num_listed || grouping->group[grouping->channel[c]] != group;
    }
}

// The arrays of a list stand side by side and are dealt its vectors like cards.
static void deal_side_by_side(clocked_model *model)
{
    const igq_grouping *grouping = model->grouping;
    int V = model->accelerator->mac_array.vector_length;
    int arrays[IGQ_MAX_GROUPS];
    int first_array = 0;
    igq_arrays_of_lists(arrays, grouping, model->accelerator);
    for (int g = 0; g < grouping->G; first_array += arrays[g], g++) {
        int dealt = 0;
        for (int c = grouping->start[g]; c < grouping->start[g + 1]; c += V, dealt++) {
            int step = dealt / arrays[g], array = first_array + dealt % arrays[g];
            array_vector *piece = &model->piece[step][array];
            piece->start = c;
            piece->num = at_most(V, grouping->start[g + 1] - c);
            piece->ends_list = 1;
            if (step > 0)
                model->piece[step - 1][array].ends_list = 0;
            model->num_steps = step >= model->num_steps ? step + 1 : model->num_steps;
        }
    }
}

static int num_steps_in_all(const clocked_model *model)
{
    return model->num_steps * model->blocks_of_tokens * model->blocks_of_outputs;
}

static int tokens_of(const clocked_model *model, int step)
{
    int in_flight = model->accelerator->mac_array.tokens_in_flight;
    int block = step / model->num_steps % model->blocks_of_tokens;
    return at_most(in_flight, model->tokens - block * in_flight);
}

static int outputs_of(const clocked_model *model, int step)
{
    int lanes = model->accelerator->mac_array.lanes;
    int block = step / model->num_steps / model->blocks_of_tokens;
    return at_most(lanes, model->outputs - block * lanes);
}

static int shifts_in_place(const clocked_model *model)
{
    return model->accelerator->scheme.group_scale == IGQ_GROUP_SCALE_POW2 &&
           !igq_works_in_lockstep(model->accelerator->mac_organisation);
}

static int opens_set(const clocked_model *model, int step)
{
    int in_block = step % model->num_steps;
    if (in_block == 0)
        return 1;
    if (igq_works_in_lockstep(model->accelerator->mac_organisation) || shifts_in_place(model))
        return 0;
    return model->piece[in_block - 1][0].ends_list;
}

static void begin_gather(clocked_model *model)
{
    const igq_row_selector_cfg *cfg = &model->accelerator->row_selector;
    const array_vector *pieces = model->piece[model->gathers_begun % model->num_steps];
    int next_port[IGQ_MAX_BANKS] = {0};
    for (int a = 0; a < model->accelerator->mac_array.num_arrays; a++) {
        for (int i = 0; i < pieces[a].num; i++) {
            int bank = model->grouping->channel[pieces[a].start + i] % cfg->num_banks;
            model->port_cycles[bank][next_port[bank]] += model->words_per_row;
            next_port[bank] = (next_port[bank] + 1) % cfg->ports_per_bank;
        }
    }
    model->gathers_begun++;
}

static void clock_row_selector(clocked_model *model)
{
    const igq_row_selector_cfg *cfg = &model->accelerator->row_selector;
    int waiting = model->gathers_begun - model->steps_begun;
    if (model->gathers_begun == model->gathers_done) {
        if (model->gathers_begun == num_steps_in_all(model) || waiting >= cfg->queue_depth)
            return;
        begin_gather(model);
    }
    int left = 0;
    for (int b = 0; b < cfg->num_banks; b++) {
        for (int p = 0; p < cfg->ports_per_bank; p++) {
            if (model->port_cycles[b][p] > 0) {
                left += --model->port_cycles[b][p];
                model->time.weight_reads++;
            }
        }
    }
    model->time.gather_cycles++;
    if (left == 0)
        model->gathers_done++;
    waiting = model->gathers_done - model->steps_begun;
    if (waiting > model->time.most_waiting_vectors)
        model->time.most_waiting_vectors = waiting;
}

static void count_slots(clocked_model *model)
{
    const igq_mac_array_cfg *array = &model->accelerator->mac_array;
    const array_vector *pieces = model->piece[model->steps_done % model->num_steps];
    int outputs = outputs_of(model, model->steps_done);
    int tokens = tokens_of(model, model->steps_done);
    int row_blocks = (tokens + array->token_rows - 1) / array->token_rows;
    int first_token = model->compute_left % row_blocks * array->token_rows;
    for (int token = first_token; token < first_token + array->token_rows; token++) {
        for (int lane = 0; lane < array->lanes; lane++) {
            for (int a = 0; a < array->num_arrays; a++) {
                for (int v = 0; v < array->vector_length; v++) {
                    int inside = token < tokens && lane < outputs;
                    model->time.useful_slots += inside && v < pieces[a].num;
                    model->time.padding_slots += inside && pieces[a].num > 0 && v >= pieces[a].num;
                    model->time.fullest_group_slots += inside && pieces[a].num == 0;
                }
            }
        }
    }
}

static void end_step(clocked_model *model)
{
    const array_vector *pieces = model->piece[model->steps_done % model->num_steps];
    int ends_block = model->steps_done % model->num_steps == model->num_steps - 1;
    int in_lockstep = igq_works_in_lockstep(model->accelerator->mac_organisation);
    int ending = 0;
    for (int a = 0; a < model->accelerator->mac_array.num_arrays; a++)
        ending += pieces[a].ends_list;
    if (shifts_in_place(model) && ending > 0 && !ends_block) {
        model->shift_left = model->accelerator->mac_array.rescale_cycles;
    } else if (ending > 0) {
        int slot = model->handovers_in++ % (2 * MAX_CHANNELS);
        int sums = tokens_of(model, model->steps_done) * outputs_of(model, model->steps_done);
        model->handover_sums[slot] = ending * sums;
        model->handover_frees_set[slot] = !in_lockstep || ends_block;
    }
    model->steps_done++;
}

// An idle array starts its next step, or the reason why not is counted. Returns 1 if the cycle was lost.
static int start_step(clocked_model *model)
{
    const igq_mac_array_cfg *array = &model->accelerator->mac_array;
    if (opens_set(model, model->steps_begun) && model->free_sets == 0) {
        model->time.rescale_cycles++;
        return 1;
    }
    if (model->gathers_done == model->steps_begun) {
        model->time.row_conflict_cycles++;
        return 1;
    }
    model->free_sets -= opens_set(model, model->steps_begun);
    int row_blocks = (tokens_of(model, model->steps_begun) + array->token_rows - 1) / array->token_rows;
    model->compute_left = row_blocks * model->passes;
    model->steps_begun++;
    return 0;
}

static void clock_post_processing(clocked_model *model)
{
    if (model->handovers_in == model->handovers_out)
        return;
    int slot = model->handovers_out % (2 * MAX_CHANNELS);
    model->time.handover_cycles++;
    model->handover_sums[slot] -= model->accelerator->post_processing.lanes;
    if (model->handover_sums[slot] <= 0) {
        model->free_sets += model->handover_frees_set[slot];
        model->handovers_out++;
    }
}

// One cycle. Sums and vectors that a block finishes in it can be used by the next block in the next cycle; a place in
// the gather queue is free as soon as the arrays start on its vector.
static void clock_model(clocked_model *model)
{
    int lost = 0;
    if (model->compute_left == 0 && model->shift_left == 0) {
        if (model->steps_done == num_steps_in_all(model))
            model->time.drain_cycles++;
        else
            lost = start_step(model);
    }
    clock_row_selector(model);
    clock_post_processing(model);
    if (model->compute_left > 0) {
        model->compute_left--;
        model->time.busy_cycles++;
        count_slots(model);
        if (model->compute_left == 0)
            end_step(model);
    } else if (!lost && model->shift_left > 0) {
        model->shift_left--;
        model->time.rescale_cycles++;
    }
    model->time.cycles++;
}

void igq_array_tile_ref(igq_tile_time *time, const igq_grouping *grouping, int tokens, int outputs, int act_bits,
                        int weight_bits, const igq_accelerator *accelerator)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    clocked_model model;
    memset(&model, 0, sizeof model);
    assert(grouping->C <= MAX_CHANNELS && array->num_arrays <= MAX_ARRAYS);
    assert(accelerator->row_selector.ports_per_bank <= MAX_PORTS);
    model.grouping = grouping;
    model.accelerator = accelerator;
    for (int a = 0; a < act_bits; a += array->mac_bits)
        for (int w = 0; w < weight_bits; w += array->mac_bits)
            model.passes++;
    for (int bit = 0; bit < array->lanes * weight_bits; bit += accelerator->row_selector.bank_width_bits)
        model.words_per_row++;
    model.tokens = tokens;
    model.outputs = outputs;
    for (int t = 0; t < tokens; t += array->tokens_in_flight)
        model.blocks_of_tokens++;
    for (int o = 0; o < outputs; o += array->lanes)
        model.blocks_of_outputs++;
    model.free_sets = array->accumulator_sets;
    if (igq_works_in_lockstep(accelerator->mac_organisation))
        deal_side_by_side(&model);
    else
        deal_in_turn(&model);
    while (model.steps_done < num_steps_in_all(&model) || model.handovers_out < model.handovers_in)
        clock_model(&model);
    model.time.cycles += (uint64_t)accelerator->post_processing.latency_cycles;
    model.time.drain_cycles += (uint64_t)accelerator->post_processing.latency_cycles;
    *time = model.time;
}
