// SPDX-License-Identifier: Apache-2.0
// index_buffer.h - sets of channel lists: those of the images that the arrays work on, and one that is filled.
#ifndef IGQ_INDEX_BUFFER_H
#define IGQ_INDEX_BUFFER_H
#include "occupancy.h"
#include <vector>

namespace igq
{
class index_buffer : public sc_core::sc_module, public sc_core::sc_interface
{
  public:
    explicit index_buffer(const sc_core::sc_module_name &name) : sc_module(name) {}
    void reset(int num_sets, int num_jobs, igq_timeline *timeline);
    void check_empty() const; // at the end of a run

    void acquire_set(); // blocks while all sets are in use
    void release_set();
    void publish(int job); // the assignment of a job is finished
    void wait_published(int job);

  private:
    int num_sets_ = 0;
    occupancy sets_in_use_;
    std::vector<char> published_;
    sc_core::sc_event released_, published_event_;
};
} // namespace igq

#endif
