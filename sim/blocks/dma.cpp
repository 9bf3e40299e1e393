// SPDX-License-Identifier: Apache-2.0
#include "dma.h"
#include "latency.h"

namespace igq
{
// V comes in words of several tokens of a channel and goes in rows of the channels of a token: its first row leaves
// when a square of both is there.
uint64_t weight_dma::turn_cycles(int j) const
{
    if (job(j).layer->kind != IGQ_LAYER_CONTEXT)
        return 0;
    int element_bits = plan(j).product.operand_codes ? plan(j).product.weight_bits : IGQ_ACT_IN_BITS;
    return static_cast<uint64_t>(igq_turn_elements(element_bits, &accelerator()));
}

void weight_dma::work_through_jobs()
{
    for_each_tile([this](int j, int n, const igq_tile &next) {
        if (!next.loads_weights)
            return;
        uint64_t ready_cycle = 0;
        uint64_t bits = igq_weight_buffer_bits(&plan(j).product, next.outputs, next.channels);
        uint64_t bytes = igq_weight_tile_bytes(&plan(j).product, next.outputs, next.channels);
        uint64_t copy_cycles =
            igq_operand_copy_cycles(igq_operand_bits(&plan(j).product, next.outputs, next.channels), &accelerator());
        uint64_t write_cycles = copy_cycles + igq_dram_transfer_cycles(bytes, &accelerator().dram);
        wait_during([&] {
            buffer->acquire({bits, write_cycles, igq_weight_room_bits(&accelerator())});
            control->wait_through(plan(j).waits_for_jobs);
            control->wait_written(job(j).weights_from_job);
        });
        takes_up(j, n);
        busy_during([&] {
            wait_cycles(copy_cycles);
            ready_cycle = memory->transfer(dram_port::weights, IGQ_TRAFFIC_WEIGHTS_READ, j, bytes);
        });
        ready_cycle += turn_cycles(j);
        result(j).ports.weight_write_bits += bits;
        buffer->add_written(bits);
        buffer->fill(j, ready_cycle);
    });
}

void activation_dma::work_through_jobs()
{
    for_each_tile([this](int j, int n, const igq_tile &next) {
        if (!plan(j).product.acts_in_dram || !next.loads_acts)
            return;
        uint64_t ready_cycle = 0;
        uint64_t bits = igq_act_buffer_bits(&plan(j).product, next.tokens, next.channels);
        uint64_t bytes = igq_act_tile_bytes(&plan(j).product, next.tokens, next.channels);
        wait_during([&] {
            buffer->acquire({bits, igq_dram_transfer_cycles(bytes, &accelerator().dram),
                             igq_act_room_bits(&plan(j).tiling, &plan(j).product, &accelerator())});
            control->wait_through(plan(j).waits_for_jobs);
            control->wait_written(job(j).acts_from_job);
        });
        takes_up(j, n);
        busy_during(
            [&] { ready_cycle = memory->transfer(dram_port::activations, IGQ_TRAFFIC_ACTIVATIONS_READ, j, bytes); });
        result(j).ports.activation_load_bits += bits;
        buffer->add_written(bits);
        buffer->fill(j, ready_cycle);
    });
}

void residual_dma::work_through_jobs()
{
    for_each_tile([this](int j, int n, const igq_tile &tile) {
        if (!igq_loads_residual(&plan(j).product) || !tile.opens_sums)
            return;
        uint64_t bytes = 0, ready_cycle = 0;
        wait_during([&] {
            bytes = order_bytes->read();
            control->wait_residual_stored(plan(j).residual_from);
        });
        takes_up(j, n);
        busy_during([&] { ready_cycle = memory->transfer(dram_port::residual, IGQ_TRAFFIC_RESIDUAL_READ, j, bytes); });
        buffer->fill(j, ready_cycle);
    });
}

void store_dma::work_through_jobs()
{
    int jobs_left = 0; // that store anything
    for (int j = 0; j < num_jobs(); j++)
        jobs_left += igq_stores_residual(&plan(j).product) + plan(j).product.outputs_in_dram;
    while (jobs_left > 0) {
        store next = {};
        wait_during([&] { next = stores->read(); });
        takes_up(next.job, -1);
        busy_during([&] { memory->transfer(dram_port::stores, next.traffic, next.job, next.bytes); });
        if (next.frees_output_slot) {
            output_buffer->release();
            watch->add_slot_stores(-1);
        }
        if (next.ends_residual)
            control->set_residual_stored(next.job);
        if (next.ends_outputs)
            control->set_written(next.job);
        jobs_left -= next.ends_residual + next.ends_outputs;
    }
}
} // namespace igq
