// SPDX-License-Identifier: Apache-2.0
#include "array_timing.h"
#include "latency.h"
#include "slices.h"
#include <assert.h>
#include <string.h>

static int min_int(int a, int b)
{
    return a < b ? a : b;
}
static int max_int(int a, int b)
{
    return a > b ? a : b;
}
static int vectors_of(int channels, int vector_length)
{
    return (channels + vector_length - 1) / vector_length;
}
static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}
static uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/// Steps of a layer

// Reads of one gather, by bank.
typedef struct bank_load {
    const igq_row_selector_cfg *cfg;
    uint16_t reads[IGQ_MAX_BANKS];
} bank_load;

static void load_init(bank_load *load, const igq_accelerator *accelerator)
{
    const igq_row_selector_cfg *cfg = &accelerator->row_selector;
    assert(cfg->num_banks <= IGQ_MAX_BANKS);
    load->cfg = cfg;
    memset(load->reads, 0, sizeof load->reads[0] * (size_t)cfg->num_banks);
}

static void load_add(bank_load *load, const uint16_t *channel, int num)
{
    for (int i = 0; i < num; i++)
        load->reads[channel[i] % load->cfg->num_banks]++;
}

// Reads of the bank that got most of those added since the last call.
static uint16_t load_finish(bank_load *load)
{
    uint16_t most = 0;
    for (int b = 0; b < load->cfg->num_banks; b++)
        most = load->reads[b] > most ? load->reads[b] : most;
    memset(load->reads, 0, sizeof load->reads[0] * (size_t)load->cfg->num_banks);
    return most;
}

// One array takes the lists in turn (shared, temporal).
static void steps_in_turn(igq_steps *steps, const igq_grouping *grouping, bank_load *load,
                          const igq_accelerator *accelerator)
{
    int shifts_in_place = igq_shifts_in_place(accelerator->scheme.group_scale, accelerator->mac_organisation);
    int V = accelerator->mac_array.vector_length;
    for (int g = 0; g < grouping->G; g++) {
        int end = grouping->start[g + 1];
        for (int c = grouping->start[g]; c < end; c += V) {
            igq_step *step = &steps->step[steps->num_steps++];
            int last_of_list = c + V >= end;
            int last_of_block = last_of_list && end == steps->num_channels;
            load_add(load, grouping->channel + c, min_int(V, end - c));
            step->bank_reads = load_finish(load);
            step->begun_pairs = 0;
            step->opens_set = shifts_in_place ? c == 0 : c == grouping->start[g];
            step->ends_set = (uint16_t)(shifts_in_place ? last_of_block : last_of_list);
            step->handovers = step->ends_set;
            step->lone_lists = step->ends_set;
            step->rescale_cycles =
                shifts_in_place && last_of_list && !last_of_block ? (uint32_t)accelerator->mac_array.rescale_cycles : 0;
        }
    }
    steps->num_vectors = steps->num_steps;
}

// Lists first .. end that are worked on side by side.
typedef struct lists_at_once {
    const igq_grouping *grouping;
    int first, end;
    const int *arrays; // (G) of each list; NULL: one
} lists_at_once;

static int arrays_of(const lists_at_once *lists, int g)
{
    return lists->arrays ? lists->arrays[g] : 1;
}

// The lists whose last step is this one or was before, but which had to wait for a list before them: post-processing
// takes them in the order of their groups. *next: the first list that it has not taken.
static void hand_over_lists(igq_step *step, int *next, const lists_at_once *lists, int steps_done, int V)
{
    for (; *next < lists->end; ++*next) {
        int vectors = vectors_of(igq_list_length(lists->grouping, *next), V), arrays = arrays_of(lists, *next);
        if (vectors > steps_done * arrays)
            return;
        int used = min_int(vectors, arrays);
        step->handovers = (uint16_t)(step->handovers + used);
        step->lone_lists = (uint16_t)(step->lone_lists + (used == 1));
    }
}

