// SPDX-License-Identifier: Apache-2.0
#include "lower_bounds.h"
#include "array_timing.h"
#include "estimate.h"
#include "job_events.h"
#include "latency.h"
#include "machine_check.h"

// A tile takes at least its steps, the skew of its sums, and the way through the pipeline once (estimate.h). Cutting a
// product into tiles, or lists into tiles of channels, only rounds up more often.
static uint64_t array_cycles(const igq_job *job, const igq_accelerator *accelerator)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    const igq_row_selector_cfg *selector = &accelerator->row_selector;
    igq_list_walk walk = igq_walk_lists(job->grouping, accelerator);
    uint64_t T = (uint64_t)job->layer->T, output_blocks = igq_ceil_div((uint64_t)job->layer->O, (uint64_t)array->lanes);
    uint64_t rows = igq_ceil_div(T, (uint64_t)array->token_rows);
    uint64_t blocks = igq_ceil_div(T, (uint64_t)array->tokens_in_flight);
    uint64_t passes = (uint64_t)igq_mac_passes(job->act_bits, job->weight_bits, array);
    uint64_t pipeline_cycles =
        (uint64_t)(selector->setup_cycles + selector->pipeline_cycles + array->pipeline_cycles +
                   igq_weight_words(job->weight_bits, accelerator) + accelerator->post_processing.latency_cycles);
    uint64_t work = output_blocks * rows * passes * (uint64_t)walk.steps; // unbound: of all arrays together
    uint64_t skew = output_blocks * blocks * (uint64_t)walk.accumulations * (uint64_t)igq_skew_cycles(array);
    if (walk.steps == 0)
        return 0;
    return igq_ceil_div(work + skew, (uint64_t)igq_blocks_at_once(accelerator)) + pipeline_cycles;
}

// Without its latency, which tasks that follow may hide.
static uint64_t vector_cycles(const igq_product *product, const igq_vector_unit_cfg *unit)
{
    uint64_t elements = (uint64_t)product->T * (uint64_t)product->O;
    if (unit->ideal)
        return 0;
    return (uint64_t)(product->tile_passes + product->row_passes) * igq_ceil_div(elements, (uint64_t)unit->lanes);
}

// How a batch is divided, and so what it moves, is a matter of cycles (batch_parts.h): only its arrays are bounded.
static int is_batch(const igq_jobs *jobs)
{
    return jobs->job[jobs->num_jobs - 1].image > 0;
}

static void bound_job(igq_job_result *result, const igq_job *job, igq_job_plan *plan,
                      const igq_accelerator *accelerator)
{
    igq_product *product = &plan->product;
    product->row_passes = 0; // in which buffer rows wait for these passes is a matter of tiles
    igq_tiling_set(&plan->tiling, product, product->T, product->O, 0, IGQ_LOOP_WEIGHTS_OUTER);
    plan->read_bytes = igq_tiling_read_bytes(&plan->tiling, product, plan->image, &accelerator->dram) +
                       igq_dram_burst_bytes(plan->range_load_bytes, &accelerator->dram);
    plan->write_bytes = igq_tiling_write_bytes(&plan->tiling, product, &accelerator->dram);
    *result = (igq_job_result){.cycles = array_cycles(job, accelerator),
                               .dram_read_bytes = plan->read_bytes,
                               .dram_write_bytes = plan->write_bytes};
}

int igq_jobs_bound(igq_job_result *results, igq_jobs *jobs, char *message, int message_bytes,
                   const igq_accelerator *accelerator)
{
    uint64_t arrays = 0, vector = 0, dram_bytes = 0;
    if (igq_jobs_plan_work(jobs, message, message_bytes, accelerator) != 0)
        return 1;
    for (int j = 0; j < jobs->num_jobs; j++) {
        vector += vector_cycles(&jobs->plan[j].product, &accelerator->vector_unit);
        bound_job(&results[j], &jobs->job[j], &jobs->plan[j], accelerator);
        arrays += results[j].cycles;
        if (is_batch(jobs))
            results[j].dram_read_bytes = results[j].dram_write_bytes = 0;
        dram_bytes += results[j].dram_read_bytes + results[j].dram_write_bytes;
    }
    uint64_t bus = igq_dram_bound_cycles(dram_bytes, &accelerator->dram);
    uint64_t most = bus > vector ? bus : vector;
    if (most > arrays) // whoever has more to do, it is done by the end of the last job
        results[jobs->num_jobs - 1].cycles += most - arrays;
    return 0;
}

// The event as it would be with another plan.
static igq_measure measure_with(igq_event event, const igq_job_plan *plan, const igq_job *job,
                                const igq_job_result *result, const igq_accelerator *accelerator)
{
    igq_events events;
    igq_job_events(&events, job, plan, result, accelerator);
    return events.of[event];
}

// Words of activations are cut at the ends of blocks of tokens: fewest where all tokens are a block. Results on their
// way to DRAM wait in either buffer.
void igq_jobs_bound_events(igq_events *events, igq_jobs *jobs, const igq_job_result *results,
                           const igq_accelerator *accelerator)
{
    static const igq_event by_words[] = {IGQ_EVENT_ACTIVATION_BUFFER_READ, IGQ_EVENT_CROSSBAR},
                           by_way[] = {IGQ_EVENT_OUTPUT_BUFFER_READ, IGQ_EVENT_OUTPUT_BUFFER_WRITE};
    for (int j = 0; j < jobs->num_jobs; j++) {
        const igq_job *job = &jobs->job[j];
        igq_job_plan in_a_block = jobs->plan[j], nothing_stored = jobs->plan[j];
        in_a_block.tiling.block_tokens = in_a_block.product.T;
        nothing_stored.product.outputs_in_dram = 0;
        igq_job_events(&events[j], job, &jobs->plan[j], &results[j], accelerator);
        if (is_batch(jobs)) {
            events[j] = (igq_events){0};
            continue;
        }
        events[j].of[IGQ_EVENT_SLICE_ADD] = (igq_measure){0}; // lists in tiles of channels may get fewer arrays
        for (int e = 0; e < 2; e++) {
            events[j].of[by_words[e]] = measure_with(by_words[e], &in_a_block, job, &results[j], accelerator);
            events[j].of[by_way[e]] = measure_with(by_way[e], &nothing_stored, job, &results[j], accelerator);
        }
    }
}
