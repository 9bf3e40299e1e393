// SPDX-License-Identifier: Apache-2.0
// row_selector.h - gathers the rows of the channels on the lists for the arrays. Gathers run in lockstep with the
// arrays within a tile, so models/timing/array_timing works out both at once; tiles of the same shape of a layer take
// the same time.
#ifndef IGQ_ROW_SELECTOR_H
#define IGQ_ROW_SELECTOR_H
#include "block.h"
#include "tile_task.h"
#include <vector>

namespace igq
{
class row_selector : public block
{
  public:
    explicit row_selector(const sc_core::sc_module_name &name) : block(name) {}
    sc_core::sc_fifo_in<tile_task> orders{"orders"}; // once the lists of the job are there
    sc_core::sc_fifo_out<tile_task> timed{"timed"};

  private:
    struct shape_time {
        int tokens, outputs;
        igq_tile_time time;
    };
    // Of a tile's channels.
    struct range_steps {
        igq_steps steps = {};
        std::vector<igq_step> step_memory;
        std::vector<shape_time> times; // of the shapes seen in this job
    };
    // Of an image of a batch, while its job is worked on.
    struct image_steps {
        int job = -1;
        igq_accelerator machine = {};    // with as many tokens in flight as the tiling uses
        std::vector<range_steps> ranges; // by tile of channels
    };
    void work_through_jobs() override;
    void start_job(int job, image_steps &image);
    const igq_grouping *lists_of(const igq_tile &tile, const image_steps &image);
    void build_steps(const igq_tile &tile, const image_steps &image, range_steps &range);
    void work_rtl(igq_tile_time &time, const igq_tile &tile, const image_steps &image);
    const igq_tile_time &time_of(const igq_tile &tile, image_steps &image);

    std::vector<image_steps> images_;
    igq_grouping slice_; // lists of a tile with fewer channels than C
    std::vector<uint64_t> slice_memory_;
};
} // namespace igq

#endif