// Arrays side by side, in lockstep. The arrays of a list take its vectors in turn, and hand over together when its last
// is done and those of the lists before it have been handed over. Returns the number of steps, written to step[].
static int steps_of_lists(igq_step *step, const lists_at_once *lists, bank_load *load, int V)
{
    const igq_grouping *grouping = lists->grouping;
    int next_list = lists->first, num_steps = 0;
    for (int more = 1; more; num_steps++, step++) {
        *step = (igq_step){.opens_set = num_steps == 0};
        more = 0;
        for (int g = lists->first; g < lists->end; g++) {
            int arrays = arrays_of(lists, g);
            int start = grouping->start[g] + num_steps * arrays * V;
            int left = grouping->start[g + 1] - start;
            if (left > 0)
                load_add(load, grouping->channel + start, min_int(left, arrays * V));
            more |= left > arrays * V;
        }
        hand_over_lists(step, &next_list, lists, num_steps + 1, V);
        step->ends_set = (uint16_t)!more;
        step->bank_reads = load_finish(load);
    }
    return num_steps;
}

static void steps_in_lockstep(igq_steps *steps, const igq_grouping *grouping, bank_load *load,
                              const igq_accelerator *accelerator)
{
    int V = accelerator->mac_array.vector_length, arrays[IGQ_MAX_GROUPS];
    igq_arrays_of_lists(arrays, grouping, accelerator);
    const lists_at_once lists = {grouping, 0, grouping->G, arrays};
    steps->num_steps = steps_of_lists(steps->step, &lists, load, V);
    for (int g = 0; g < grouping->G; g++)
        steps->num_vectors += vectors_of(igq_list_length(grouping, g), V);
}

// unbound: `side_by_side` lists that are not empty at once, each on an array for each block of the round.
static void steps_of_round(igq_steps *steps, int side_by_side, const igq_grouping *grouping, bank_load *load, int V)
{
    igq_round_steps *round = &steps->round[side_by_side];
    int end = 0;
    for (int first = 0; first < grouping->G; first = end) {
        int lists = 0, vectors = 0;
        for (end = first; end < grouping->G && lists < side_by_side; end++) {
            lists += igq_list_length(grouping, end) > 0;
            vectors += vectors_of(igq_list_length(grouping, end), V);
        }
        if (lists == 0)
            return;
        igq_step *step = &steps->step[round->first_step + round->num_steps];
        int num_steps = steps_of_lists(step, &(lists_at_once){grouping, first, end, NULL}, load, V);
        step->begun_pairs = (uint16_t)lists;
        round->num_steps += num_steps;
        round->idle_vectors += lists * num_steps - vectors;
        steps->num_vectors += side_by_side == 1 ? vectors : 0;
    }
}

// The number of lists side by side if fewer blocks are left than have `side_by_side`; 0: that was the most.
static int next_side_by_side(int side_by_side, const igq_accelerator *accelerator)
{
    int blocks = igq_blocks_at_once(accelerator) / (side_by_side + 1);
    return blocks > 0 ? igq_lists_side_by_side(blocks, accelerator) : 0;
}

static void steps_of_rounds(igq_steps *steps, const igq_grouping *grouping, bank_load *load,
                            const igq_accelerator *accelerator)
{
    int used = 0;
    for (int n = 1; n > 0; n = next_side_by_side(n, accelerator)) {
        steps->round[n] = (igq_round_steps){.first_step = used};
        steps_of_round(steps, n, grouping, load, accelerator->mac_array.vector_length);
        used += steps->round[n].num_steps;
    }
    steps->num_steps = steps->round[1].num_steps;
}

typedef void (*step_builder)(igq_steps *, const igq_grouping *, bank_load *, const igq_accelerator *);

