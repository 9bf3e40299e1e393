// SPDX-License-Identifier: Apache-2.0
#include "tile_buffer.h"

namespace igq
{
void tile_buffer::reset(int slots, igq_timeline *timeline)
{
    timeline_ = timeline;
    begin_cycle_ = now_cycle();
    slots_ = free_slots_ = slots;
    filled_.clear();
}

void tile_buffer::check_empty() const
{
    require(filled_.empty() && free_slots_ == slots_, name(), "still in use after the end of the run");
}

void tile_buffer::record() const
{
    if (timeline_ == nullptr)
        return;
    igq_timeline_event event = {basename(), now_cycle() - begin_cycle_, 0, -1, -1, slots_ - free_slots_};
    igq_timeline_add(timeline_, &event);
}

void tile_buffer::acquire()
{
    while (free_slots_ == 0)
        sc_core::wait(released_);
    free_slots_--;
    record();
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
    free_slots_++;
    record();
    released_.notify(sc_core::SC_ZERO_TIME);
}
} // namespace igq
