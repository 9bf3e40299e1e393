// SPDX-License-Identifier: Apache-2.0
#include "controller.h"

namespace igq
{
void controller::reset(int num_jobs)
{
    written_.assign(static_cast<size_t>(num_jobs), 0);
    residual_stored_.assign(static_cast<size_t>(num_jobs), 0);
    jobs_through_ = 0;
    end_cycle_ = 0;
}

void controller::set_written(int job)
{
    written_[static_cast<size_t>(job)] = 1;
    written_event_.notify(sc_core::SC_ZERO_TIME);
}

void controller::wait_written(int job)
{
    while (job >= 0 && !written_[static_cast<size_t>(job)])
        sc_core::wait(written_event_);
}

void controller::wait_through(int jobs)
{
    while (jobs_through_ < jobs)
        sc_core::wait(through_event_);
}

void controller::set_residual_stored(int job)
{
    residual_stored_[static_cast<size_t>(job)] = 1;
    residual_stored_event_.notify(sc_core::SC_ZERO_TIME);
}

void controller::wait_residual_stored(int job)
{
    while (job >= 0 && !residual_stored_[static_cast<size_t>(job)])
        sc_core::wait(residual_stored_event_);
}

void controller::work_through_jobs()
{
    for (int j = 0; j < num_jobs(); j++) {
        wait_during([&] {
            wait_written(j);
            if (igq_stores_residual(&plan(j).product))
                wait_residual_stored(j);
        });
        jobs_through_ = j + 1;
        through_event_.notify(sc_core::SC_ZERO_TIME);
    }
    end_cycle_ = now_cycle();
    memory->stop();
    ended_event_.notify(sc_core::SC_ZERO_TIME);
}
} // namespace igq