static const step_builder step_builders[IGQ_ORGANISATION_COUNT] = {
    [IGQ_ORGANISATION_PER_GROUP] = steps_in_lockstep, [IGQ_ORGANISATION_SHARED] = steps_in_turn,
    [IGQ_ORGANISATION_ELASTIC] = steps_in_lockstep,   [IGQ_ORGANISATION_TEMPORAL] = steps_in_turn,
    [IGQ_ORGANISATION_UNBOUND] = steps_of_rounds,
};

size_t igq_steps_room(int C, const igq_accelerator *accelerator)
{
    size_t rounds = 0;
    for (int n = 1; n > 0; n = next_side_by_side(n, accelerator))
        rounds++;
    return rounds * (size_t)C;
}

void igq_array_steps(igq_steps *steps, const igq_grouping *grouping, int act_bits, int weight_bits,
                     const igq_accelerator *accelerator)
{
    bank_load load;
    load_init(&load, accelerator);
    steps->num_channels = igq_grouping_num_listed(grouping);
    steps->passes = igq_mac_passes(act_bits, weight_bits, &accelerator->mac_array);
    steps->words_per_row = igq_weight_words(weight_bits, accelerator);
    steps->num_steps = 0;
    steps->num_vectors = 0;
    step_builders[accelerator->mac_organisation](steps, grouping, &load, accelerator);
    if (igq_blocks_at_once(accelerator) == 1)
        steps->round[1] = (igq_round_steps){.num_steps = steps->num_steps};
}

/// Time of a tile

// Everything the next step depends on, at the end of a step. Times count from the start of the tile.
typedef struct timeline {
    const igq_steps *steps;
    const igq_accelerator *accelerator;
    uint64_t now;                          // the arrays may start the next step
    uint64_t gathered;                     // the last gather was done
    uint64_t handed_over;                  // post-processing has taken all sums handed to it
    uint64_t set_free[2];                  // accumulator sets; a step may open [0] next, from this time on
    uint64_t started[IGQ_MAX_QUEUE_DEPTH]; // the last queue_depth steps; [oldest] is overwritten next
    int oldest;
    igq_tile_time time;
} timeline;

// Gathered vectors in the queue when a gather ends: this one, and those before it that the arrays start on later.
static int waiting_vectors(const timeline *line)
{
    int depth = line->accelerator->row_selector.queue_depth, waiting = 1;
    for (int i = line->oldest; waiting < depth; waiting++) {
        i = i == 0 ? depth - 1 : i - 1;
        if (line->started[i] < line->gathered)
            break;
    }
    return waiting;
}

// Blocks that are worked on at once.
typedef struct span {
    int tokens, outputs; // of each
    int blocks;          // 1, unbound up to the number of arrays
} span;

// The sums of the lists that are complete at `complete` go to post-processing.
static void hand_over(timeline *line, const igq_step *step, span block, uint64_t complete)
{
    uint64_t blocks = (uint64_t)block.blocks;
    uint64_t cycles = igq_handover_cycles(blocks * step->handovers, blocks * step->lone_lists, (uint64_t)block.tokens,
                                          line->accelerator);
    line->handed_over = max_u64(line->handed_over, complete) + cycles;
    line->set_free[line->accelerator->mac_array.accumulator_sets - 1] = line->handed_over;
    line->time.handover_cycles += cycles;
}

// The same row after row of tokens: `rows` of them, complete in the last cycles before `complete`. Post-processing
// takes `lanes` sums in a cycle as soon as all of them are complete. A step that opens the set writes a row each cycle
// in the same order, so it may start as soon as no row is needed before it is free.
static void stream_out(timeline *line, uint64_t handovers, span block, uint64_t rows, uint64_t complete)
{
    uint64_t lanes = (uint64_t)line->accelerator->post_processing.lanes, set_free = 0;
    uint64_t row_sums = handovers * (uint64_t)line->accelerator->mac_array.token_rows * (uint64_t)block.outputs;
    uint64_t sums = handovers * (uint64_t)block.tokens * (uint64_t)block.outputs;
    for (uint64_t first = 0; first < sums; first += lanes) {
        uint64_t last = min_u64(first + lanes, sums) - 1;
        uint64_t row = first / row_sums, last_row = last / row_sums; // of the first row, the last sum may come later
        line->handed_over = max_u64(line->handed_over, complete - (rows - 1 - last_row)) + 1;
        if (min_u64((row + 1) * row_sums, sums) - 1 <= last && line->handed_over > row)
            set_free = max_u64(set_free, line->handed_over - row);
        line->time.handover_cycles++;
    }
    line->set_free[line->accelerator->mac_array.accumulator_sets - 1] = set_free;
}

