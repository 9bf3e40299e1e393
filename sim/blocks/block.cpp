// SPDX-License-Identifier: Apache-2.0
#include "block.h"
#include <stdexcept>
#include <string>

namespace igq
{
void require(bool holds, const char *block, const char *what)
{
    if (holds)
        return;
    throw std::logic_error(std::string("internal error: ") + block + ": " + what);
}

block::block(const sc_core::sc_module_name &name) : sc_module(name)
{
    SC_HAS_PROCESS(block);
    SC_THREAD(live);
}

void block::begin(const machine_run &run)
{
    run_ = run;
    started_ = true;
    begin_cycle_ = accounted_until_ = now_cycle();
    busy_cycles_ = waiting_cycles_ = 0;
    start_.notify(sc_core::SC_ZERO_TIME);
}

void block::live()
{
    for (;;) {
        while (!started_)
            sc_core::wait(start_);
        started_ = false;
        work_through_jobs();
    }
}

void block::work(uint64_t cycles)
{
    busy_during([cycles] { wait_cycles(cycles); });
}

void block::record(uint64_t cycles) const
{
    if (run_.timeline == nullptr || cycles == 0)
        return;
    igq_timeline_event event = {
        basename(), accounted_until_ - cycles - begin_cycle_, cycles, job_at_work_, tile_at_work_, 0, 0};
    igq_timeline_add(run_.timeline, &event);
}

void block::check_account(uint64_t end_cycle) const
{
    require(begin_cycle_ + busy_cycles_ + waiting_cycles_ == accounted_until_, name(),
            "busy and waiting cycles do not add up to the cycles that passed");
    require(accounted_until_ <= end_cycle, name(), "works after the end of the run");
}
} // namespace igq
