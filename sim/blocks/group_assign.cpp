// SPDX-License-Identifier: Apache-2.0
#include "group_assign.h"
#include "latency.h"
#include "rtl_assign.h"

namespace igq
{
namespace
{
class model_unit : public assign_unit
{
  public:
    igq_assign_phases assign(const igq_job &job, const igq_accelerator &accelerator) override
    {
        const igq_group_assignment_cfg &cfg = accelerator.group_assignment;
        int repairs = igq_job_assign(&job, accelerator.scheme.distance, cfg.distance_lanes);
        return {igq_range_cycles(job.assign_observations, job.assign_members, cfg.range_lanes),
                igq_score_cycles(job.assign_members, cfg.distance_lanes, repairs), igq_emit_cycles(job.assign_members)};
    }
};

class rtl_assign_unit : public assign_unit
{
  public:
    explicit rtl_assign_unit(const igq_accelerator &accelerator) : unit_(igq_rtl_assign_new(&accelerator, &error_))
    {
        require(unit_ != nullptr, "group_assign", error_.message);
    }
    rtl_assign_unit(const rtl_assign_unit &) = delete;
    rtl_assign_unit &operator=(const rtl_assign_unit &) = delete;
    ~rtl_assign_unit() override { igq_rtl_assign_free(unit_); }

    igq_assign_phases assign(const igq_job &job, const igq_accelerator &) override
    {
        igq_rtl_assign_cycles cycles;
        igq_status status =
            igq_rtl_assign_layer(unit_, job.assigned, &cycles, job.assign_observations, job.assign_members,
                                 job.num_groups, job.list_capacity, job.lo, job.hi, job.lower, job.upper, &error_);
        require(status == IGQ_OK, "group_assign", error_.message);
        return {cycles.range, cycles.score, cycles.emit};
    }

  private:
    igq_error error_ = {};
    igq_rtl_assign *unit_;
};

// Somebody's unit, which has answered as the C model does (sim/cosim/user_unit.h).
class measured_unit : public assign_unit
{
  public:
    igq_assign_phases assign(const igq_job &job, const igq_accelerator &accelerator) override
    {
        igq_job_assign(&job, accelerator.scheme.distance, accelerator.group_assignment.distance_lanes);
        return job.unit_cycles;
    }
};
} // namespace

std::unique_ptr<assign_unit> make_assign_unit(igq_assign_model model, const igq_accelerator &accelerator)
{
    if (model == IGQ_ASSIGN_MODEL_RTL)
        return std::make_unique<rtl_assign_unit>(accelerator);
    if (model == IGQ_ASSIGN_MODEL_MEASURED)
        return std::make_unique<measured_unit>();
    return std::make_unique<model_unit>();
}

void group_assign::assign(int j)
{
    igq_assign_phases phases = unit_->assign(job(j), accelerator());
    require(phases.range_cycles >= plan(j).range_cycles, name(), "the range phase takes fewer cycles than its beats");
    // Where a unit does not take a beat in every cycle, the range unit is done before it.
    const uint64_t score_cycles = phases.range_cycles - plan(j).range_cycles + phases.score_cycles;
    takes_up(j, -1);
    work(score_cycles);
    banks->release();
    wait_during([&] { lists->acquire_set(); });
    work(phases.emit_cycles + plan(j).deal_cycles);
    result(j).assign_cycles += score_cycles + phases.emit_cycles + plan(j).deal_cycles;
    if (!igq_job_assigns_rows(&job(j)))
        igq_job_build_lists(&job(j));
}

// The quantizers of the write-back, idle before the product begins, rewrite the activations.
void group_assign::recode(int j)
{
    takes_up(j, -1);
    work(plan(j).recode_cycles);
    result(j).assign_cycles += plan(j).recode_cycles;
}

void group_assign::work_through_jobs()
{
    int jobs_left = 0;
    for (int j = 0; j < num_jobs(); j++)
        jobs_left += job(j).assign != IGQ_ASSIGN_NONE;
    for (; jobs_left > 0; jobs_left--) {
        int next = 0;
        wait_during([&] { next = banks->take(); });
        if (job(next).assign == IGQ_ASSIGN_NEAREST)
            assign(next);
        else
            banks->release();
        recode(next);
        lists->publish(next);
    }
}
} // namespace igq
