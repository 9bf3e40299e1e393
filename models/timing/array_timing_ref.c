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
#define MAX_ROWS 4096 // of sums on their way to post-processing

// What array `array` works on in step `step` of a block: channel[start .. start + num), num = 0: nothing.
typedef struct array_vector {
    int start, num;
    int ends_list; // the array has no other of this block, or of this group if it takes groups in turn
} array_vector;

// The sums of a row of tokens of the arrays that end in a step.
typedef struct row_of_sums {
    int sums, row;
    int handover, ends_handover; // which one; 1: its last row
    int set;                     // number of the accumulation
    uint64_t ready_cycle;        // the last of them is complete
} row_of_sums;

typedef struct clocked_model {
    const igq_grouping *grouping;
    const igq_accelerator *accelerator;
    int passes, words_per_row;
    int tokens, outputs;                                       // of the tile
    int num_steps;                                             // of a block
    int handed_arrays[MAX_CHANNELS], lone_lists[MAX_CHANNELS]; // after each step of a block
    int last_step_so_far;                                      // of the lists dealt
    uint64_t gathered_cycle[IGQ_MAX_QUEUE_DEPTH];              // by step, in turn: when its last read was over
    array_vector piece[MAX_CHANNELS][MAX_ARRAYS];
    int blocks_of_tokens, blocks_of_outputs;

    // Row selector
    int gathers_begun, gathers_done;           // steps, over all blocks
    int port_cycles[IGQ_MAX_BANKS][MAX_PORTS]; // left to do
    // Arrays
    int steps_begun, steps_done;
    int compute_left, shift_left, skew_left;
    int sets_opened;
    // Post-processing: rows in order
    row_of_sums queue[MAX_ROWS];
    int rows_in, rows_out, handovers;
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
        model->handed_arrays[model->num_steps] = model->lone_lists[model->num_steps] = piece->ends_list;
    }
}

// A list of so many vectors, the next in order, is handed over after its last step, or after the last of one before it.
static void hand_over_after(clocked_model *model, int vectors, int arrays)
{
    if (vectors == 0)
        return;
    int last_step = (vectors + arrays - 1) / arrays - 1;
    model->last_step_so_far = last_step > model->last_step_so_far ? last_step : model->last_step_so_far;
    model->handed_arrays[model->last_step_so_far] += at_most(vectors, arrays);
    model->lone_lists[model->last_step_so_far] += vectors == 1 || arrays == 1;
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
        hand_over_after(model, dealt, arrays[g]);
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
    for (int a = 0; a < model->accelerator->mac_array.num_arrays; a++)
        model->time.weight_reads += (uint64_t)(pieces[a].num * model->words_per_row);
    model->gathers_begun++;
}

static void clock_row_selector(clocked_model *model)
{
    const igq_row_selector_cfg *cfg = &model->accelerator->row_selector;
    int waiting = model->gathers_begun - model->steps_begun;
    if (model->time.cycles < (uint64_t)cfg->setup_cycles)
        return;
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
            }
        }
    }
    model->time.gather_cycles++;
    if (left == 0)
        model->gathered_cycle[model->gathers_done++ % cfg->queue_depth] = model->time.cycles + 1;
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

static int ends_block(const clocked_model *model)
{
    return model->steps_done % model->num_steps == model->num_steps - 1;
}

// 1 if a list ends in this step where lists are worked on in turn.
static int num_ending(const clocked_model *model)
{
    const array_vector *pieces = model->piece[model->steps_done % model->num_steps];
    int ending = 0;
    for (int a = 0; a < model->accelerator->mac_array.num_arrays; a++)
        ending += pieces[a].ends_list;
    return ending;
}

// Arrays whose sums are handed over after this step.
static int num_handed(const clocked_model *model)
{
    return model->handed_arrays[model->steps_done % model->num_steps];
}

static int hands_over(const clocked_model *model)
{
    return num_handed(model) > 0 && (!shifts_in_place(model) || ends_block(model));
}

static int skew_of(const igq_mac_array_cfg *array)
{
    return array->systolic ? (array->token_rows - 1) + (array->lanes - 1) : 0;
}

