// SPDX-License-Identifier: Apache-2.0
// vector_unit.h - LayerNorm, softmax, GELU, residual addition, and the write-back of every output.
#ifndef IGQ_VECTOR_UNIT_H
#define IGQ_VECTOR_UNIT_H
#include "controller.h"
#include "dma.h"
#include "range_unit.h"
#include "tile_buffer.h"
#include "tile_task.h"

namespace igq
{
class vector_unit : public block
{
  public:
    explicit vector_unit(const sc_core::sc_module_name &name) : block(name) {}
    sc_core::sc_port<controller> control{"control"};
    sc_core::sc_port<range_unit> ranges{"ranges"};
    sc_core::sc_fifo_in<tile_task> finished{"finished"};
    sc_core::sc_port<tile_buffer> residual_tiles{"residual_tiles"}, output_buffer{"output_buffer"};
    sc_core::sc_port<tile_buffer> activation_buffer{"activation_buffer"};
    sc_core::sc_fifo_out<store> stores{"stores"};
    sc_core::sc_port<write_back_watch> watch{"watch"};

  private:
    void work_through_jobs() override;
    void work_on(const tile_task &task);
    void run(int passes, uint64_t elements, int job);
    void write_back(const tile_task &task, int outputs, bool frees_output_slot);
    void order_store(const store &next);
};
} // namespace igq

#endif
