// SPDX-License-Identifier: Apache-2.0
#include "job_events.h"

void igq_job_events(igq_events *events, const igq_job *job, const igq_job_plan *plan, const igq_job_result *result,
                    const igq_accelerator *accelerator)
{
    int assigns = job->assign != IGQ_ASSIGN_NONE;
    igq_scheme_cfg scheme = igq_scheme_of_layer(&accelerator->scheme, job->layer->kind);
    igq_work work = {
        .product = plan->product,
        .tiling = plan->tiling,
        .image = plan->image,
        .act_bits = job->act_bits,
        .scheme = scheme.scheme,
        .weight_scheme = scheme.weight_scheme,
        .grouping = job->grouping,
        .assign_members = assigns ? job->assign_members : 0,
        .assign_observations = assigns ? job->assign_observations : 0,
        .assign_groups = job->assign == IGQ_ASSIGN_NEAREST ? job->num_groups : 0,
        .ranges_from_buffer = assigns && !plan->listens && plan->range_load_bytes == 0,
        .cycles = result->cycles,
        .dram_read_bytes = result->dram_read_bytes,
        .dram_write_bytes = result->dram_write_bytes,
    };
    work.turns_operand = job->layer->kind == IGQ_LAYER_CONTEXT;
    work.selects = igq_scheme_permutes(work.scheme) && !igq_job_assigns_rows(job);
    igq_events_count(events, &work, accelerator);
}

void igq_jobs_events(igq_events *events, const igq_jobs *jobs, const igq_job_result *results,
                     const igq_accelerator *accelerator)
{
    for (int j = 0; j < jobs->num_jobs; j++)
        igq_job_events(&events[j], &jobs->job[j], &jobs->plan[j], &results[j], accelerator);
}
