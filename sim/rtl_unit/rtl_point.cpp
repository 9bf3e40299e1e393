// SPDX-License-Identifier: Apache-2.0
#include "rtl_point.h"
#include <string>

const std::vector<rtl_point> &rtl_points()
{
    static const std::vector<rtl_point> points = {
#define IGQ_RTL_POINT(id, p, d, channels, tokens, groups, distance, has_capacity)                                      \
    {#id, p, d, channels, tokens, groups, static_cast<igq_distance>(distance), has_capacity},
#include "igq_rtl_points.inc"
#undef IGQ_RTL_POINT
    };
    return points;
}

namespace
{
std::string point_text(const rtl_point &point)
{
    return std::string(point.name) + " (range_lanes " + std::to_string(point.range_lanes) + ", distance_lanes " +
           std::to_string(point.distance_lanes) + ", distance " + igq_distance_names[point.distance] +
           (point.has_capacity ? "" : ", no capacities") + ")";
}
} // namespace

const rtl_point *rtl_point_for(const igq_accelerator &accelerator, igq_error *error)
{
    const igq_group_assignment_cfg &cfg = accelerator.group_assignment;
    std::string built;
    const rtl_point *best = nullptr;
    for (const rtl_point &point : rtl_points()) {
        built += (built.empty() ? "" : "; ") + point_text(point);
        bool fits = point.range_lanes == cfg.range_lanes && point.distance_lanes == cfg.distance_lanes &&
                    point.distance == accelerator.scheme.distance && point.max_groups >= accelerator.num_groups &&
                    (point.has_capacity || accelerator.scheme.group_capacity_pct == 0);
        if (fits && (best == nullptr || point.max_channels > best->max_channels))
            best = &point;
    }
    if (best == nullptr)
        igq_fail(error,
                 "%s: no RTL of the group assignment unit is built for group_assignment.range_lanes %d, "
                 "distance_lanes %d, scheme.distance %s and num_groups %d. Built are: %s. rtl/CMakeLists.txt lists the "
                 "builds",
                 accelerator.name, cfg.range_lanes, cfg.distance_lanes, igq_distance_names[accelerator.scheme.distance],
                 accelerator.num_groups, built.c_str());
    return best;
}

igq_status rtl_point_check(const rtl_point &point, int tokens, int channels, int groups, igq_error *error)
{
    const struct {
        const char *what;
        int got, max;
    } limits[] = {{"tokens", tokens, point.max_tokens},
                  {"channels", channels, point.max_channels},
                  {"groups", groups, point.max_groups}};
    for (const auto &limit : limits) {
        if (limit.got < 1 || limit.got > limit.max)
            return igq_fail(error, "the RTL of the group assignment unit (%s) takes 1 to %d %s, this layer has %d",
                            point.name, limit.max, limit.what, limit.got);
    }
    return IGQ_OK;
}
