// SPDX-License-Identifier: Apache-2.0
// rtl_point.h - the parameter points at which the RTL of the group assignment unit is built, and which of them a
// machine and a layer fit.
#ifndef IGQ_RTL_POINT_H
#define IGQ_RTL_POINT_H
#include "accelerator.h"
#include "error.h"
#include <cstdint>
#include <vector>

// Parameters of one build of rtl/igq_group_assign.sv (rtl/CMakeLists.txt lists them).
struct rtl_point {
    const char *name;
    int range_lanes, distance_lanes;
    int max_channels, max_tokens, max_groups;
    igq_distance distance;
    int has_capacity; // 0: lists have no limit
};
const std::vector<rtl_point> &rtl_points();

// The largest point with the lanes, distance and, where it asks for one, capacity of a machine; nullptr, and a message
// that names what is built, when there is none.
const rtl_point *rtl_point_for(const igq_accelerator &accelerator, igq_error *error);

// Does a layer fit? The message names the limit that it passes.
igq_status rtl_point_check(const rtl_point &point, int tokens, int channels, int groups, igq_error *error);

#endif
