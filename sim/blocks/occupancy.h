// SPDX-License-Identifier: Apache-2.0
// occupancy.h - how much of a buffer or queue is in use, as a counter of the timeline; and queues that count
// themselves.
#ifndef IGQ_OCCUPANCY_H
#define IGQ_OCCUPANCY_H
#include "block.h"

namespace igq
{
class occupancy
{
  public:
    // name: lives as long as the timeline; nullptr: nothing is recorded.
    void reset(const char *name, int capacity, igq_timeline *timeline);
    void set(int in_use);
    void add(int change) { set(in_use_ + change); }
    int in_use() const { return in_use_; }

  private:
    const char *name_ = nullptr;
    igq_timeline *timeline_ = nullptr;
    uint64_t begin_cycle_ = 0;
    int capacity_ = 0, in_use_ = 0;
};

// Between two blocks, where tiles or stores can pile up.
template <typename Item> class queue : public sc_core::sc_fifo<Item>
{
  public:
    queue(const char *name, int capacity) : sc_core::sc_fifo<Item>(name, capacity), capacity_(capacity) {}
    void reset(igq_timeline *timeline) { occupancy_.reset(this->basename(), capacity_, timeline); }

    using sc_core::sc_fifo<Item>::read;
    void read(Item &item) override
    {
        sc_core::sc_fifo<Item>::read(item);
        occupancy_.add(-1);
    }
    void write(const Item &item) override
    {
        sc_core::sc_fifo<Item>::write(item);
        occupancy_.add(1);
    }

  private:
    int capacity_;
    occupancy occupancy_;
};
} // namespace igq

#endif
