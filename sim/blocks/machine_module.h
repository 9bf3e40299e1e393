// SPDX-License-Identifier: Apache-2.0
// machine_module.h - the machine as a SystemC module: its blocks, and runs of it. Any number of them may be in a
// simulation.
#ifndef IGQ_MACHINE_MODULE_H
#define IGQ_MACHINE_MODULE_H
#include "dma.h"
#include "group_assign.h"
#include "mac_array.h"
#include "post_processing.h"
#include "range_unit.h"
#include "row_selector.h"
#include "vector_unit.h"
#include <vector>

namespace igq
{
class machine : public sc_core::sc_module
{
  public:
    explicit machine(const sc_core::sc_module_name &name);
    // Makes the blocks begin; simulated time has to pass until ended() is notified. The run must outlive it.
    void start(const machine_run &run, igq_assign_model assign_model);
    sc_core::sc_event &ended() { return controller_.ended(); }
    // Checks the accounts of a run that is over, a cycle after ended() or when nothing is left to happen.
    void finish(const machine_run &run);
    // Instead of the machine's own model of a memory, from the next run on.
    void use_memory(foreign_memory *memory) { dram_.use(memory); }

  private:
    static constexpr int store_queue_depth = 2;

    controller controller_{"controller"};
    dram dram_{"dram"};
    tile_buffer weight_buffer_{"weight_buffer"}, activation_buffer_{"activation_buffer"};
    tile_buffer output_buffer_{"output_buffer"}, residual_tiles_{"residual_tiles"}, range_banks_{"range_banks"};
    weight_dma weight_dma_{"weight_dma"};
    activation_dma activation_dma_{"activation_dma"};
    residual_dma residual_dma_{"residual_dma"};
    store_dma store_dma_{"store_dma"};
    range_unit range_unit_{"range_unit"};
    group_assign group_assign_{"group_assign"};
    index_buffer index_buffer_{"index_buffer"};
    write_back_watch watch_{"write_back_watch"};
    row_selector row_selector_{"row_selector"};
    mac_array mac_array_{"mac_array"};
    post_processing post_processing_{"post_processing"};
    vector_unit vector_unit_{"vector_unit"};

    // The output buffer's slots bound what can wait in them.
    sc_core::sc_fifo<tile_task> orders_{"orders", 1}, timed_{"timed", 1}, sums_{"sums", 1};
    sc_core::sc_fifo<int> drained_{"drained", 1};
    queue<tile_task> finished_{"finished_tiles", 2};
    queue<uint64_t> residual_orders_{"residual_orders", 2};
    queue<store> stores_{"stores", store_queue_depth};

    std::vector<block *> blocks_ = {&controller_,   &dram_,      &weight_dma_,      &activation_dma_,
                                    &residual_dma_, &store_dma_, &range_unit_,      &group_assign_,
                                    &row_selector_, &mac_array_, &post_processing_, &vector_unit_};

    uint64_t begin_cycle_ = 0;

    void reset(const machine_run &run);
    void check(uint64_t end_cycle) const;
};

// What is known of jobs only when all have run: bounds, hidden cycles. foreign_memory: it may be faster than ours.
void finish_results(const machine_run &run, bool foreign_memory);
} // namespace igq

#endif
