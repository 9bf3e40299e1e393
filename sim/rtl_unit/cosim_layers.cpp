// SPDX-License-Identifier: Apache-2.0
#include "cosim_layers.h"
#include "assign.h"
#include <algorithm>

const char *const cosim_corner_names[COSIM_CORNER_COUNT] = {
    "tie",         "zero_range",   "extreme_codes", "one_token",      "one_channel",    "one_group",    "maximum",
    "empty_group", "single_list",  "partial_beat",  "partial_step",   "bounds_changed", "back_to_back", "ranges_ahead",
    "full_list",   "capacity_one", "no_room_left",  "equal_channels", "repair",         "reset",        "every_stall",
};

uint64_t cosim_random::next()
{
    uint64_t z = state_ += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

int cosim_random::between(int low, int high)
{
    return low + static_cast<int>(next() % static_cast<uint64_t>(high - low + 1));
}

namespace
{
struct span {
    int16_t lo, hi;
};

span random_span(cosim_random &random, int limit)
{
    int a = random.between(-limit - 1, limit), b = random.between(-limit - 1, limit);
    return {static_cast<int16_t>(std::min(a, b)), static_cast<int16_t>(std::max(a, b))};
}

// A narrow limit makes ties; now and then a range is a point or the whole grid.
span odd_span(cosim_random &random, int limit)
{
    span range = random_span(random, limit);
    switch (random.between(0, 9)) {
    case 0:
        range.hi = range.lo;
        break;
    case 1:
        range = {INT16_MIN, INT16_MAX};
        break;
    case 2:
        range.lo = range.hi = random.one_in(2) ? INT16_MIN : INT16_MAX;
        break;
    }
    return range;
}

void fill_channel(cosim_random &random, rtl_layer &layer, int c, span range)
{
    for (int t = 0; t < layer.T; t++)
        layer.acts[static_cast<size_t>(t) * static_cast<size_t>(layer.C) + static_cast<size_t>(c)] =
            static_cast<int16_t>(random.between(range.lo, range.hi));
}

rtl_layer empty_layer(int T, int C, int G)
{
    auto groups = static_cast<size_t>(G);
    return {T,
            C,
            G,
            0,
            std::vector<int16_t>(static_cast<size_t>(T) * static_cast<size_t>(C)),
            std::vector<int16_t>(groups),
            std::vector<int16_t>(groups)};
}

rtl_layer constant_layer(int T, int C, int G, int16_t value)
{
    rtl_layer layer = empty_layer(T, C, G);
    std::fill(layer.acts.begin(), layer.acts.end(), value);
    return layer;
}
// From places for exactly all channels up; none where the point has none.
void limit_lists(cosim_random &random, rtl_layer &layer, const rtl_point &point)
{
    static const int pcts[] = {0, 0, 100, 100, 125, 150, 800};
    if (point.has_capacity)
        layer.capacity = igq_list_capacity(layer.C, layer.G, pcts[random.between(0, 6)], 1);
}
} // namespace

rtl_layer cosim_random_layer(cosim_random &random, int T, int C, int G)
{
    static const int limits[] = {3, 40, 2000, INT16_MAX};
    int limit = limits[random.between(0, 3)];
    rtl_layer layer = empty_layer(T, C, G);
    for (int c = 0; c < C; c++)
        fill_channel(random, layer, c, random.one_in(4) ? odd_span(random, limit) : random_span(random, limit));
    for (size_t g = 0; g < layer.lower.size(); g++) {
        span range = random.one_in(8) ? odd_span(random, limit) : random_span(random, limit);
        if (g > 0 && random.one_in(5))
            range = {layer.lower[g - 1], layer.upper[g - 1]};
        layer.lower[g] = range.lo;
        layer.upper[g] = range.hi;
    }
    return layer;
}

rtl_layer cosim_random_layer(cosim_random &random, const rtl_point &point)
{
    int most_channels = random.one_in(8) ? point.max_channels : std::min(point.max_channels, 100);
    int most_tokens = std::min(point.max_tokens, random.one_in(4) ? 20 : 5);
    int T = random.between(1, most_tokens);
    int C = random.between(1, most_channels);
    rtl_layer layer = cosim_random_layer(random, T, C, random.between(1, point.max_groups));
    limit_lists(random, layer, point);
    return layer;
}

rtl_layer cosim_layer_of_ranges(cosim_random &random, int T, int C, int G, const int16_t *lo, const int16_t *hi,
                                const int16_t *lower, const int16_t *upper)
{
    rtl_layer layer = empty_layer(T, C, G);
    std::copy_n(lower, G, layer.lower.begin());
    std::copy_n(upper, G, layer.upper.begin());
    for (int c = 0; c < C; c++) {
        fill_channel(random, layer, c, {lo[c], hi[c]});
        int low = random.between(0, T - 1), high = (low + random.between(1, std::max(1, T - 1))) % T;
        layer.acts[static_cast<size_t>(low) * static_cast<size_t>(C) + static_cast<size_t>(c)] = lo[c];
        layer.acts[static_cast<size_t>(high) * static_cast<size_t>(C) + static_cast<size_t>(c)] = hi[c];
    }
    return layer;
}

rtl_stalls cosim_random_stalls(uint64_t seed, int kind)
{
    auto random = std::make_shared<cosim_random>(seed);
    auto wait = [random](int, int) { return random->one_in(3) ? random->between(1, 4) : 0; };
    rtl_stalls stalls;
    if (kind & 1)
        stalls.before_beat = wait;
    if (kind & 2)
        stalls.before_entry = wait;
    if (kind == 3)
        stalls.before_layer = [random](int, int) { return random->between(0, 30); };
    return stalls;
}

namespace
{
// Lists with a capacity: of one channel; room for exactly all channels; all channels identical, so that lists fill in
// turn and a step meets several full ones.
void add_full_layers(std::vector<rtl_layer> &layers, cosim_random &random, const rtl_point &point)
{
    const int G = point.max_groups, T = std::min(point.max_tokens, 2);
    if (!point.has_capacity)
        return;
    for (int capacity = 1; capacity <= std::min(point.max_channels / G, 2 * point.distance_lanes + 1); capacity++) {
        for (int kind = 0; kind < 2; kind++) {
            rtl_layer layer = cosim_random_layer(random, T, capacity * G, G);
            if (kind == 1)
                std::fill(layer.acts.begin(), layer.acts.end(), static_cast<int16_t>(3));
            layer.capacity = capacity;
            layers.push_back(layer);
        }
    }
    rtl_layer widest = cosim_random_layer(random, T, point.max_channels, G);
    widest.capacity = point.max_channels;
    layers.push_back(widest);
}
} // namespace

std::vector<rtl_layer> cosim_corner_layers(cosim_random &random, const rtl_point &point)
{
    const int C = std::min(point.max_channels, 2 * point.range_lanes + 1), G = point.max_groups;
    const int T = std::min(point.max_tokens, 3);
    std::vector<rtl_layer> layers;
    layers.push_back(constant_layer(T, C, G, 0)); // zero range; all groups tie, so one list
    layers.push_back(cosim_random_layer(random, 1, C, G));
    layers.push_back(cosim_random_layer(random, T, 1, G));
    layers.push_back(cosim_random_layer(random, T, C, 1));
    layers.push_back(cosim_random_layer(random, 1, 1, 1));

    rtl_layer extremes = constant_layer(T, C, G, INT16_MIN); // every channel from the lowest to the highest code
    std::fill_n(extremes.acts.begin(), extremes.C, INT16_MAX);
    layers.push_back(extremes); // with bounds 0: the largest ranges
    std::fill(extremes.lower.begin(), extremes.lower.end(), INT16_MAX);
    std::fill(extremes.upper.begin(), extremes.upper.end(), INT16_MIN);
    layers.push_back(extremes); // the largest distances there are

    rtl_layer last_group = constant_layer(T, C, G, 5); // only the last group is at distance 0
    last_group.lower.back() = last_group.upper.back() = 5;
    layers.push_back(last_group);
    layers.push_back(cosim_random_layer(random, point.max_tokens, point.max_channels, point.max_groups));
    for (int c = 1; c <= std::min(point.max_channels, 2 * point.range_lanes * point.distance_lanes); c++)
        layers.push_back(cosim_random_layer(random, T, c, G)); // every remainder of both lane counts
    add_full_layers(layers, random, point);
    return layers;
}

namespace
{
bool has_tie(const rtl_layer &layer, int16_t lo, int16_t hi, igq_distance distance)
{
    std::vector<uint64_t> all;
    for (size_t g = 0; g < layer.lower.size(); g++)
        all.push_back(igq_assign_distance(lo, hi, layer.lower[g], layer.upper[g], distance));
    return std::count(all.begin(), all.end(), *std::min_element(all.begin(), all.end())) > 1;
}
} // namespace

void cosim_count_corners(cosim_corners &corners, const rtl_point &point, const std::vector<rtl_layer> &layers,
                         const std::vector<rtl_layer_result> &results, size_t index)
{
    const rtl_layer &layer = layers[index];
    const rtl_layer_result &result = results[index];
    const rtl_answer answer = rtl_answer_of(layer, point);
    const std::vector<int16_t> &lo = answer.lo, &hi = answer.hi;
    bool tie = false, zero = false, extreme = false;
    for (size_t c = 0; c < lo.size(); c++) {
        tie = tie || has_tie(layer, lo[c], hi[c], point.distance);
        zero = zero || lo[c] == hi[c];
        extreme = extreme || (lo[c] == INT16_MIN && hi[c] == INT16_MAX);
    }
    bool equal =
        std::count(lo.begin(), lo.end(), lo[0]) == layer.C && std::count(hi.begin(), hi.end(), hi[0]) == layer.C;
    int largest = *std::max_element(result.counts.begin(), result.counts.end());
    int smallest = *std::min_element(result.counts.begin(), result.counts.end());
    corners[COSIM_TIE] += tie;
    corners[COSIM_ZERO_RANGE] += zero;
    corners[COSIM_EXTREME_CODES] += extreme;
    corners[COSIM_ONE_TOKEN] += layer.T == 1;
    corners[COSIM_ONE_CHANNEL] += layer.C == 1;
    corners[COSIM_ONE_GROUP] += layer.G == 1;
    corners[COSIM_MAXIMUM] +=
        layer.T == point.max_tokens && layer.C == point.max_channels && layer.G == point.max_groups;
    corners[COSIM_EMPTY_GROUP] += smallest == 0;
    corners[COSIM_SINGLE_LIST] += layer.G > 1 && largest == layer.C;
    corners[COSIM_PARTIAL_BEAT] += layer.C % point.range_lanes != 0;
    corners[COSIM_PARTIAL_STEP] += layer.C % point.distance_lanes != 0;
    corners[COSIM_FULL_LIST] += largest == layer.capacity;
    corners[COSIM_CAPACITY_ONE] += layer.capacity == 1;
    corners[COSIM_NO_ROOM_LEFT] += layer.G > 1 && layer.capacity * layer.G == layer.C;
    corners[COSIM_EQUAL_CHANNELS] += equal && layer.G > 1 && largest == layer.capacity && layer.C > layer.capacity;
    corners[COSIM_REPAIR] += answer.repairs > 0;
    if (index > 0) {
        const rtl_layer_result &before = results[index - 1];
        corners[COSIM_BOUNDS_CHANGED] +=
            layer.lower != layers[index - 1].lower || layer.upper != layers[index - 1].upper;
        corners[COSIM_BACK_TO_BACK] += result.first_beat_cycle == before.last_beat_cycle + 1;
        corners[COSIM_RANGES_AHEAD] += result.first_beat_cycle <= before.last_entry_cycle;
    }
}