// Every array reads for itself; unbound deals a pair in a cycle, which a step begins with.
static uint64_t gather_cycles_of(const igq_step *step, span block, const timeline *line)
{
    uint64_t blocks = (uint64_t)block.blocks, ports = (uint64_t)line->accelerator->row_selector.ports_per_bank;
    uint64_t cycles = igq_ceil_div(blocks * step->bank_reads, ports) * (uint64_t)line->steps->words_per_row;
    return max_u64(cycles, blocks * step->begun_pairs);
}

static void run_step(timeline *line, const igq_step *step, span block)
{
    const igq_accelerator *accelerator = line->accelerator;
    uint64_t rows = igq_ceil_div((uint64_t)block.tokens, (uint64_t)accelerator->mac_array.token_rows);
    uint64_t compute_cycles = rows * (uint64_t)line->steps->passes;
    uint64_t skew_cycles = (uint64_t)igq_skew_cycles(&accelerator->mac_array);
    uint64_t waits_for_skew_cycles = step->ends_set ? skew_cycles : 0;
    uint64_t gather_cycles = gather_cycles_of(step, block, line);

    // A place in the queue is free again when the arrays start on its vector.
    line->gathered = max_u64(line->gathered, line->started[line->oldest]) + gather_cycles;
    line->time.most_waiting_vectors = max_int(line->time.most_waiting_vectors, waiting_vectors(line));
    uint64_t set_ready = step->opens_set ? max_u64(line->now, line->set_free[0]) : line->now;
    uint64_t start = max_u64(set_ready, line->gathered + (uint64_t)accelerator->row_selector.pipeline_cycles);
    line->time.rescale_cycles += set_ready - line->now + step->rescale_cycles;
    line->time.row_conflict_cycles += start - set_ready;
    line->time.busy_cycles += compute_cycles;
    line->time.drain_cycles += waits_for_skew_cycles;
    line->time.gather_cycles += gather_cycles;

    line->started[line->oldest] = start;
    line->oldest = line->oldest + 1 == accelerator->row_selector.queue_depth ? 0 : line->oldest + 1;
    uint64_t complete = start + compute_cycles + skew_cycles;
    line->now = start + compute_cycles + step->rescale_cycles + waits_for_skew_cycles;
    if (step->opens_set && accelerator->mac_array.accumulator_sets == 2)
        line->set_free[0] = line->set_free[1];
    if (step->handovers > 0 && accelerator->mac_array.stream_sums)
        stream_out(line, step->handovers, block, rows, complete);
    else if (step->handovers > 0)
        hand_over(line, step, block, complete);
}

static void run_round(timeline *line, span block)
{
    const igq_round_steps *round = &line->steps->round[igq_lists_side_by_side(block.blocks, line->accelerator)];
    for (int i = 0; i < round->num_steps; i++)
        run_step(line, &line->steps->step[round->first_step + i], block);
}

// 1 if the two timelines differ only by a shift in time, so that the same blocks take the same time from both.
static int same_phase(const timeline *a, const timeline *b)
{
    int depth = a->accelerator->row_selector.queue_depth;
    uint64_t shift = b->now - a->now;
    int same = a->gathered + shift == b->gathered &&
               max_u64(a->handed_over, a->now) + shift == max_u64(b->handed_over, b->now);
    for (int s = 0; s < 2; s++)
        same &= max_u64(a->set_free[s], a->now) + shift == max_u64(b->set_free[s], b->now);
    for (int i = 0; i < depth && same; i++)
        same = a->started[(a->oldest + i) % depth] + shift == b->started[(b->oldest + i) % depth];
    return same;
}

