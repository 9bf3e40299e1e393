// SPDX-License-Identifier: Apache-2.0
#include "index_buffer.h"

namespace igq
{
void index_buffer::reset(int num_sets, int num_jobs, igq_timeline *timeline)
{
    num_sets_ = num_sets;
    sets_in_use_.reset(basename(), num_sets, timeline);
    published_.assign(static_cast<size_t>(num_jobs), 0);
}

void index_buffer::check_empty() const
{
    require(sets_in_use_.in_use() == 0, name(), "lists are still in use after the end of the run");
}

void index_buffer::acquire_set()
{
    while (sets_in_use_.in_use() == num_sets_)
        sc_core::wait(released_);
    sets_in_use_.add(1);
}

void index_buffer::release_set()
{
    sets_in_use_.add(-1);
    released_.notify(sc_core::SC_ZERO_TIME);
}

void index_buffer::publish(int job)
{
    published_[static_cast<size_t>(job)] = 1;
    published_event_.notify(sc_core::SC_ZERO_TIME);
}

void index_buffer::wait_published(int job)
{
    while (!published_[static_cast<size_t>(job)])
        sc_core::wait(published_event_);
}
} // namespace igq