// Row `row` of a hand-over of `rows` leaves the arrays at the end of this cycle, the skew later.
static void send_row(clocked_model *model, int row, int rows)
{
    const igq_mac_array_cfg *array = &model->accelerator->mac_array;
    int tokens = at_most(array->token_rows, tokens_of(model, model->steps_done) - row * array->token_rows);
    row_of_sums *sent = &model->queue[model->rows_in++ % MAX_ROWS];
    assert(model->rows_in - model->rows_out <= MAX_ROWS);
    *sent = (row_of_sums){.sums = num_handed(model) * tokens * outputs_of(model, model->steps_done),
                          .row = row,
                          .handover = model->handovers,
                          .ends_handover = row == rows - 1,
                          .set = model->sets_opened - 1,
                          .ready_cycle = model->time.cycles + 1 + (uint64_t)skew_of(array)};
    model->handovers += sent->ends_handover;
}

// All sums at once, in the chunks in which post-processing takes them: rows of tokens, or pieces of a row where it has
// fewer lanes; a list of a single chunk waits for its running sum.
static void send_chunks(clocked_model *model)
{
    int lanes = model->accelerator->mac_array.lanes, post_lanes = model->accelerator->post_processing.lanes;
    int add_cycles = model->accelerator->post_processing.add_cycles, chunks = 0;
    for (int token = 0; token < tokens_of(model, model->steps_done);) {
        int rows = 1;
        while ((rows + 1) * lanes <= post_lanes)
            rows++;
        for (int lane = 0; lane < lanes; lane += post_lanes)
            chunks++;
        token += rows;
    }
    int waits = chunks == 1 && add_cycles > 1 ? add_cycles - 1 : 0;
    row_of_sums *sent = &model->queue[model->rows_in++ % MAX_ROWS];
    *sent = (row_of_sums){.sums = num_handed(model) * chunks +
                                  model->lone_lists[model->steps_done % model->num_steps] * waits,
                          .handover = model->handovers++,
                          .ends_handover = 1,
                          .set = model->sets_opened - 1,
                          .ready_cycle = model->time.cycles + 1 + (uint64_t)skew_of(&model->accelerator->mac_array)};
}

// What post-processing takes in a cycle: sums, where they are streamed, else a chunk.
static int taken_in_a_cycle(const clocked_model *model)
{
    return model->accelerator->mac_array.stream_sums ? model->accelerator->post_processing.lanes : 1;
}

// The arrays have worked for one cycle: rows in turn, pass after pass.
static void end_cycle_of_step(clocked_model *model)
{
    const igq_mac_array_cfg *array = &model->accelerator->mac_array;
    int rows = (tokens_of(model, model->steps_done) + array->token_rows - 1) / array->token_rows;
    if (hands_over(model) && array->stream_sums && model->compute_left < rows)
        send_row(model, rows - 1 - model->compute_left, rows);
    if (model->compute_left > 0)
        return;
    if (hands_over(model) && !array->stream_sums)
        send_chunks(model);
    if (shifts_in_place(model) && num_ending(model) > 0 && !ends_block(model))
        model->shift_left = array->rescale_cycles;
    model->steps_done++;
    if (model->steps_done == num_steps_in_all(model) || opens_set(model, model->steps_done))
        model->skew_left = skew_of(array);
}

// 1 if every row that still lies in the set which the next accumulation takes will have left before it is written over.
static int set_is_ready(const clocked_model *model)
{
    const igq_mac_array_cfg *array = &model->accelerator->mac_array;
    int lanes = taken_in_a_cycle(model);
    int cycles_before = 0, sums = 0; // hand-overs before this one; its sums up to the row
    for (int i = model->rows_out; i < model->rows_in; i++) {
        const row_of_sums *row = &model->queue[i % MAX_ROWS];
        sums += row->sums;
        int leaves_after_cycles = cycles_before + (sums + lanes - 1) / lanes;
        int written_after_cycles = array->stream_sums ? row->row : 0;
        if (row->set <= model->sets_opened - array->accumulator_sets && leaves_after_cycles > written_after_cycles)
            return 0;
        if (row->ends_handover) {
            cycles_before = leaves_after_cycles;
            sums = 0;
        }
    }
    return 1;
}

