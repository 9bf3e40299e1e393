// SPDX-License-Identifier: Apache-2.0
#include "row_selector.h"
#include "rtl_tiles.h"

namespace igq
{
void row_selector::start_job(int j, image_steps &image)
{
    image.job = j;
    image.machine = accelerator();
    image.machine.mac_array.tokens_in_flight = igq_tiling_block_tokens(&plan(j).tiling, &accelerator().mac_array);
    image.ranges.assign(static_cast<size_t>(igq_tiling_channel_tiles(&plan(j).tiling)), range_steps{});
}

const igq_grouping *row_selector::lists_of(const igq_tile &tile, const image_steps &image)
{
    const igq_grouping *lists = job(image.job).grouping;
    if (tile.channels == plan(image.job).product.C)
        return lists;
    slice_memory_.resize(igq_grouping_size(lists->C, lists->G) / sizeof(uint64_t) + 1);
    igq_grouping_init(&slice_, slice_memory_.data(), lists->C, lists->G);
    igq_grouping_slice(&slice_, lists, tile.first_channel, tile.first_channel + tile.channels);
    return &slice_;
}

void row_selector::build_steps(const igq_tile &tile, const image_steps &image, range_steps &range)
{
    const igq_job &of = job(image.job);
    range.step_memory.resize(igq_steps_room(of.grouping->C, &image.machine));
    range.steps.step = range.step_memory.data();
    igq_array_steps(&range.steps, lists_of(tile, image), of.act_bits, of.weight_bits, &image.machine);
}

// Where the causes of its cycles lie is the model's word; their number is the RTL's.
void row_selector::work_rtl(igq_tile_time &time, const igq_tile &tile, const image_steps &image)
{
    const igq_job &of = job(image.job);
    const igq_rtl_tile work = {of.layer->name, lists_of(tile, image),    tile.tokens, tile.outputs, of.act_bits,
                               of.weight_bits, igq_job_assigns_rows(&of)};
    time.cycles = igq_rtl_tiles_work(of.rtl_tiles, &work, &image.machine, time.cycles);
}

const igq_tile_time &row_selector::time_of(const igq_tile &tile, image_steps &image)
{
    range_steps &range = image.ranges[static_cast<size_t>(tile.channel_tile)];
    if (range.step_memory.empty())
        build_steps(tile, image, range);
    for (const shape_time &known : range.times)
        if (known.tokens == tile.tokens && known.outputs == tile.outputs)
            return known.time;
    range.times.push_back({tile.tokens, tile.outputs, {}});
    igq_tile_time &time = range.times.back().time;
    if (range.steps.num_steps > 0) // else no channel of the tile is on a list
        igq_array_tile(&time, &range.steps, tile.tokens, tile.outputs, &image.machine);
    if (range.steps.num_steps > 0 && job(image.job).rtl_tiles != nullptr)
        work_rtl(time, tile, image);
    return time;
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
            start_job(j, image);
        task.time = time_of(tile, image);
        timed->write(task);
        takes_up(j, n);
        work(task.time.gather_cycles);
    });
}
} // namespace igq
