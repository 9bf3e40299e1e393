// SPDX-License-Identifier: Apache-2.0
#include "row_selector.h"

namespace igq
{
void row_selector::build_steps(int j)
{
    step_memory_.resize(static_cast<size_t>(job(j).grouping->C));
    steps_.step = step_memory_.data();
    igq_array_steps(&steps_, job(j).grouping, job(j).act_bits, job(j).weight_bits, &accelerator());
    times_.clear();
}

const igq_tile_time &row_selector::time_of(const igq_tile &tile)
{
    for (const shape_time &known : times_)
        if (known.tokens == tile.tokens && known.outputs == tile.outputs)
            return known.time;
    times_.push_back({tile.tokens, tile.outputs, {}});
    igq_array_tile(&times_.back().time, &steps_, tile.tokens, tile.outputs, &accelerator());
    return times_.back().time;
}

void row_selector::work_through_jobs()
{
    for (int j = 0; j < num_jobs(); j++) {
        for (int n = 0; n < plan(j).num_tiles; n++) {
            tile_task task = {};
            wait_during([&] { task = orders->read(); });
            if (n == 0)
                build_steps(j);
            task.time = time_of(task.tile);
            timed->write(task);
            takes_up(j, n);
            work(task.time.gather_cycles);
        }
    }
}
} // namespace igq
