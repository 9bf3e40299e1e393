// SPDX-License-Identifier: Apache-2.0
#include "block_times.h"
#include "latency.h"

void igq_block_times_init(igq_block_times *times, const igq_grouping *lists, int act_bits, int weight_bits,
                          igq_step *step, const igq_accelerator *accelerator)
{
    times->machine = *accelerator;
    times->num = 0;
    times->steps.step = step;
    igq_array_steps(&times->steps, lists, act_bits, weight_bits, accelerator);
}

static uint64_t equal_blocks_cycles(igq_block_times *times, int tokens, int outputs, int num_blocks)
{
    igq_tile_time time;
    times->machine.mac_array.tokens_in_flight = tokens;
    igq_array_tile(&time, &times->steps, num_blocks * tokens, outputs, &times->machine);
    return time.cycles;
}

static igq_block_time time_of_block(igq_block_times *times, int tokens, int outputs)
{
    for (int i = 0; i < times->num; i++)
        if (times->block[i].tokens == tokens && times->block[i].outputs == outputs)
            return times->block[i];
    igq_block_time block = {
        .tokens = tokens,
        .outputs = outputs,
        .alone_cycles = equal_blocks_cycles(times, tokens, outputs, 1),
        .among_cycles = equal_blocks_cycles(times, tokens, outputs, 3) - equal_blocks_cycles(times, tokens, outputs, 2),
    };
    if (times->num < IGQ_MOST_BLOCK_TIMES)
        times->block[times->num++] = block;
    return block;
}

uint64_t igq_block_times_tile(igq_block_times *times, int tokens, int outputs, int block_tokens)
{
    int lanes = times->machine.mac_array.lanes;
    if (times->steps.num_steps > 0 && igq_blocks_at_once(&times->machine) > 1) {
        igq_tile_time time; // rounds are of blocks of several kinds
        times->machine.mac_array.tokens_in_flight = block_tokens;
        igq_array_tile(&time, &times->steps, tokens, outputs, &times->machine);
        return time.cycles;
    }
    int block[2] = {block_tokens, tokens - (tokens - 1) / block_tokens * block_tokens}; // of all but the last, the last
    int width[2] = {lanes, outputs - (outputs - 1) / lanes * lanes};
    uint64_t token_blocks[2] = {(uint64_t)((tokens - 1) / block_tokens), 1};
    uint64_t output_blocks[2] = {(uint64_t)((outputs - 1) / lanes), 1};
    uint64_t cycles = 0;
    if (times->steps.num_steps == 0)
        return 0;
    for (int t = 0; t < 2; t++)
        for (int o = 0; o < 2; o++)
            if (token_blocks[t] * output_blocks[o] > 0)
                cycles += token_blocks[t] * output_blocks[o] * time_of_block(times, block[t], width[o]).among_cycles;
    igq_block_time last = time_of_block(times, block[1], width[1]);
    return cycles - last.among_cycles + last.alone_cycles;
}
