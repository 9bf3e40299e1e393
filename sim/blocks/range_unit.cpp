// SPDX-License-Identifier: Apache-2.0
#include "range_unit.h"

namespace igq
{
void range_unit::reset(int num_jobs)
{
    observed_.clear();
    elements_.assign(static_cast<size_t>(num_jobs), 0);
}

void range_unit::observe(int job, uint64_t elements)
{
    observed_.push_back({job, elements});
    observed_event_.notify(sc_core::SC_ZERO_TIME);
}

void range_unit::observe_beats(int job, uint64_t cycles)
{
    takes_up(job, -1);
    work(cycles);
    result(job).assign_cycles += cycles;
}

void range_unit::pass(int j)
{
    wait_during([&] {
        control->wait_through(plan(j).waits_for_jobs);
        control->wait_written(job(j).acts_from_job);
        uint64_t ready_cycle =
            memory->transfer(dram_port::ranges, IGQ_TRAFFIC_RANGES_READ, j, plan(j).range_load_bytes);
        wait_cycles(ready_cycle - now_cycle());
        banks->acquire();
    });
    observe_beats(j, plan(j).range_cycles);
    banks->fill(j, now_cycle());
}

// A piece of the write-back costs its share of the range phase, so that all pieces together cost the phase exactly.
void range_unit::listen()
{
    wait_during([&] {
        while (observed_.empty())
            sc_core::wait(observed_event_);
    });
    observation next = observed_.front();
    observed_.pop_front();
    uint64_t before = elements_[static_cast<size_t>(next.job)], after = before + next.elements;
    const igq_job_plan &job_plan = plan(next.job);
    if (before == 0)
        wait_during([&] { banks->acquire(); });
    observe_beats(next.job, job_plan.range_cycles * after / job_plan.observed_elements -
                                job_plan.range_cycles * before / job_plan.observed_elements);
    elements_[static_cast<size_t>(next.job)] = after;
    if (after == job_plan.observed_elements)
        banks->fill(next.job, now_cycle());
}

void range_unit::work_through_jobs()
{
    for (int j = 0; j < num_jobs(); j++) {
        if (job(j).assign != IGQ_ASSIGN_NONE && !plan(j).listens)
            pass(j);
        while (plan(j).listens && elements_[static_cast<size_t>(j)] < plan(j).observed_elements)
            listen();
    }
}
} // namespace igq
