// SPDX-License-Identifier: Apache-2.0
#include "vector_unit.h"
#include "latency.h"

namespace igq
{
void vector_unit::order_store(const store &next)
{
    watch->set_vector_unit(vector_unit_state::waits_for_stores);
    wait_during([&] { stores->write(next); });
    watch->set_vector_unit(vector_unit_state::idle);
    if (next.frees_output_slot)
        watch->add_slot_stores(1);
}

void vector_unit::run(int passes, uint64_t elements, int j)
{
    watch->set_vector_unit(vector_unit_state::busy);
    work(igq_vector_cycles(passes, elements, &accelerator().vector_unit));
    watch->set_vector_unit(vector_unit_state::idle);
    result(j).ports.vector_pass_elements += static_cast<uint64_t>(passes) * elements;
}

// The results of the task's tokens in `outputs` columns are final: they go where the next product reads them.
void vector_unit::write_back(const tile_task &task, int outputs, bool frees_output_slot)
{
    const igq_job_plan &job_plan = plan(task.job);
    uint64_t bits = static_cast<uint64_t>(task.tile.tokens) * igq_storage_row_bits(&job_plan.product.outputs, outputs);
    result(task.job).ports.result_bits += bits;
    if (!job_plan.product.outputs_in_dram)
        activation_buffer->add_written(bits);
    if (job_plan.observer >= 0)
        ranges->observe(job_plan.observer, static_cast<uint64_t>(task.tile.tokens) * static_cast<uint64_t>(outputs));
    if (job_plan.product.outputs_in_dram) {
        uint64_t bytes = igq_result_bytes(&job_plan.product, task.tile.tokens, outputs);
        order_store({task.job, IGQ_TRAFFIC_OUTPUTS_WRITE, bytes, frees_output_slot, false, task.tile.ends_image != 0});
    } else {
        if (frees_output_slot)
            output_buffer->release();
        if (task.tile.ends_image)
            control->set_written(task.job);
    }
}

void vector_unit::work_on(const tile_task &task)
{
    const igq_product &product = plan(task.job).product;
    bool parks_rows = igq_tiling_parks_rows(&plan(task.job).tiling, &product);
    int passes = product.tile_passes + (parks_rows ? 0 : product.row_passes);
    uint64_t elements = static_cast<uint64_t>(task.tile.tokens) * static_cast<uint64_t>(task.tile.outputs);
    if (igq_loads_residual(&product)) {
        watch->set_vector_unit(vector_unit_state::waits_for_residual);
        wait_during([&] { residual_tiles->take(); });
    }
    run(passes, elements, task.job);
    uint64_t values = 8 * igq_output_bytes(task.tile.tokens, task.tile.outputs);
    activation_buffer->add_written((product.residual_stays ? values : 0) + (parks_rows ? values : 0));

    bool residual_frees_slot = igq_stores_residual(&product) && (parks_rows || !product.outputs_in_dram);
    if (igq_stores_residual(&product)) {
        uint64_t bytes = igq_output_bytes(task.tile.tokens, task.tile.outputs);
        order_store(
            {task.job, IGQ_TRAFFIC_RESIDUAL_WRITE, bytes, residual_frees_slot, task.tile.ends_image != 0, false});
    }
    if (!parks_rows) {
        write_back(task, task.tile.outputs, !residual_frees_slot);
        return;
    }
    if (!residual_frees_slot) // the outputs wait for the rest of their rows in the activation buffer
        output_buffer->release();
    if (task.tile.ends_rows) {
        run(product.row_passes, static_cast<uint64_t>(task.tile.tokens) * static_cast<uint64_t>(product.O), task.job);
        write_back(task, product.O, false);
    }
}

void vector_unit::work_through_jobs()
{
    for_each_tile([this](int j, int n, const igq_tile &tile) {
        if (!tile.ends_sums)
            return;
        tile_task task = {};
        wait_during([&] { task = finished->read(); });
        takes_up(j, n);
        work_on(task);
    });
}
} // namespace igq
