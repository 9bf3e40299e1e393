// SPDX-License-Identifier: Apache-2.0
// cosim_layers.h - the layers that co-simulation drives: corner cases by name, random ones, and layers with given
// ranges.
#ifndef IGQ_COSIM_LAYERS_H
#define IGQ_COSIM_LAYERS_H
#include "rtl_driver.h"

// Small generator of our own, so that a seed means the same everywhere (SplitMix64).
class cosim_random
{
  public:
    explicit cosim_random(uint64_t seed) : state_(seed) {}
    uint64_t next();
    int between(int low, int high); // inclusive
    bool one_in(int n) { return between(1, n) == 1; }

  private:
    uint64_t state_;
};

// Values that are apt to go wrong: ranges of every width, equal bounds, constant channels, extreme codes.
rtl_layer cosim_random_layer(cosim_random &random, int T, int C, int G);
// The same with random dimensions within the point's limits; channels and tokens mostly few.
rtl_layer cosim_random_layer(cosim_random &random, const rtl_point &point);
// Activations whose ranges are exactly [lo, hi]: the bounds of a range in two tokens, values between them in the
// others. Requires lo == hi where T is 1.
rtl_layer cosim_layer_of_ranges(cosim_random &random, int T, int C, int G, const int16_t *lo, const int16_t *hi,
                                const int16_t *lower, const int16_t *upper);

// Waits of both sides, the same for a seed. kind 0: none; 1: activations; 2: lists; 3: both and the layer handshake.
rtl_stalls cosim_random_stalls(uint64_t seed, int kind);

// One layer or more per corner case that a point can have, in an order that changes bounds and sizes between layers.
std::vector<rtl_layer> cosim_corner_layers(cosim_random &random, const rtl_point &point);

enum cosim_corner {
    COSIM_TIE,           // two groups equally near
    COSIM_ZERO_RANGE,    // a channel that is constant
    COSIM_EXTREME_CODES, // a range from the lowest to the highest code
    COSIM_ONE_TOKEN,
    COSIM_ONE_CHANNEL,
    COSIM_ONE_GROUP,
    COSIM_MAXIMUM,        // most tokens, channels and groups at once
    COSIM_EMPTY_GROUP,    // a group without a channel
    COSIM_SINGLE_LIST,    // several groups, all channels in one
    COSIM_PARTIAL_BEAT,   // lanes beyond the last channel
    COSIM_PARTIAL_STEP,   // distance lanes beyond the last channel
    COSIM_BOUNDS_CHANGED, // other bounds than the layer before
    COSIM_BACK_TO_BACK,   // first beat in the cycle after the last beat of the layer before
    COSIM_RANGES_AHEAD,   // first beat before the lists of the layer before are out
    COSIM_FULL_LIST,      // a list that is full
    COSIM_CAPACITY_ONE,   // lists of one channel
    COSIM_NO_ROOM_LEFT,   // all lists of several are full in the end
    COSIM_EQUAL_CHANNELS, // all channels are identical and go to several lists
    COSIM_REPAIR,         // a lane chose a list that a lower lane filled
    COSIM_RESET,          // reset in the middle of a layer
    COSIM_EVERY_STALL,    // a short layer with a stall at every subset of positions
    COSIM_CORNER_COUNT
};
extern const char *const cosim_corner_names[COSIM_CORNER_COUNT];
using cosim_corners = std::vector<uint64_t>; // layers per corner

// Counts the corner cases that layer `index` of a batch is, from its values and from when its handshakes took place.
void cosim_count_corners(cosim_corners &corners, const rtl_point &point, const std::vector<rtl_layer> &layers,
                         const std::vector<rtl_layer_result> &results, size_t index);

#endif
