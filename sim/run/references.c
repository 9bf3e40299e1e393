// SPDX-License-Identifier: Apache-2.0
#include "references.h"
#include "job_events.h"
#include "jobs.h"
#include "reference_machine.h"
#include <stdlib.h>

// Adds one image's cycles and events for each image of the run.
static void add_images(igq_reference *reference, const igq_events *events, const igq_job_result *timing, int num_jobs,
                       int num_images)
{
    for (int i = 0; i < num_images; i++)
        for (int j = 0; j < num_jobs; j++) {
            reference->cycles += timing[j].cycles;
            igq_events_add(&reference->events, &events[j]);
        }
}

static igq_status time_reference(igq_run_result *result, igq_scheme scheme, const igq_calibration *calibration,
                                 const igq_instance *instance, igq_error *error)
{
    igq_reference *reference = &result->reference[result->num_references];
    *reference = (igq_reference){.machine = igq_reference_machine(&result->accelerator, scheme)};
    igq_jobs *jobs = igq_jobs_new(result->network, calibration, instance, &reference->machine);
    igq_job_result *timing = jobs ? calloc((size_t)jobs->num_jobs, sizeof *timing) : NULL;
    igq_events *events = jobs ? calloc((size_t)jobs->num_jobs, sizeof *events) : NULL;
    igq_status status = timing && events ? IGQ_OK : igq_out_of_memory(error);
    char message[1024];
    if (status == IGQ_OK &&
        igq_machine_check(message, sizeof message, &reference->machine, jobs->job, jobs->num_jobs) == 0) {
        igq_machine_run(timing, &reference->machine, jobs->job, jobs->num_jobs, IGQ_ASSIGN_MODEL_C);
        if (!igq_jobs_events(events, jobs, timing, &reference->machine))
            status = igq_out_of_memory(error);
        add_images(reference, events, timing, jobs->num_jobs, result->num_images);
        result->num_references++;
    }
    free(events);
    free(timing);
    igq_jobs_free(jobs);
    return status;
}

igq_status igq_run_time_references(igq_run_result *result, const igq_calibration *calibration, igq_error *error)
{
    static const igq_scheme schemes[IGQ_MAX_REFERENCES] = {IGQ_SCHEME_LAYERWISE, IGQ_SCHEME_VSQUANT};
    igq_scheme own = result->accelerator.scheme.scheme;
    if (own == IGQ_SCHEME_LAYERWISE || own == IGQ_SCHEME_VSQUANT)
        return IGQ_OK;
    igq_instance *nothing_seen = igq_instance_new(result->network); // static groups do not look at it
    igq_status status = nothing_seen ? IGQ_OK : igq_out_of_memory(error);
    for (int i = 0; status == IGQ_OK && i < IGQ_MAX_REFERENCES; i++)
        status = time_reference(result, schemes[i], calibration, nothing_seen, error);
    igq_instance_free(nothing_seen);
    return status;
}
