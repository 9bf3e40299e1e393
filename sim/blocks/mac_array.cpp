// SPDX-License-Identifier: Apache-2.0
#include "mac_array.h"
#include "latency.h"
#include <vector>

namespace igq
{
// What is missing is waited for in this order, so a cycle in which several operands are missing is booked under the
// first.
void mac_array::wait_for_operands(int j, const igq_tile &tile)
{
    uint64_t *cause_cycles = result(j).cause_cycles;
    write_back_watch::cycles before = watch->now();
    wait_during([&] { control->wait_written(job(j).acts_from_job); });
    watch->blame_results(cause_cycles, before);
    if (job(j).assign != IGQ_ASSIGN_NONE)
        cause_cycles[IGQ_CAUSE_ASSIGNMENT] += wait_during([&] { lists->wait_published(j); });
    if (plan(j).product.acts_in_dram && tile.loads_acts)
        cause_cycles[IGQ_CAUSE_ACTIVATIONS] += wait_during([&] { activations->take(); });
    if (tile.loads_weights)
        cause_cycles[IGQ_CAUSE_WEIGHTS] += wait_during([&] { weights->take(); });
    if (!tile.opens_sums)
        return;
    before = watch->now();
    wait_during([&] { outputs->acquire(); });
    watch->blame_slot(cause_cycles, before);
}

// Words that were written since the tile before began went through the ports while nothing was gathered; what is left
// of them goes before this tile's gathers.
void mac_array::wait_for_writes(tile_task &task)
{
    if (!accelerator().row_selector.shared_ports)
        return;
    uint64_t idle_cycles = now_cycle() - begin_cycle_ - gather_cycles_;
    uint64_t cycles =
        igq_write_conflict_cycles(weights->written_bits() - weight_bits_, activations->written_bits() - act_bits_,
                                  idle_cycles, &accelerator().row_selector);
    task.time.cycles += cycles;
    task.time.row_conflict_cycles += cycles;
    begin_cycle_ = now_cycle();
    gather_cycles_ = task.time.gather_cycles + cycles; // no writes of others meanwhile
    weight_bits_ = weights->written_bits();
    act_bits_ = activations->written_bits();
}

// Words that this tile reads last: those of weights, block of outputs after block; those of activations, block of
// tokens after block, with the last outputs.
void mac_array::release_words(const tile_task &task)
{
    const igq_product &product = plan(task.job).product;
    const igq_tile &tile = task.tile;
    int at_once = igq_outputs_at_once(&accelerator()), output_blocks = (tile.outputs + at_once - 1) / at_once;
    int block_tokens = igq_tiling_block_tokens(&plan(task.job).tiling, &accelerator().mac_array);
    uint64_t begin = now_cycle(), cycles = task.time.cycles, end = begin + cycles;
    if (tile.frees_weights)
        weights->release_words(begin, end, igq_weight_buffer_bits(&product, tile.outputs, tile.channels),
                               output_blocks);
    if (product.acts_in_dram && tile.frees_acts)
        activations->release_words(
            begin + cycles * static_cast<uint64_t>(output_blocks - 1) / static_cast<uint64_t>(output_blocks), end,
            igq_act_buffer_bits(&product, tile.tokens, tile.channels), (tile.tokens + block_tokens - 1) / block_tokens);
}

void mac_array::work_on(const tile_task &task)
{
    release_words(task);
    sums->write(task);
    gather_queue_.set(task.time.most_waiting_vectors);
    busy_during([&] { drained->read(); });
    gather_queue_.set(0);
}

void mac_array::end_job(int j, const igq_tile_time &sum)
{
    if (job(j).assign == IGQ_ASSIGN_NEAREST)
        lists->release_set();
    igq_tile_time_causes(result(j).cause_cycles, &sum, igq_peak_macs_per_cycle(&accelerator().mac_array));
    result(j).ports.weight_reads = sum.weight_reads;
}

// What follows the last tile is the last job's.
void mac_array::wait_for_last_results()
{
    igq_job_result &last = result(num_jobs() - 1);
    write_back_watch::cycles before = watch->now();
    last.cycles += wait_during([&] {
        for (int j = 0; j < num_jobs(); j++) {
            control->wait_written(j);
            if (igq_stores_residual(&plan(j).product))
                control->wait_residual_stored(j);
        }
    });
    watch->blame_results(last.cause_cycles, before);
}

void mac_array::work_through_jobs()
{
    std::vector<igq_tile_time> sums_of_jobs(static_cast<size_t>(num_jobs()));
    begin_cycle_ = now_cycle();
    gather_cycles_ = weight_bits_ = act_bits_ = 0;
    for_each_tile([&](int j, int n, const igq_tile &tile) {
        uint64_t begin_cycle = now_cycle();
        igq_tile_time &sum = sums_of_jobs[static_cast<size_t>(j)];
        tile_task task = {j, tile, {}};
        wait_for_operands(j, tile);
        if (igq_loads_residual(&plan(j).product) && tile.opens_sums)
            residual_bytes->write(igq_output_bytes(tile.tokens, tile.outputs));
        orders->write(task);
        task = timed->read();
        wait_for_writes(task);
        takes_up(j, n);
        work_on(task);
        igq_tile_time_add(&sum, &task.time, 1);
        if (tile.frees_weights)
            weights->release();
        if (plan(j).product.acts_in_dram && tile.frees_acts)
            activations->release();
        result(j).cycles += now_cycle() - begin_cycle;
        if (tile.ends_image)
            end_job(j, sum);
    });
    wait_for_last_results();
}
} // namespace igq
