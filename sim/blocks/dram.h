// SPDX-License-Identifier: Apache-2.0
// dram.h - one bus, one transfer at a time, fixed priority of ports: what leaves the machine goes before what is to
// enter it, so that nothing waits for a slot that the bus could free. A transfer gives way to a more urgent one between
// bursts, and goes on afterwards. The bus decides in the middle of a cycle, when all requests of the cycle have been
// made, so that the order of events inside a cycle does not matter. How long data takes is asked of latency.h (model
// bandwidth) or, piece by piece of what the controller's queue holds, of dram_banks.h (model banks); an ideal memory
// has no bus.
#ifndef IGQ_DRAM_H
#define IGQ_DRAM_H
#include "block.h"
#include "dram_addresses.h"
#include "dram_banks.h"
#include <memory>

namespace igq
{
enum class dram_port { stores, residual, ranges, activations, weights, count }; // highest priority first

// Somebody else's memory: called by the DRAM's process, which it may keep waiting.
class foreign_memory
{
  public:
    virtual ~foreign_memory() = default;
    virtual void transfer(bool writes, uint64_t address, uint64_t bytes) = 0;
};

class dram : public block, public sc_core::sc_interface
{
  public:
    explicit dram(const sc_core::sc_module_name &name) : block(name) {}
    void reset(const machine_run &run); // before begin

    // Blocks until the bytes have crossed the bus; one request per port at a time. Returns the cycle at which data that
    // was read arrives. No bytes take no time. traffic: what is counted in the job's result.
    uint64_t transfer(dram_port port, igq_traffic traffic, int job, uint64_t bytes);
    // Takes the place of our bus and its timing; nullptr: ours.
    void use(foreign_memory *memory) { foreign_ = memory; }
    void stop(); // no more requests will come in this run

  private:
    void work_through_jobs() override;
    void wait_for_request();
    int most_urgent() const; // -1: no request
    void serve(int port);
    uint64_t bytes_until_urgent(int port, uint64_t begin_cycle);
    uint64_t piece_of_foreign(int port, uint64_t begin_cycle);
    uint64_t piece_of_banks(int port, uint64_t begin_cycle);
    uint64_t address_of(int port, uint64_t begin_cycle, uint64_t bytes);

    static constexpr int num_ports = static_cast<int>(dram_port::count);
    struct request {
        uint64_t bytes = 0; // still to be moved, 0: none
        uint64_t cycle = 0; // in which it was made
        int job = -1;
        igq_traffic traffic = IGQ_TRAFFIC_WEIGHTS_READ;
        sc_core::sc_event done;
    };
    struct free_addresses {
        void operator()(igq_dram_addresses *addresses) const { igq_dram_addresses_free(addresses); }
    };
    request request_[num_ports];
    sc_core::sc_event changed_;
    bool stopped_ = false;
    uint64_t run_begin_cycle_ = 0;
    igq_dram_trace *trace_ = nullptr;                               // nullptr: not recorded
    std::unique_ptr<igq_dram_addresses, free_addresses> addresses_; // empty if nobody asks for them
    igq_dram_banks banks_ = {};
    foreign_memory *foreign_ = nullptr;
    int64_t piece_known_clock_ = 0; // of the piece served last
    uint64_t piece_end_cycle_ = 0;
};
} // namespace igq

#endif
