// SPDX-License-Identifier: Apache-2.0
#include "tile_buffer.h"

namespace igq
{
void tile_buffer::reset(int slots, igq_timeline *timeline)
{
    slots_ = slots;
    occupancy_.reset(basename(), slots, timeline);
    filled_.clear();
}

void tile_buffer::check_empty() const
{
    require(filled_.empty() && occupancy_.in_use() == 0, name(), "still in use after the end of the run");
}

void tile_buffer::acquire()
{
    while (occupancy_.in_use() == slots_)
        sc_core::wait(released_);
    occupancy_.add(1);
}

void tile_buffer::fill(int job, uint64_t ready_cycle)
{
    filled_.push_back({job, ready_cycle});
    filled_event_.notify(sc_core::SC_ZERO_TIME);
}

int tile_buffer::take()
{
    while (filled_.empty())
        sc_core::wait(filled_event_);
    content next = filled_.front();
    filled_.pop_front();
    if (next.ready_cycle > now_cycle())
        wait_cycles(next.ready_cycle - now_cycle());
    return next.job;
}

void tile_buffer::release()
{
    occupancy_.add(-1);
    released_.notify(sc_core::SC_ZERO_TIME);
}
} // namespace igq
