// SPDX-License-Identifier: Apache-2.0
// dram.h - one bus, one transfer at a time, fixed priority of ports: what leaves the machine goes before what is to
// enter it, so that nothing waits for a slot that the bus could free. A transfer gives way to a more urgent one between
// bursts, and goes on afterwards. The bus decides in the middle of a cycle, when all requests of the cycle have been
// made, so that the order of events inside a cycle does not matter.
#ifndef IGQ_DRAM_H
#define IGQ_DRAM_H
#include "block.h"

namespace igq
{
enum class dram_port { stores, residual, ranges, activations, weights, count }; // highest priority first

class dram : public block, public sc_core::sc_interface
{
  public:
    explicit dram(const sc_core::sc_module_name &name) : block(name) {}

    // Blocks until the bytes have crossed the bus; one request per port at a time. Returns the cycle at which data that
    // was read arrives. No bytes take no time. traffic: what is counted in the job's result.
    uint64_t transfer(dram_port port, igq_traffic traffic, int job, uint64_t bytes);
    void stop(); // no more requests will come in this run

  private:
    void work_through_jobs() override;
    void wait_for_request();
    int most_urgent() const; // -1: no request
    void serve(int port);

    static constexpr int num_ports = static_cast<int>(dram_port::count);
    struct request {
        uint64_t bytes = 0; // still to be moved, 0: none
        int job = -1;
        sc_core::sc_event done;
    };
    request request_[num_ports];
    sc_core::sc_event changed_;
    bool stopped_ = false;
};
} // namespace igq

#endif
