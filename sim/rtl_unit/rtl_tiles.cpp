// SPDX-License-Identifier: Apache-2.0
#include "rtl_tiles.h"
#include "datapath_compare.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>

namespace
{
const uint64_t patience = 4; // a tile may take so many times as long as the model says before it is given up

// Runs of nearly the same size share what was built.
int power_of_two(int least)
{
    int size = 4;
    while (size < least)
        size *= 2;
    return size;
}
} // namespace

struct igq_rtl_tiles {
    datapath_point point;
    rtl_datapath unit;
    uint64_t num_tiles = 0, num_sums = 0, tile_cycles = 0;
    double host_seconds = 0; // that the RTL took
    std::string difference;
};

igq_status igq_rtl_tiles_new(igq_rtl_tiles **tiles, const igq_accelerator *accelerator, const igq_rtl_tiles_size *size,
                             igq_error *error)
{
    const datapath_size rounded = {std::max(size->num_groups, accelerator->num_groups),
                                   std::max(size->num_channels, accelerator->group_assignment.max_members),
                                   power_of_two(size->token_blocks), power_of_two(size->output_blocks)};
    auto made = std::make_unique<igq_rtl_tiles>();
    igq_status status = datapath_point_of(&made->point, *accelerator, rounded, error);
    if (status == IGQ_OK)
        status = made->unit.open(made->point, accelerator->name, false, error);
    *tiles = status == IGQ_OK ? made.release() : nullptr;
    return status;
}

void igq_rtl_tiles_free(igq_rtl_tiles *tiles)
{
    delete tiles;
}

uint64_t igq_rtl_tiles_work(igq_rtl_tiles *tiles, const igq_rtl_tile *tile, const igq_accelerator *machine,
                            uint64_t model_cycles)
{
    if (!tiles->difference.empty())
        return model_cycles;
    const layer_tile shape = {tile->lists,    tile->tokens,      tile->outputs,
                              tile->act_bits, tile->weight_bits, tile->rows != 0};
    auto work = [&] {
        const uint64_t seed = tiles->num_tiles++;
        auto random = datapath_tile_of_layer(seed, *machine, shape);
        auto begin = std::chrono::steady_clock::now();
        datapath_result rtl =
            tiles->unit.run(random->tile, *machine, datapath_random_stalls(seed), patience * model_cycles + 1000);
        tiles->host_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        tiles->num_sums += rtl.y.size();
        tiles->tile_cycles += rtl.cycles;
        std::string difference = datapath_sum_difference(*random, tiles->point, rtl, model_cycles);
        if (difference.empty())
            difference = datapath_cycle_difference(*random, tiles->point, rtl, model_cycles);
        if (!difference.empty())
            tiles->difference = std::string(tile->layer) + " (" + random->text + "): " + difference;
        return rtl.cycles;
    };
    // In a thread of its own: Verilated code needs more stack than a process of SystemC has.
    uint64_t cycles = std::async(std::launch::async, work).get();
    return tiles->difference.empty() ? cycles : model_cycles;
}

igq_status igq_rtl_tiles_verdict(const igq_rtl_tiles *tiles, igq_error *error)
{
    if (tiles->difference.empty()) {
        const double cycles = static_cast<double>(tiles->unit.cycles());
        std::fprintf(
            stderr,
            "RTL of the datapath: %llu tiles, %llu sums, %llu cycles as the models have them (%llu RTL cycles "
            "in all, %.3f million per second)\n",
            static_cast<unsigned long long>(tiles->num_tiles), static_cast<unsigned long long>(tiles->num_sums),
            static_cast<unsigned long long>(tiles->tile_cycles), static_cast<unsigned long long>(tiles->unit.cycles()),
            tiles->host_seconds > 0 ? cycles / tiles->host_seconds * 1e-6 : 0.0);
        return IGQ_OK;
    }
    igq_fail(error, "MISMATCH between the RTL of the datapath and the models: tile %llu, %s",
             static_cast<unsigned long long>(tiles->num_tiles), tiles->difference.c_str());
    return IGQ_MISMATCH;
}
