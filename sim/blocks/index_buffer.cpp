// SPDX-License-Identifier: Apache-2.0
#include "index_buffer.h"

namespace igq
{
void index_buffer::reset(int num_jobs)
{
    free_sets_ = num_sets;
    published_.assign(static_cast<size_t>(num_jobs), 0);
}

void index_buffer::check_empty() const
{
    require(free_sets_ == num_sets, name(), "lists are still in use after the end of the run");
}

void index_buffer::acquire_set()
{
    while (free_sets_ == 0)
        sc_core::wait(released_);
    free_sets_--;
}

void index_buffer::release_set()
{
    free_sets_++;
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
