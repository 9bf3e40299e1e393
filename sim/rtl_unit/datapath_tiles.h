// SPDX-License-Identifier: Apache-2.0
// datapath_tiles.h - tiles for the Verilated datapath, and what the models say of them.
#ifndef IGQ_DATAPATH_TILES_H
#define IGQ_DATAPATH_TILES_H
#include "array_timing.h"
#include "cosim_layers.h"
#include "rtl_datapath.h"

// A tile and the memory that it points to.
struct random_tile {
    datapath_tile tile = {};
    std::vector<float> steps;
    std::vector<int32_t> scale_weights;
    std::vector<uint64_t> grouping_memory;
    std::vector<uint16_t> row_group;
    igq_accelerator machine = {}; // with the tokens in flight that the tile uses
    std::string text;             // what it is, for people
};

// The same for a seed: random sizes (mostly small), lists (some empty, some of one channel), code widths, groups by
// channels or by tokens, values or codes, with a bias or without.
std::unique_ptr<random_tile> datapath_random_tile(uint64_t seed, const igq_accelerator &machine,
                                                  const datapath_point &point);
// What such tiles need.
datapath_size datapath_random_size(const igq_accelerator &machine);

// A tile of a layer.
struct layer_tile {
    const igq_grouping *lists;
    int tokens, outputs, act_bits, weight_bits;
    bool rows; // a group belongs to a token
};
// With contents drawn for a seed. machine: with the tokens in flight that the tile uses. lists must outlive it.
std::unique_ptr<random_tile> datapath_tile_of_layer(uint64_t seed, const igq_accelerator &machine,
                                                    const layer_tile &shape);
datapath_stalls datapath_random_stalls(uint64_t seed);

// y [T][O] of the naive models, and the time of the tile on a machine.
std::vector<float> datapath_expected_sums(const random_tile &random);
igq_tile_time datapath_expected_time(const random_tile &random, const igq_accelerator &machine);

#endif
