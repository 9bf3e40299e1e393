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

// A step of the tile: the blocks that are worked on in it, and which of their steps it is. Outputs are taken as many
// blocks of lanes at once as the machine can, tokens in flight after tokens in flight, and what is left of the tokens
// last.
typedef struct place {
    int first_output_block;              // of those taken together
    int first_block, num_blocks, tokens; // of their blocks: those of this round, tokens of each
    int step, num_steps;                 // of the round
} place;

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
    int num_steps;                                             // of a block, not unbound
    int all_steps;                                             // of the tile
    int handed_arrays[MAX_CHANNELS], lone_lists[MAX_CHANNELS]; // after each step of a block
    int last_step_so_far;                                      // of the lists dealt
    uint64_t gathered_cycle[IGQ_MAX_QUEUE_DEPTH];              // by step, in turn: when its last read was over
    array_vector piece[MAX_CHANNELS][MAX_ARRAYS];
    int blocks_of_outputs;

    // Row selector
    place gathering;                           // what is gathered next
    int gathers_begun, gathers_done;           // steps, over all blocks
    int port_cycles[IGQ_MAX_BANKS][MAX_PORTS]; // left to do
    int deal_cycles;
    // Arrays
    place working; // the step at work, or the next one
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

static int is_unbound(const clocked_model *model)
{
    return model->accelerator->mac_organisation == IGQ_ORGANISATION_UNBOUND;
}

static int blocks_at_once(const clocked_model *model)
{
    return is_unbound(model) ? model->accelerator->mac_array.num_arrays : 1;
}

static int vectors_of_list(const clocked_model *model, int group)
{
    int V = model->accelerator->mac_array.vector_length, vectors = 0;
    for (int c = model->grouping->start[group]; c < model->grouping->start[group + 1]; c += V)
        vectors++;
    return vectors;
}

// unbound: lists that are side by side, those that are not empty, as many as there are arrays for with so many blocks.
typedef struct gang {
    int list[MAX_ARRAYS], num_lists;
    int first_step, num_steps; // of the round
} gang;

// The lists that follow those of `after` (NULL: none did).
static gang next_gang(const clocked_model *model, const gang *after, int blocks)
{
    gang next = {.first_step = after ? after->first_step + after->num_steps : 0};
    int group = after && after->num_lists > 0 ? after->list[after->num_lists - 1] + 1 : 0;
    for (; group < model->grouping->G && (next.num_lists + 1) * blocks <= blocks_at_once(model); group++) {
        int vectors = vectors_of_list(model, group);
        if (vectors > 0)
            next.list[next.num_lists++] = group;
        next.num_steps = vectors > next.num_steps ? vectors : next.num_steps;
    }
    return next;
}

static gang gang_of(const clocked_model *model, const place *at)
{
    gang now = next_gang(model, NULL, at->num_blocks);
    while (at->step >= now.first_step + now.num_steps)
        now = next_gang(model, &now, at->num_blocks);
    return now;
}

static int blocks_together(const clocked_model *model, const place *at)
{
    return at_most(blocks_at_once(model), model->blocks_of_outputs - at->first_output_block);
}

// The round that begins with at->first_block. 0: the tile has none any more.
static int begin_round(const clocked_model *model, place *at)
{
    int in_flight = model->accelerator->mac_array.tokens_in_flight, rest = model->tokens % in_flight;
    int together = blocks_together(model, at), full = model->tokens / in_flight * together;
    if (at->first_block >= full + (rest > 0 ? together : 0)) {
        at->first_output_block += together;
        at->first_block = 0;
        together = blocks_together(model, at);
        full = model->tokens / in_flight * together;
    }
    if (together == 0)
        return 0;
    at->tokens = at->first_block < full ? in_flight : rest;
    at->num_blocks = at->first_block < full ? at_most(blocks_at_once(model), full - at->first_block) : together;
    at->num_steps = model->num_steps;
    if (is_unbound(model)) {
        gang last = next_gang(model, NULL, at->num_blocks);
        for (at->num_steps = 0; last.num_lists > 0; last = next_gang(model, &last, at->num_blocks))
            at->num_steps += last.num_steps;
    }
    return 1;
}