static void shift_timeline(timeline *line, uint64_t cycles)
{
    line->now += cycles;
    line->gathered += cycles;
    line->handed_over += cycles;
    for (int s = 0; s < 2; s++)
        line->set_free[s] += cycles;
    for (int i = 0; i < line->accelerator->row_selector.queue_depth; i++)
        line->started[i] += cycles;
}

typedef void (*run_block)(timeline *, span);

// `count` equal blocks: as soon as one leaves the timeline in the phase in which it found it, so will all that follow.
static void run_equal(timeline *line, run_block run, span block, int count)
{
    for (int done = 1; done <= count; done++) {
        timeline before = *line;
        line->time = (igq_tile_time){0};
        run(line, block);
        uint64_t repeats = same_phase(&before, line) ? (uint64_t)(count - done) : 0;
        igq_tile_time_add(&before.time, &line->time, 1 + repeats);
        line->time = before.time;
        if (repeats > 0) {
            shift_timeline(line, (line->now - before.now) * repeats);
            return;
        }
    }
}

// block.blocks blocks of outputs, tokens in flight after tokens in flight; unbound makes full rounds of them as long as
// it can.
static void run_output_blocks(timeline *line, span block)
{
    int tokens_in_flight = line->accelerator->mac_array.tokens_in_flight,
        at_once = igq_blocks_at_once(line->accelerator);
    int blocks = block.tokens / tokens_in_flight * block.blocks, rest = block.tokens % tokens_in_flight;
    run_equal(line, run_round, (span){tokens_in_flight, block.outputs, at_once}, blocks / at_once);
    if (blocks % at_once > 0)
        run_round(line, (span){tokens_in_flight, block.outputs, blocks % at_once});
    if (rest > 0)
        run_round(line, (span){rest, block.outputs, block.blocks});
}

// Slots of arrays on unbound whose list is shorter than another one in its round; rounds that are not full come with
// the last outputs of a tile only: blocks with all tokens in flight that are left, and those with fewer.
static uint64_t shorter_list_slots(const igq_steps *steps, int tokens, int outputs, const igq_accelerator *accelerator)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    int at_once = igq_blocks_at_once(accelerator), last_outputs = outputs % igq_outputs_at_once(accelerator);
    int together = vectors_of(last_outputs, array->lanes), rest = tokens % array->tokens_in_flight;
    int blocks = tokens / array->tokens_in_flight * together, first_left = blocks - blocks % at_once;
    int lanes = 0;
    for (int i = first_left; i < blocks; i++) // the last of those together may be narrower
        lanes += i % together == together - 1 ? last_outputs - (together - 1) * array->lanes : array->lanes;
    uint64_t idle_vectors = 0;
    if (blocks > first_left)
        idle_vectors += (uint64_t)lanes * (uint64_t)array->tokens_in_flight *
                        (uint64_t)steps->round[igq_lists_side_by_side(blocks - first_left, accelerator)].idle_vectors;
    if (together > 0)
        idle_vectors += (uint64_t)last_outputs * (uint64_t)rest *
                        (uint64_t)steps->round[igq_lists_side_by_side(together, accelerator)].idle_vectors;
    return idle_vectors * (uint64_t)steps->passes * (uint64_t)array->vector_length;
}

