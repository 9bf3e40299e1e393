// SPDX-License-Identifier: Apache-2.0
#include "dram.h"
#include "latency.h"

namespace igq
{
uint64_t dram::transfer(dram_port port, int job, uint64_t bytes)
{
    if (bytes == 0)
        return now_cycle();
    uint64_t bus_bytes = igq_dram_burst_bytes(bytes, &accelerator().dram);
    (port == dram_port::stores ? result(job).dram_write_bytes : result(job).dram_read_bytes) += bus_bytes;
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

void dram::work_through_jobs()
{
    const sc_core::sc_time half_cycle = cycle_time() / 2.0;
    stopped_ = false;
    for (;;) {
        wait_during([this] { wait_for_request(); });
        if (stopped_)
            return;
        request *chosen = nullptr;
        busy_during([&] {
            sc_core::wait(half_cycle);
            chosen = &request_[most_urgent()];
            takes_up(chosen->job, -1);
            uint64_t cycles = igq_dram_transfer_cycles(chosen->bytes, &accelerator().dram);
            sc_core::wait(cycle_time() * static_cast<double>(cycles) - half_cycle);
        });
        chosen->bytes = 0;
        chosen->done.notify(sc_core::SC_ZERO_TIME);
        // The port may ask again in this cycle; the next decision waits for it.
    }
}
} // namespace igq
