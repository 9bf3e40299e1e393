// SPDX-License-Identifier: Apache-2.0
#include "tile_buffer.h"

namespace igq
{
void tile_buffer::reset(int slots, igq_timeline *timeline)
{
    slots_ = slots;
    by_words_ = false;
    written_bits_ = 0;
    occupancy_.reset(basename(), slots, timeline);
    filled_.clear();
}

void tile_buffer::reset_words(int capacity_bytes, igq_timeline *timeline)
{
    reset(capacity_bytes, timeline); // a tile has at least a byte
    by_words_ = true;
    room_ = {};
}

void tile_buffer::check_empty() const
{
    require(filled_.empty() && occupancy_.in_use() == 0, name(), "still in use after the end of the run");
}

void tile_buffer::acquire_words(const room &needed)
{
    uint64_t start;
    while ((start = igq_word_room_start(&room_, now_cycle(), needed.bits, needed.write_cycles, needed.capacity_bits)) ==
           IGQ_NEVER)
        sc_core::wait(released_);
    wait_cycles(start - now_cycle());
    igq_word_room_take(&room_, needed.bits);
    occupancy_.add(1);
}

void tile_buffer::acquire(const room &needed)
{
    if (by_words_) {
        acquire_words(needed);
        return;
    }
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

void tile_buffer::release_words(uint64_t begin_cycle, uint64_t end_cycle, uint64_t bits, int parts)
{
    if (!by_words_)
        return;
    const igq_word_release words = {begin_cycle, end_cycle, bits, parts};
    igq_word_room_release(&room_, &words);
    released_.notify(sc_core::SC_ZERO_TIME);
}

void tile_buffer::release()
{
    occupancy_.add(-1);
    released_.notify(sc_core::SC_ZERO_TIME);
}
} // namespace igq