void igq_array_tile(igq_tile_time *time, const igq_steps *steps, int tokens, int outputs,
                    const igq_accelerator *accelerator)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    timeline line = {
        .steps = steps, .accelerator = accelerator, .gathered = (uint64_t)accelerator->row_selector.setup_cycles};
    int at_once = igq_outputs_at_once(accelerator), rest = outputs % at_once;
    assert(accelerator->row_selector.queue_depth <= IGQ_MAX_QUEUE_DEPTH);
    run_equal(&line, run_output_blocks, (span){tokens, array->lanes, igq_blocks_at_once(accelerator)},
              outputs / at_once);
    if (rest > 0) // unbound streams no sums, so it does not matter which of the blocks are narrower
        run_output_blocks(&line, (span){tokens, min_int(rest, array->lanes), vectors_of(rest, array->lanes)});

    uint64_t positions = (uint64_t)tokens * (uint64_t)outputs * (uint64_t)steps->passes;
    uint64_t V = (uint64_t)array->vector_length;
    uint64_t vectors = (uint64_t)steps->num_vectors;
    uint64_t vectors_at_full_width = (uint64_t)steps->num_steps * (uint64_t)array->num_arrays;
    uint64_t blocks = igq_ceil_div((uint64_t)tokens, (uint64_t)array->tokens_in_flight) *
                      igq_ceil_div((uint64_t)outputs, (uint64_t)array->lanes);
    *time = line.time;
    time->weight_reads = blocks * (uint64_t)steps->num_channels * (uint64_t)steps->words_per_row;
    time->useful_slots = positions * (uint64_t)steps->num_channels;
    time->padding_slots = positions * (vectors * V - (uint64_t)steps->num_channels);
    time->fullest_group_slots = accelerator->mac_organisation == IGQ_ORGANISATION_UNBOUND
                                    ? shorter_list_slots(steps, tokens, outputs, accelerator)
                                    : positions * (vectors_at_full_width - vectors) * V;
    time->cycles =
        line.handed_over + (uint64_t)array->pipeline_cycles + (uint64_t)accelerator->post_processing.latency_cycles;
    time->drain_cycles += time->cycles - line.now;
}

void igq_tile_time_add(igq_tile_time *sum, const igq_tile_time *time, uint64_t count)
{
    sum->cycles += count * time->cycles;
    sum->busy_cycles += count * time->busy_cycles;
    sum->row_conflict_cycles += count * time->row_conflict_cycles;
    sum->rescale_cycles += count * time->rescale_cycles;
    sum->drain_cycles += count * time->drain_cycles;
    sum->useful_slots += count * time->useful_slots;
    sum->padding_slots += count * time->padding_slots;
    sum->fullest_group_slots += count * time->fullest_group_slots;
    sum->weight_reads += count * time->weight_reads;
    sum->gather_cycles += count * time->gather_cycles;
    sum->handover_cycles += count * time->handover_cycles;
    sum->most_waiting_vectors = max_int(sum->most_waiting_vectors, time->most_waiting_vectors);
}

void igq_tile_time_causes(uint64_t cause_cycles[IGQ_CAUSE_COUNT], const igq_tile_time *sum, int peak_macs_per_cycle)
{
    uint64_t peak = (uint64_t)peak_macs_per_cycle;
    uint64_t compute_cycles = sum->useful_slots / peak;
    uint64_t padding_cycles = sum->padding_slots / peak;
    uint64_t fullest_group_cycles = sum->fullest_group_slots / peak;
    cause_cycles[IGQ_CAUSE_COMPUTE] += compute_cycles;
    cause_cycles[IGQ_CAUSE_PADDING] += padding_cycles;
    cause_cycles[IGQ_CAUSE_FULLEST_GROUP] += fullest_group_cycles;
    cause_cycles[IGQ_CAUSE_EDGE] += sum->busy_cycles - compute_cycles - padding_cycles - fullest_group_cycles;
    cause_cycles[IGQ_CAUSE_ROW_CONFLICT] += sum->row_conflict_cycles;
    cause_cycles[IGQ_CAUSE_RESCALE] += sum->rescale_cycles;
    cause_cycles[IGQ_CAUSE_DRAIN] += sum->drain_cycles;
}
