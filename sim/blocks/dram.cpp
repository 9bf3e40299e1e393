// SPDX-License-Identifier: Apache-2.0
#include "dram.h"
#include "latency.h"
#include <algorithm>

namespace igq
{
uint64_t dram::transfer(dram_port port, igq_traffic traffic, int job, uint64_t bytes)
{
    if (bytes == 0)
        return now_cycle();
    uint64_t bus_bytes = igq_dram_burst_bytes(bytes, &accelerator().dram);
    (port == dram_port::stores ? result(job).dram_write_bytes : result(job).dram_read_bytes) += bus_bytes;
    result(job).traffic_bytes[traffic] += bus_bytes;
    request &mine = request_[static_cast<int>(port)];
    mine.bytes = bytes;
    mine.job = job;
    changed_.notify(sc_core::SC_ZERO_TIME);
    sc_core::wait(mine.done);
    return now_cycle() + static_cast<uint64_t>(accelerator().dram.latency_cycles);
}

void dram::stop()
{
    stopped_ = true;
    changed_.notify(sc_core::SC_ZERO_TIME);
}

int dram::most_urgent() const
{
    for (int port = 0; port < num_ports; port++)
        if (request_[port].bytes > 0)
            return port;
    return -1;
}

void dram::wait_for_request()
{
    while (most_urgent() < 0 && !stopped_)
        sc_core::wait(changed_);
}

// Moves the bytes of a request until they are through, or until the end of the burst in which a more urgent request is
// made. Begins in the middle of a cycle; ends with a cycle, or in its middle if the next transfer takes it.
void dram::serve(int port)
{
    const igq_dram_cfg &cfg = accelerator().dram;
    request &served = request_[port];
    uint64_t begin_cycle = now_cycle(), bytes = igq_dram_burst_bytes(served.bytes, &cfg);
    uint64_t end_cycle = begin_cycle + igq_dram_transfer_cycles(bytes, &cfg);
    takes_up(served.job, -1);
    while (now_cycle() < end_cycle && most_urgent() == port)
        sc_core::wait(cycle_time() * static_cast<double>(end_cycle) - sc_core::sc_time_stamp(), changed_);
    if (now_cycle() < end_cycle) {
        uint64_t begun_bytes = (now_cycle() - begin_cycle) * static_cast<uint64_t>(cfg.bandwidth_bytes_per_cycle);
        bytes = std::min(bytes, igq_dram_burst_bytes(begun_bytes, &cfg));
        end_cycle = begin_cycle + igq_dram_transfer_cycles(bytes, &cfg);
        wait_cycles(end_cycle - now_cycle());
    }
    served.bytes -= std::min(served.bytes, bytes);
    if (served.bytes == 0)
        served.done.notify(
            sc_core::SC_ZERO_TIME); // the port may ask again in this cycle; the next decision waits for it
}

void dram::work_through_jobs()
{
    stopped_ = false;
    for (;;) {
        wait_during([this] { wait_for_request(); });
        if (stopped_)
            return;
        busy_during([this] {
            sc_core::wait(cycle_time() / 2.0);
            serve(most_urgent());
        });
    }
}
} // namespace igq
