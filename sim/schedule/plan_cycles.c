// SPDX-License-Identifier: Apache-2.0
// plan_cycles.c - all blocks are moved until none moves any more in this cycle; then the bus decides, and time goes on
// to the next moment at which one of them has something to do.
#include "plan_cycles.h"
#include "plan_run.h"
#include <stdlib.h>

static void move_all(plan_run *of)
{
    uint64_t before;
    of->next = UINT64_MAX;
    do {
        before = of->moves;
        plan_move_vector(of);
        plan_move_stores(of);
        plan_move_load(of, &of->residual, &of->residual_tiles, IGQ_BUS_RESIDUAL);
        plan_move_ranges(of);
        plan_move_assign(of);
        plan_move_load(of, &of->acts, &of->act_buffer, IGQ_BUS_ACTIVATIONS);
        plan_move_load(of, &of->weights, &of->weight_buffer, IGQ_BUS_WEIGHTS);
        plan_move_arrays(of);
    } while (of->moves != before);
}

// Memory of the run, in one piece. 0 if there is none.
static int begin_run(plan_run *of)
{
    size_t jobs = (size_t)of->num_jobs, tiles = 0;
    for (int j = 0; j < of->num_jobs; j += of->plans[j].product.images)
        tiles += (size_t)igq_tiling_num_tiles(&of->plans[j].tiling, &of->plans[j].product);
    of->observed = calloc(1, tiles * (sizeof *of->observed + 3 * sizeof *of->residual_tiles.ready) +
                                 jobs * (sizeof *of->elements + sizeof *of->scoreable + 3));
    if (!of->observed)
        return 0;
    of->weight_buffer.ready = (uint64_t *)(of->observed + tiles);
    of->act_buffer.ready = of->weight_buffer.ready + tiles;
    of->residual_tiles.ready = of->act_buffer.ready + tiles;
    of->elements = of->residual_tiles.ready + tiles;
    of->scoreable = (int *)(of->elements + jobs);
    of->written = (char *)(of->scoreable + jobs);
    of->stream_stored = of->written + jobs;
    of->listed = of->stream_stored + jobs;
    run_walk start = {.job = -1};
    of->weights.at = of->acts.at = of->residual.at = of->arrays.at = of->vector.at = start;
    of->weight_buffer.slots = igq_buffer_slots(&of->accelerator->weight_buffer);
    of->act_buffer.slots = igq_buffer_slots(&of->accelerator->activation_buffer);
    of->weight_buffer.by_words = of->accelerator->weight_buffer.double_buffered == IGQ_BUFFERING_WORDS;
    of->act_buffer.by_words = of->accelerator->activation_buffer.double_buffered == IGQ_BUFFERING_WORDS;
    of->output_buffer.slots = igq_buffer_slots(&of->accelerator->output_buffer);
    of->range_banks.slots = igq_range_banks(of->accelerator);
    of->list_sets.slots = igq_index_sets(of->accelerator);
    igq_plan_bus_init(&of->bus, &of->accelerator->dram);
    return 1;
}

uint64_t igq_plan_cycles(const igq_job *jobs, const igq_job_plan *plans, int num_jobs, igq_tile_clock *clock,
                         uint64_t limit, const igq_accelerator *accelerator)
{
    plan_run of = {.jobs = jobs, .plans = plans, .num_jobs = num_jobs, .clock = clock, .accelerator = accelerator};
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
