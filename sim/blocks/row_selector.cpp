// SPDX-License-Identifier: Apache-2.0
#include "row_selector.h"

namespace igq
{
void row_selector::build_steps(int j, image_steps &image)
{
    image.job = j;
    image.step_memory.resize(static_cast<size_t>(job(j).grouping->C));
    image.steps.step = image.step_memory.data();
    igq_array_steps(&image.steps, job(j).grouping, job(j).act_bits, job(j).weight_bits, &accelerator());
    image.times.clear();
}

const igq_tile_time &row_selector::time_of(const igq_tile &tile, image_steps &image)
{
    for (const shape_time &known : image.times)
        if (known.tokens == tile.tokens && known.outputs == tile.outputs)
            return known.time;
    image.times.push_back({tile.tokens, tile.outputs, {}});
    igq_array_tile(&image.times.back().time, &image.steps, tile.tokens, tile.outputs, &accelerator());
    return image.times.back().time;
}

void row_selector::work_through_jobs()
{
    images_.clear();
    for_each_tile([this](int j, int n, const igq_tile &tile) {
        tile_task task = {};
        wait_during([&] { task = orders->read(); });
        if (images_.size() <= static_cast<size_t>(tile.image))
            images_.resize(static_cast<size_t>(tile.image) + 1);
        image_steps &image = images_[static_cast<size_t>(tile.image)];
        if (image.job != j)
            build_steps(j, image);
        task.time = time_of(tile, image);
        timed->write(task);
        takes_up(j, n);
        work(task.time.gather_cycles);
    });
}
} // namespace igq
