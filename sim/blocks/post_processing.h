// SPDX-License-Identifier: Apache-2.0
// post_processing.h - scales group sums and adds them up. Its hand-overs are part of a tile's time
// (models/timing/array_timing); a finished tile goes to the vector unit.
#ifndef IGQ_POST_PROCESSING_H
#define IGQ_POST_PROCESSING_H
#include "block.h"
#include "tile_task.h"

namespace igq
{
class post_processing : public block
{
  public:
    explicit post_processing(const sc_core::sc_module_name &name) : block(name) {}
    sc_core::sc_fifo_in<tile_task> sums{"sums"};
    sc_core::sc_fifo_out<tile_task> finished{"finished"};
    sc_core::sc_fifo_out<int> drained{"drained"};

  private:
    void work_through_jobs() override;
};
} // namespace igq

#endif