// An idle array starts its next step, or the reason why not is counted. Returns 1 if the cycle was lost.
static int start_step(clocked_model *model)
{
    const igq_mac_array_cfg *array = &model->accelerator->mac_array;
    if (opens_set(model, model->steps_begun) && !set_is_ready(model)) {
        model->time.rescale_cycles++;
        return 1;
    }
    const igq_row_selector_cfg *selector = &model->accelerator->row_selector;
    uint64_t gathered_cycle = model->gathered_cycle[model->steps_begun % selector->queue_depth];
    if (model->gathers_done == model->steps_begun ||
        gathered_cycle + (uint64_t)selector->pipeline_cycles > model->time.cycles) {
        model->time.row_conflict_cycles++;
        return 1;
    }
    model->sets_opened += opens_set(model, model->steps_begun);
    int row_blocks = (tokens_of(model, model->steps_begun) + array->token_rows - 1) / array->token_rows;
    model->compute_left = row_blocks * model->passes;
    model->steps_begun++;
    return 0;
}

// Takes `lanes` sums of a hand-over, or those that are left of it, once all of them are complete.
static void clock_post_processing(clocked_model *model)
{
    int lanes = taken_in_a_cycle(model), complete = 0, has_end = 0;
    int handover = model->queue[model->rows_out % MAX_ROWS].handover;
    for (int i = model->rows_out; i < model->rows_in; i++) {
        const row_of_sums *row = &model->queue[i % MAX_ROWS];
        if (row->handover == handover && row->ready_cycle <= model->time.cycles) {
            complete += row->sums;
            has_end |= row->ends_handover;
        }
    }
    if (complete == 0 || (complete < lanes && !has_end))
        return;
    model->time.handover_cycles++;
    for (int left = at_most(complete, lanes); left > 0;) {
        row_of_sums *row = &model->queue[model->rows_out % MAX_ROWS];
        int taken = at_most(left, row->sums);
        left -= taken;
        row->sums -= taken;
        model->rows_out += row->sums == 0;
    }
}

// One cycle. Sums and vectors that a block finishes in it can be used by the next block in the next cycle; a place in
// the gather queue is free as soon as the arrays start on its vector.
static void clock_model(clocked_model *model)
{
    int lost = 0;
    if (model->compute_left == 0 && model->shift_left == 0 && model->skew_left == 0) {
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
        end_cycle_of_step(model);
    } else if (!lost && model->shift_left > 0) {
        model->shift_left--;
        model->time.rescale_cycles++;
    } else if (!lost && model->skew_left > 0) {
        model->skew_left--;
        model->time.drain_cycles++;
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
    int act_digits = 0, weight_digits = 0;
    for (int a = 0; a < act_bits; a += array->mac_bits)
        act_digits++;
    for (int w = 0; w < weight_bits; w += array->mac_bits)
        weight_digits++;
    for (int a = 0; a < act_digits; a++)
        for (int w = 0; w < weight_digits; w++) // half: a column or a row of partial products in a pass
            model.passes += array->wide_rate == IGQ_WIDE_RATE_QUARTER || (act_digits > weight_digits ? w : a) == 0;
    int width = accelerator->row_selector.bank_width_bits;
    for (int digit = 0, room = 0; digit < weight_digits; digit++, room--) {
        if (room <= 0) {
            model.words_per_row++;
            for (room = 1; (room + 1) * array->lanes * array->mac_bits <= width;)
                room++;
        }
    }
    model.tokens = tokens;
    model.outputs = outputs;
    for (int t = 0; t < tokens; t += array->tokens_in_flight)
        model.blocks_of_tokens++;
    for (int o = 0; o < outputs; o += array->lanes)
        model.blocks_of_outputs++;
    if (igq_works_in_lockstep(accelerator->mac_organisation))
        deal_side_by_side(&model);
    else
        deal_in_turn(&model);
    while (model.steps_done < num_steps_in_all(&model) || model.rows_out < model.rows_in)
        clock_model(&model);
    int behind_cycles = array->pipeline_cycles + accelerator->post_processing.latency_cycles;
    model.time.cycles += (uint64_t)behind_cycles;
    model.time.drain_cycles += (uint64_t)behind_cycles;
    *time = model.time;
}
