// SPDX-License-Identifier: Apache-2.0
// tile_buffer.h - slots that are acquired, filled, taken in order and released: weight, activation and output buffer,
// and the range banks of the assignment module.
#ifndef IGQ_TILE_BUFFER_H
#define IGQ_TILE_BUFFER_H
#include "occupancy.h"
#include <deque>

namespace igq
{
class tile_buffer : public sc_core::sc_module, public sc_core::sc_interface
{
  public:
    explicit tile_buffer(const sc_core::sc_module_name &name) : sc_module(name) {}
    void reset(int slots, igq_timeline *timeline = nullptr); // timeline: nullptr: not recorded
    void check_empty() const;                                // at the end of a run

    void acquire();                           // blocks until a slot is free
    void fill(int job, uint64_t ready_cycle); // what was acquired first arrives at ready_cycle
    int take();                               // blocks until the next content is there; returns its job
    void release();

  private:
    struct content {
        int job;
        uint64_t ready_cycle;
    };

    int slots_ = 0;
    occupancy occupancy_;
    std::deque<content> filled_;
    sc_core::sc_event released_, filled_event_;
};
} // namespace igq

#endif
