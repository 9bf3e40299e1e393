// SPDX-License-Identifier: Apache-2.0
#include "dram.h"
#include "dram_trace.h"
#include "latency.h"
#include <algorithm>
#include <cmath>

namespace igq
{
void dram::reset(const machine_run &run)
{
    const igq_dram_cfg &cfg = run.accelerator->dram;
    trace_ = run.timeline != nullptr ? run.timeline->dram_trace : nullptr;
    run_begin_cycle_ = now_cycle();
    piece_known_clock_ = 0;
    piece_end_cycle_ = run_begin_cycle_;
    addresses_.reset();
    if (cfg.model == IGQ_DRAM_MODEL_BANKS || trace_ != nullptr || foreign_ != nullptr) {
        addresses_.reset(igq_dram_addresses_new(run.job, run.plan, run.num_jobs));
        require(addresses_ != nullptr, name(), "no memory for the addresses of tensors");
    }
    if (cfg.model == IGQ_DRAM_MODEL_BANKS) {
        igq_dram_clocks clocks;
        igq_dram_clocks_of(&clocks, &cfg.part, cfg.channels, cfg.mapping);
        igq_dram_banks_reset(&banks_, &clocks);
    }
}

uint64_t dram::transfer(dram_port port, igq_traffic traffic, int job, uint64_t bytes)
{
    if (bytes == 0)
        return now_cycle();
    uint64_t bus_bytes = igq_dram_burst_bytes(bytes, &accelerator().dram);
    (port == dram_port::stores ? result(job).dram_write_bytes : result(job).dram_read_bytes) += bus_bytes;
    result(job).traffic_bytes[traffic] += bus_bytes;
    if (accelerator().dram.model == IGQ_DRAM_MODEL_IDEAL && foreign_ == nullptr)
        return now_cycle();
    request &mine = request_[static_cast<int>(port)];
    mine.bytes = bus_bytes;
    mine.cycle = now_cycle();
    mine.job = job;
    mine.traffic = traffic;
    changed_.notify(sc_core::SC_ZERO_TIME);
    sc_core::wait(mine.done);
    return now_cycle() + (foreign_ == nullptr ? static_cast<uint64_t>(accelerator().dram.latency_cycles) : 0);
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

uint64_t dram::address_of(int port, uint64_t begin_cycle, uint64_t bytes)
{
    const request &served = request_[port];
    if (addresses_ == nullptr)
        return 0;
    uint64_t address = igq_dram_next_address(addresses_.get(), served.job, served.traffic, bytes);
    if (trace_ != nullptr) {
        const igq_dram_record record = {begin_cycle - run_begin_cycle_, address, bytes,
                                        igq_traffic_writes(served.traffic)};
        igq_dram_trace_add(trace_, &record);
    }
    return address;
}

// Moves the bytes of a request until they are through, or until the end of the burst in which a more urgent request is
// made. Returns how many.
uint64_t dram::bytes_until_urgent(int port, uint64_t begin_cycle)
{
    const igq_dram_cfg &cfg = accelerator().dram;
    uint64_t bytes = request_[port].bytes;
    uint64_t end_cycle = begin_cycle + igq_dram_transfer_cycles(bytes, &cfg);
    while (now_cycle() < end_cycle && most_urgent() == port)
        sc_core::wait(cycle_time() * static_cast<double>(end_cycle) - sc_core::sc_time_stamp(), changed_);
    if (now_cycle() < end_cycle) {
        double begun_bytes = static_cast<double>(now_cycle() - begin_cycle) * cfg.bandwidth_bytes_per_cycle;
        bytes = std::min(bytes, igq_dram_burst_bytes(static_cast<uint64_t>(std::ceil(begun_bytes)), &cfg));
        end_cycle = begin_cycle + igq_dram_transfer_cycles(bytes, &cfg);
        if (end_cycle > now_cycle())
            wait_cycles(end_cycle - now_cycle());
    }
    address_of(port, begin_cycle, bytes);
    return bytes;
}

// Moves as much of a request as the controller's queue holds. A request made by the time the piece before was through
// was known when that was: engines ask for their next tile when the last is through, a controller is told before.
uint64_t dram::piece_of_banks(int port, uint64_t begin_cycle)
{
    const request &served = request_[port];
    const igq_dram_cfg &cfg = accelerator().dram;
    auto burst_bytes = static_cast<uint64_t>(cfg.burst_bytes);
    uint64_t queue_bytes = IGQ_DRAM_QUEUE_BURSTS * burst_bytes * static_cast<uint64_t>(cfg.channels);
    uint64_t bytes = std::min(served.bytes, queue_bytes);
    uint64_t first = address_of(port, begin_cycle, bytes) / burst_bytes;
    auto asked = static_cast<int64_t>(igq_dram_clock_of_cycle(served.cycle - run_begin_cycle_, &accelerator()));
    int64_t known = served.cycle <= piece_end_cycle_ ? std::min(asked, piece_known_clock_) : asked;
    piece_known_clock_ = std::max(asked, banks_.bus_free);
    int64_t end =
        igq_dram_banks_transfer(&banks_, known, first, bytes / burst_bytes, igq_traffic_writes(served.traffic));
    piece_end_cycle_ = run_begin_cycle_ + igq_dram_cycle_of_clock(static_cast<uint64_t>(end), &accelerator());
    piece_end_cycle_ = std::max(piece_end_cycle_, begin_cycle + 1);
    sc_core::wait(cycle_time() * static_cast<double>(piece_end_cycle_) - sc_core::sc_time_stamp());
    return bytes;
}

// As much as the controller's queue would hold; ends with the cycle in which the memory is through.
uint64_t dram::piece_of_foreign(int port, uint64_t begin_cycle)
{
    const request &served = request_[port];
    const igq_dram_cfg &cfg = accelerator().dram;
    uint64_t queue_bytes =
        IGQ_DRAM_QUEUE_BURSTS * static_cast<uint64_t>(cfg.burst_bytes) * static_cast<uint64_t>(cfg.channels);
    uint64_t bytes = std::min(served.bytes, queue_bytes);
    foreign_->transfer(igq_traffic_writes(served.traffic), address_of(port, begin_cycle, bytes), bytes);
    sc_core::sc_time end = cycle_time() * static_cast<double>(now_cycle() + 1);
    sc_core::wait(end - sc_core::sc_time_stamp());
    return bytes;
}

// Begins in the middle of a cycle; ends with a cycle, or in its middle if the next transfer takes it.
void dram::serve(int port)
{
    request &served = request_[port];
    uint64_t begin_cycle = now_cycle(), lead_cycles = 0;
    takes_up(served.job, -1);
    bool banks = accelerator().dram.model == IGQ_DRAM_MODEL_BANKS && foreign_ == nullptr;
    if (banks && served.cycle > piece_end_cycle_) // the bus was idle and no data is on it before the column latency
        lead_cycles = igq_dram_cycle_of_clock(static_cast<uint64_t>(banks_.clocks.time[IGQ_DRAM_CL]), &accelerator());
    served.bytes -= foreign_ != nullptr ? piece_of_foreign(port, begin_cycle)
                    : banks             ? piece_of_banks(port, begin_cycle)
                                        : bytes_until_urgent(port, begin_cycle);
    result(served.job).dram_busy_cycles += now_cycle() - begin_cycle - std::min(lead_cycles, now_cycle() - begin_cycle);
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
