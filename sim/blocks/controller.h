// SPDX-License-Identifier: Apache-2.0
// controller.h - knows which jobs are written back and when the run is over. It costs no cycles.
#ifndef IGQ_CONTROLLER_H
#define IGQ_CONTROLLER_H
#include "block.h"
#include "dram.h"
#include <vector>

namespace igq
{
class controller : public block, public sc_core::sc_interface
{
  public:
    explicit controller(const sc_core::sc_module_name &name) : block(name) {}
    sc_core::sc_port<dram> memory{"memory"};

    void reset(int num_jobs);
    // All activations of a job's consumers are where they are read from: the barrier between products.
    void set_written(int job);
    void wait_written(int job); // returns at once for job -1, the image
    // The first `jobs` jobs are through, with all that they store.
    void wait_through(int jobs);
    // The residual stream of a job is in DRAM.
    void set_residual_stored(int job);
    void wait_residual_stored(int job);

    sc_core::sc_event &ended() { return ended_event_; }
    uint64_t end_cycle() const { return end_cycle_; } // 0 until everything is done

  private:
    void work_through_jobs() override;

    std::vector<char> written_, residual_stored_;
    int jobs_through_ = 0;
    sc_core::sc_event written_event_, residual_stored_event_, through_event_, ended_event_;
    uint64_t end_cycle_ = 0;
};
} // namespace igq

#endif