static void go_on(const clocked_model *model, place *at)
{
    if (++at->step < at->num_steps)
        return;
    at->step = 0;
    at->first_block += at->num_blocks;
    begin_round(model, at);
}

// Array `array` has a list and a block in this step, and maybe a vector of it.
typedef struct array_work {
    array_vector piece;
    int has_list, outputs;
} array_work;

static int outputs_of(const clocked_model *model, int output_block)
{
    int lanes = model->accelerator->mac_array.lanes;
    return at_most(lanes, model->outputs - output_block * lanes);
}

static array_work work_of(const clocked_model *model, const place *at, int array)
{
    if (!is_unbound(model))
        return (array_work){model->piece[at->step][array], 1, outputs_of(model, at->first_output_block)};
    gang now = gang_of(model, at);
    int list = array / at->num_blocks, block = at->first_block + array % at->num_blocks;
    if (list >= now.num_lists)
        return (array_work){0};
    int output_block = at->first_output_block + block % blocks_together(model, at);
    array_work work = {.has_list = 1, .outputs = outputs_of(model, output_block)};
    int V = model->accelerator->mac_array.vector_length, end = model->grouping->start[now.list[list] + 1];
    work.piece.start = model->grouping->start[now.list[list]] + (at->step - now.first_step) * V;
    work.piece.num = work.piece.start < end ? at_most(V, end - work.piece.start) : 0;
    return work;
}

static int shifts_in_place(const clocked_model *model)
{
    return model->accelerator->scheme.group_scale == IGQ_GROUP_SCALE_POW2 &&
           !igq_works_in_lockstep(model->accelerator->mac_organisation) && !is_unbound(model);
}

static int opens_set(const clocked_model *model, const place *at)
{
    if (at->step == 0)
        return 1;
    if (is_unbound(model))
        return gang_of(model, at).first_step == at->step;
    if (igq_works_in_lockstep(model->accelerator->mac_organisation) || shifts_in_place(model))
        return 0;
    return model->piece[at->step - 1][0].ends_list;
}

// unbound: lists that are handed over after a step, for each of the blocks: the step is the last of one of them or of
// one before it, whichever is later.
static int lists_handed(const clocked_model *model, const place *at)
{
    gang now = gang_of(model, at);
    int last_step = 0, handed = 0;
    for (int i = 0; i < now.num_lists; i++) {
        int own = now.first_step + vectors_of_list(model, now.list[i]) - 1;
        last_step = own > last_step ? own : last_step;
        handed += last_step == at->step;
    }
    return handed;
}

static void begin_gather(clocked_model *model)
{
    const igq_row_selector_cfg *cfg = &model->accelerator->row_selector;
    int next_port[IGQ_MAX_BANKS] = {0};
    for (int a = 0; a < model->accelerator->mac_array.num_arrays; a++) {
        array_work work = work_of(model, &model->gathering, a);
        for (int i = 0; i < work.piece.num; i++) {
            int bank = model->grouping->channel[work.piece.start + i] % cfg->num_banks;
            model->port_cycles[bank][next_port[bank]] += model->words_per_row;
            next_port[bank] = (next_port[bank] + 1) % cfg->ports_per_bank;
        }
        model->deal_cycles += is_unbound(model) && work.has_list && opens_set(model, &model->gathering);
        model->time.weight_reads += (uint64_t)(work.piece.num * model->words_per_row);
    }
    model->gathers_begun++;
    go_on(model, &model->gathering);
}

