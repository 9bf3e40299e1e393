// SPDX-License-Identifier: Apache-2.0
// mac_array.h - the arrays: wait for operands, work on a tile, hand it to post-processing. Every cycle of the run is
// booked here under one cause of stall.h.
#ifndef IGQ_MAC_ARRAY_H
#define IGQ_MAC_ARRAY_H
#include "controller.h"
#include "index_buffer.h"
#include "occupancy.h"
#include "tile_buffer.h"
#include "tile_task.h"
#include "write_back_watch.h"

namespace igq
{
class mac_array : public block
{
  public:
    explicit mac_array(const sc_core::sc_module_name &name) : block(name) {}
    sc_core::sc_port<controller> control{"control"};
    sc_core::sc_port<index_buffer> lists{"lists"};
    sc_core::sc_port<write_back_watch> watch{"watch"};
    sc_core::sc_port<tile_buffer> activations{"activations"}, weights{"weights"}, outputs{"outputs"};
    sc_core::sc_fifo_out<uint64_t> residual_bytes{"residual_bytes"};
    sc_core::sc_fifo_out<tile_task> orders{"orders"};
    sc_core::sc_fifo_in<tile_task> timed{"timed"};
    sc_core::sc_fifo_out<tile_task> sums{"sums"};
    sc_core::sc_fifo_in<int> drained{"drained"};

    void reset(int queue_depth, igq_timeline *timeline) { gather_queue_.reset("gather_queue", queue_depth, timeline); }

  private:
    void work_through_jobs() override;
    void wait_for_operands(int job, const igq_tile &tile);
    void wait_for_writes(tile_task &task);
    void release_words(const tile_task &task);
    void work_on(const tile_task &task);
    void end_job(int job, const igq_tile_time &sum);
    void wait_for_last_results();

    occupancy gather_queue_; // the most of each tile
    // Of the tile before, and what had been written when it began.
    uint64_t begin_cycle_ = 0, gather_cycles_ = 0, weight_bits_ = 0, act_bits_ = 0;
};
} // namespace igq

#endif
