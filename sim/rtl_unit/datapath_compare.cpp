// SPDX-License-Identifier: Apache-2.0
#include "datapath_compare.h"
#include <cmath>
#include <cstdio>
#include <cstring>

namespace
{
bool same_bits(float a, float b)
{
    return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b));
}

std::string float_text(float value)
{
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    char text[64];
    std::snprintf(text, sizeof text, "%.9g (%08x)", static_cast<double>(value), bits);
    return text;
}

// The arrays that work on a list, and the steps of a block that they take for it.
std::string list_text(const random_tile &random, int num_arrays, int in_turn)
{
    const igq_grouping &grouping = random.tile.grouping;
    std::string text;
    for (int g = 0; g < grouping.G; g++)
        if (grouping.start[g + 1] > grouping.start[g])
            text += (text.empty() ? "" : ", ") + std::to_string(g) + ": " +
                    std::to_string(grouping.start[g + 1] - grouping.start[g]);
    return "; channels of the lists " + text +
           (in_turn ? ", in turn on one array" : ", on " + std::to_string(num_arrays) + " arrays");
}
} // namespace

std::string datapath_sum_difference(const random_tile &random, const datapath_point &point, const datapath_result &rtl,
                                    uint64_t model_cycles)
{
    const datapath_tile &tile = random.tile;
    std::vector<float> expected = datapath_expected_sums(random);
    if (!rtl.fault.empty())
        return rtl.fault + "; the model has finished it after " + std::to_string(model_cycles);
    for (int t = 0; t < tile.T; t++) {
        for (int o = 0; o < tile.O; o++) {
            auto i = static_cast<size_t>(t * tile.O + o);
            auto place = [&] {
                return "token " + std::to_string(t) + " (row " + std::to_string(t % tile.block_tokens) + " of block " +
                       std::to_string(t / tile.block_tokens) + "), output " + std::to_string(o) + " (lane " +
                       std::to_string(o % point.lanes) + " of block " + std::to_string(o / point.lanes) + ")";
            };
            if (rtl.seen[i] != 1)
                return place() + " comes " + std::to_string(rtl.seen[i]) + " times";
            if (!same_bits(expected[i], rtl.y[i]))
                return place() + ": expected " + float_text(expected[i]) + ", got " + float_text(rtl.y[i]) +
                       list_text(random, point.num_arrays, point.in_turn);
        }
    }
    return "";
}

std::string datapath_cycle_difference(const random_tile &random, const datapath_point &point,
                                      const datapath_result &rtl, uint64_t model_cycles)
{
    if (rtl.cycles == model_cycles)
        return "";
    return "the tile takes " + std::to_string(rtl.cycles) + " cycles, the model " + std::to_string(model_cycles) +
           list_text(random, point.num_arrays, point.in_turn);
}
