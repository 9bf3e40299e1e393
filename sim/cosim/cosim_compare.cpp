// SPDX-License-Identifier: Apache-2.0
#include "cosim_compare.h"
#include "assign.h"
#include "grouping.h"
#include "range.h"
#include <algorithm>
#include <numeric>

namespace
{
struct ranges {
    explicit ranges(const rtl_layer &layer) : lo(static_cast<size_t>(layer.C)), hi(static_cast<size_t>(layer.C))
    {
        igq_range_channels(lo.data(), hi.data(), layer.acts.data(), layer.T, layer.C);
    }
    std::vector<int16_t> lo, hi;
};

std::string entry_text(const rtl_entry &entry)
{
    return "channel " + std::to_string(entry.channel) + " in group " + std::to_string(entry.group) +
           (entry.group_last ? ", last of its group" : "") + (entry.last ? ", last of all" : "");
}

std::string best_groups_text(const rtl_layer &layer, int channel, igq_distance distance)
{
    ranges range(layer);
    int16_t lo = range.lo[static_cast<size_t>(channel)], hi = range.hi[static_cast<size_t>(channel)];
    std::vector<uint64_t> distances;
    for (size_t g = 0; g < layer.lower.size(); g++)
        distances.push_back(igq_assign_distance(lo, hi, layer.lower[g], layer.upper[g], distance));
    std::vector<size_t> order(distances.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return distances[a] < distances[b]; });
    std::string text = "channel " + std::to_string(channel) + " has the range [" + std::to_string(lo) + ", " +
                       std::to_string(hi) + "]; distance of";
    for (size_t i = 0; i < std::min<size_t>(2, order.size()); i++)
        text += (i == 0 ? " group " : ", of group ") + std::to_string(order[i]) + " [" +
                std::to_string(layer.lower[order[i]]) + ", " + std::to_string(layer.upper[order[i]]) +
                "]: " + std::to_string(distances[order[i]]);
    if (layer.capacity > 0)
        text += "; lists take up to " + std::to_string(layer.capacity) + " channels";
    return text;
}

bool same(const rtl_entry &a, const rtl_entry &b)
{
    return a.group == b.group && a.channel == b.channel && a.group_last == b.group_last && a.last == b.last;
}
} // namespace

rtl_layer_result cosim_expected(const rtl_layer &layer, igq_distance distance)
{
    ranges range(layer);
    std::vector<uint64_t> memory((igq_grouping_size(layer.C, layer.G) + 7) / 8);
    igq_grouping grouping;
    igq_grouping_init(&grouping, memory.data(), layer.C, layer.G);
    igq_assign_limited(grouping.group, range.lo.data(), range.hi.data(), layer.lower.data(), layer.upper.data(),
                       layer.C, layer.G, distance, layer.capacity, 1);
    igq_grouping_build(&grouping);

    rtl_layer_result result = {};
    for (int g = 0; g < layer.G; g++) {
        for (int i = grouping.start[g]; i < grouping.start[g + 1]; i++)
            result.entries.push_back({g, grouping.channel[i], i + 1 == grouping.start[g + 1], i + 1 == layer.C, 0});
        result.counts.push_back(grouping.start[g + 1] - grouping.start[g]);
    }
    return result;
}

std::string cosim_difference(const rtl_layer &layer, const rtl_layer_result &got, igq_distance distance,
                             uint64_t *cycle)
{
    rtl_layer_result expected = cosim_expected(layer, distance);
    *cycle = got.last_entry_cycle;
    for (size_t i = 0; i < std::min(expected.entries.size(), got.entries.size()); i++) {
        if (same(expected.entries[i], got.entries[i]))
            continue;
        *cycle = got.entries[i].cycle;
        return "list entry " + std::to_string(i) + ": expected " + entry_text(expected.entries[i]) + "; got " +
               entry_text(got.entries[i]) + "; " + best_groups_text(layer, expected.entries[i].channel, distance);
    }
    if (got.counts.empty()) // the lists did not come to their end
        return "";
    if (expected.entries.size() != got.entries.size())
        return "expected " + std::to_string(expected.entries.size()) + " list entries; got " +
               std::to_string(got.entries.size());
    for (size_t g = 0; g < expected.counts.size(); g++) {
        if (expected.counts[g] != got.counts[g])
            return "count of group " + std::to_string(g) + ": expected " + std::to_string(expected.counts[g]) +
                   "; got " + std::to_string(got.counts[g]);
    }
    return "";
}
