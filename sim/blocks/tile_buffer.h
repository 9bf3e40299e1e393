// SPDX-License-Identifier: Apache-2.0
// tile_buffer.h - slots that are acquired, filled, taken in order and released: weight, activation and output buffer,
// and the range banks of the assignment module. A buffer may give room word by word instead (word_room.h).
#ifndef IGQ_TILE_BUFFER_H
#define IGQ_TILE_BUFFER_H
#include "occupancy.h"
#include "word_room.h"
#include <deque>

namespace igq
{
class tile_buffer : public sc_core::sc_module, public sc_core::sc_interface
{
  public:
    explicit tile_buffer(const sc_core::sc_module_name &name) : sc_module(name) {}
    void reset(int slots, igq_timeline *timeline = nullptr);      // timeline: nullptr: not recorded
    void reset_words(int capacity_bytes, igq_timeline *timeline); // room word by word
    void check_empty() const;                                     // at the end of a run

    // What a tile needs of a buffer that gives room word by word: its size, the least cycles in which it comes, and the
    // bits that tiles may take up.
    struct room {
        uint64_t bits, write_cycles, capacity_bits;
    };
    void acquire(const room &needed = {});    // blocks until a slot is free, or there is room to begin
    void fill(int job, uint64_t ready_cycle); // what was acquired first arrives at ready_cycle
    void add_written(uint64_t bits) { written_bits_ += bits; }
    uint64_t written_bits() const { return written_bits_; } // since the begin of the run
    int take();                                             // blocks until the next content is there; returns its job
    // The content taken first is read the last time from `begin` until `end`, and becomes free in so many equal parts.
    // Slots do not become free before they are released.
    void release_words(uint64_t begin_cycle, uint64_t end_cycle, uint64_t bits, int parts);
    void release();

  private:
    struct content {
        int job;
        uint64_t ready_cycle;
    };

    void acquire_words(const room &needed);

    int slots_ = 0;
    bool by_words_ = false;
    uint64_t written_bits_ = 0;
    igq_word_room room_ = {};
    occupancy occupancy_;
    std::deque<content> filled_;
    sc_core::sc_event released_, filled_event_;
};
} // namespace igq

#endif
