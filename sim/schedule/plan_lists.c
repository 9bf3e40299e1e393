// SPDX-License-Identifier: Apache-2.0
// plan_lists.c - ranges and assignment. Twin of sim/blocks/range_unit.cpp and group_assign.cpp.
#include "latency.h"
#include "plan_run.h"

enum { RANGE_JOB, RANGE_PASS = END + 1, RANGE_BANK, RANGE_BEATS, RANGE_LISTEN, RANGE_LISTEN_BANK, RANGE_LISTEN_BEATS };

// Which state the unit is in next, for the job that it has come to.
static int state_of_job(plan_run *of)
{
    for (; of->range_job < of->num_jobs; of->range_job++) {
        const igq_job_plan *plan = &of->plans[of->range_job];
        if (plan->listens && of->elements[of->range_job] < plan->observed_elements)
            return RANGE_LISTEN;
        if (!plan->listens && of->jobs[of->range_job].assign != IGQ_ASSIGN_NONE)
            return RANGE_PASS;
    }
    return END;
}

static void listen_to(plan_run *of, run_block *unit)
{
    const run_observation *next = &of->observing;
    const igq_job_plan *plan = &of->plans[next->job];
    uint64_t before = of->elements[next->job], after = before + next->elements;
    unit->until = of->now + plan->range_cycles * after / plan->observed_elements -
                  plan->range_cycles * before / plan->observed_elements;
    of->elements[next->job] = after;
    unit->state = RANGE_LISTEN_BEATS;
}

void plan_move_ranges(plan_run *of)
{
    run_block *unit = &of->ranges;
    for (;; of->moves++) {
        const igq_job_plan *plan = &of->plans[of->range_job]; // behind the last in state END, which does not look
        switch (unit->state) {
        case RANGE_JOB:
            unit->state = state_of_job(of);
            break;
        case RANGE_PASS:
            if (!plan_may_fetch(of, of->range_job) || !plan_is_written(of, of->jobs[of->range_job].acts_from_job))
                return;
            unit->state = plan_ask(of, unit, IGQ_BUS_RANGES, plan->range_load_bytes, ARRIVED);
            break;
        case MOVE:
            if (!plan_is_through(of, unit, IGQ_BUS_RANGES))
                return;
            unit->state = ARRIVED;
            break;
        case ARRIVED:
            if (!plan_is_reached(of, unit->until))
                return;
            unit->state = RANGE_BANK;
            break;
        case RANGE_BANK:
            if (!plan_acquire(&of->range_banks))
                return;
            unit->until = of->now + plan->range_cycles;
            unit->state = RANGE_BEATS;
            break;
        case RANGE_BEATS:
            if (!plan_is_reached(of, unit->until))
                return;
            of->scoreable[of->scoreable_in++] = of->range_job++;
            unit->state = RANGE_JOB;
            break;
        case RANGE_LISTEN:
            if (of->observed_in == of->observed_out)
                return;
            of->observing = of->observed[of->observed_out++];
            unit->state = RANGE_LISTEN_BANK;
            break;
        case RANGE_LISTEN_BANK:
            if (of->elements[of->observing.job] == 0 && !plan_acquire(&of->range_banks))
                return;
            listen_to(of, unit);
            break;
        case RANGE_LISTEN_BEATS:
            if (!plan_is_reached(of, unit->until))
                return;
            if (of->elements[of->observing.job] == of->plans[of->observing.job].observed_elements)
                of->scoreable[of->scoreable_in++] = of->observing.job;
            unit->state = RANGE_JOB;
            break;
        default:
            return;
        }
    }
}

enum { ASSIGN_RANGES, ASSIGN_SCORE, ASSIGN_SET, ASSIGN_EMIT, ASSIGN_RECODE };

void plan_move_assign(plan_run *of)
{
    run_block *unit = &of->assign;
    for (;; of->moves++) {
        const igq_job *job = &of->jobs[of->assign_job];
        const igq_job_plan *plan = &of->plans[of->assign_job];
        switch (unit->state) {
        case ASSIGN_RANGES:
            if (of->scoreable_in == of->scoreable_out)
                return;
            of->assign_job = of->scoreable[of->scoreable_out++];
            unit->until = of->now + of->plans[of->assign_job].score_cycles;
            unit->state = ASSIGN_SCORE;
            break;
        case ASSIGN_SCORE:
            if (!plan_is_reached(of, unit->until))
                return;
            of->range_banks.in_use--;
            unit->state = job->assign == IGQ_ASSIGN_NEAREST ? ASSIGN_SET : ASSIGN_EMIT;
            break;
        case ASSIGN_SET:
            if (!plan_acquire(&of->list_sets))
                return;
            unit->until = of->now + igq_emit_cycles(job->assign_members) + plan->deal_cycles;
            unit->state = ASSIGN_EMIT;
            break;
        case ASSIGN_EMIT:
            if (!plan_is_reached(of, unit->until))
                return;
            unit->until = of->now + plan->recode_cycles;
            unit->state = ASSIGN_RECODE;
            break;
        default:
            if (!plan_is_reached(of, unit->until))
                return;
            of->listed[of->assign_job] = 1;
            unit->state = ASSIGN_RANGES;
            break;
        }
    }
}
