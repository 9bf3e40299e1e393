// SPDX-License-Identifier: Apache-2.0
#include "occupancy.h"

namespace igq
{
void occupancy::reset(const char *name, int capacity, igq_timeline *timeline)
{
    name_ = name;
    timeline_ = timeline;
    begin_cycle_ = now_cycle();
    capacity_ = capacity;
    in_use_ = 0;
}

void occupancy::set(int in_use)
{
    require(in_use >= 0 && in_use <= capacity_, name_, "holds more than it can, or less than nothing");
    if (timeline_ != nullptr && in_use != in_use_) {
        igq_timeline_event event = {.track = name_,
                                    .begin_cycle = now_cycle() - begin_cycle_,
                                    .cycles = 0,
                                    .job = -1,
                                    .tile = -1,
                                    .in_use = in_use,
                                    .capacity = capacity_};
        igq_timeline_add(timeline_, &event);
    }
    in_use_ = in_use;
}
} // namespace igq