static void clock_row_selector(clocked_model *model)
{
    const igq_row_selector_cfg *cfg = &model->accelerator->row_selector;
    int waiting = model->gathers_begun - model->steps_begun;
    if (model->time.cycles < (uint64_t)cfg->setup_cycles)
        return;
    if (model->gathers_begun == model->gathers_done) {
        if (model->gathers_begun == model->all_steps || waiting >= cfg->queue_depth)
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
    model->deal_cycles -= model->deal_cycles > 0;
    left += model->deal_cycles;
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
    int tokens = model->working.tokens, row_blocks = (tokens + array->token_rows - 1) / array->token_rows;
    int first_token = model->compute_left % row_blocks * array->token_rows;
    for (int a = 0; a < array->num_arrays; a++) {
        array_work work = work_of(model, &model->working, a);
        for (int token = first_token; token < first_token + array->token_rows; token++) {
            for (int lane = 0; lane < array->lanes; lane++) {
                for (int v = 0; v < array->vector_length; v++) {
                    int inside = token < tokens && lane < work.outputs;
                    model->time.useful_slots += inside && v < work.piece.num;
                    model->time.padding_slots += inside && work.piece.num > 0 && v >= work.piece.num;
                    model->time.fullest_group_slots += inside && work.has_list && work.piece.num == 0;
                }
            }
        }
    }
}

static int ends_block(const clocked_model *model)
{
    return model->working.step == model->working.num_steps - 1;
}

// 1 if a list ends in this step where lists are worked on in turn.
static int num_ending(const clocked_model *model)
{
    const array_vector *pieces = model->piece[model->working.step];
    int ending = 0;
    for (int a = 0; a < model->accelerator->mac_array.num_arrays; a++)
        ending += pieces[a].ends_list;
    return ending;
}

// Arrays whose sums are handed over after this step.
static int num_handed(const clocked_model *model)
{
    return is_unbound(model) ? lists_handed(model, &model->working) * model->working.num_blocks
                             : model->handed_arrays[model->working.step];
}

// Lists among them that have one array.
static int num_lone(const clocked_model *model)
{
    return is_unbound(model) ? num_handed(model) : model->lone_lists[model->working.step];
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
    int tokens = at_most(array->token_rows, model->working.tokens - row * array->token_rows);
    row_of_sums *sent = &model->queue[model->rows_in++ % MAX_ROWS];
    assert(model->rows_in - model->rows_out <= MAX_ROWS);
    *sent = (row_of_sums){.sums = num_handed(model) * tokens * outputs_of(model, model->working.first_output_block),
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
    for (int token = 0; token < model->working.tokens;) {
        int rows = 1;
        while ((rows + 1) * lanes <= post_lanes)
            rows++;
        for (int lane = 0; lane < lanes; lane += post_lanes)
            chunks++;
        token += rows;
    }
    int waits = chunks == 1 && add_cycles > 1 ? add_cycles - 1 : 0;
    row_of_sums *sent = &model->queue[model->rows_in++ % MAX_ROWS];
    *sent = (row_of_sums){.sums = num_handed(model) * chunks + num_lone(model) * waits,
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
    int rows = (model->working.tokens + array->token_rows - 1) / array->token_rows;
    if (hands_over(model) && array->stream_sums && model->compute_left < rows)
        send_row(model, rows - 1 - model->compute_left, rows);
    if (model->compute_left > 0)
        return;
    if (hands_over(model) && !array->stream_sums)
        send_chunks(model);
    if (shifts_in_place(model) && num_ending(model) > 0 && !ends_block(model))
        model->shift_left = array->rescale_cycles;
    model->steps_done++;
    go_on(model, &model->working);
    if (model->steps_done == model->all_steps || opens_set(model, &model->working))
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
    if (opens_set(model, &model->working) && !set_is_ready(model)) {
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
    model->sets_opened += opens_set(model, &model->working);
    int row_blocks = (model->working.tokens + array->token_rows - 1) / array->token_rows;
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
        if (model->steps_done == model->all_steps)
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
    for (int o = 0; o < outputs; o += array->lanes)
        model.blocks_of_outputs++;
    if (igq_works_in_lockstep(accelerator->mac_organisation))
        deal_side_by_side(&model);
    else if (!is_unbound(&model))
        deal_in_turn(&model);
    for (place at = {0}; begin_round(&model, &at); at.first_block += at.num_blocks)
        model.all_steps += at.num_steps;
    begin_round(&model, &model.gathering);
    begin_round(&model, &model.working);
    while (model.steps_done < model.all_steps || model.rows_out < model.rows_in)
        clock_model(&model);
    int behind_cycles = array->pipeline_cycles + accelerator->post_processing.latency_cycles;
    model.time.cycles += (uint64_t)behind_cycles;
    model.time.drain_cycles += (uint64_t)behind_cycles;
    *time = model.time;
}
