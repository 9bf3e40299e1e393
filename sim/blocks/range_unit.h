// SPDX-License-Identifier: Apache-2.0
// range_unit.h - minimum and maximum of every channel (or softmax row): in a pass of its own over written-back
// activations, or by listening to the write-back.
#ifndef IGQ_RANGE_UNIT_H
#define IGQ_RANGE_UNIT_H
#include "controller.h"
#include "dram.h"
#include "tile_buffer.h"
#include <deque>
#include <vector>

namespace igq
{
class range_unit : public block, public sc_core::sc_interface
{
  public:
    explicit range_unit(const sc_core::sc_module_name &name) : block(name) {}
    sc_core::sc_port<dram> memory{"memory"};
    sc_core::sc_port<controller> control{"control"};
    sc_core::sc_port<tile_buffer> banks{"banks"};

    void reset(int num_jobs);
    // Activations of `job` are being written back.
    void observe(int job, uint64_t elements);

  private:
    struct observation {
        int job;
        uint64_t elements;
    };
    void work_through_jobs() override;
    void pass(int job);
    void listen();
    void observe_beats(int job, uint64_t cycles);

    std::deque<observation> observed_;
    std::vector<uint64_t> elements_; // observed so far, by job
    sc_core::sc_event observed_event_;
};
} // namespace igq

#endif
