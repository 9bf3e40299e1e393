// SPDX-License-Identifier: Apache-2.0
#include "references.h"
#include "batch_parts.h"
#include "job_events.h"
#include "jobs.h"
#include "reference_machine.h"
#include <stdlib.h>

static const igq_scheme reference_schemes[IGQ_MAX_REFERENCES] = {IGQ_SCHEME_LAYERWISE, IGQ_SCHEME_VSQUANT};

int igq_scheme_is_reference(igq_scheme scheme)
{
    int is_one = 0;
    for (int i = 0; i < IGQ_MAX_REFERENCES; i++)
        is_one |= reference_schemes[i] == scheme;
    return is_one;
}

// Times a batch and adds its cycles and events `num_batches` times. *fits: 0 if the machine cannot run it.
static igq_status add_batches(igq_reference *reference, int *fits, const igq_run_result *result, int num_images,
                              int num_batches, const igq_calibration *calibration, const igq_instance *instance,
                              igq_error *error)
{
    const igq_instance *instances[IGQ_MAX_BATCH_IMAGES];
    for (int i = 0; i < num_images; i++)
        instances[i] = instance;
    char message[1024];
    const igq_batch_source source = {result->network, calibration, instances, &reference->machine, NULL};
    igq_jobs *jobs = igq_batch_jobs_new(&source, num_images, message, sizeof message);
    *fits = jobs != NULL;
    if (!jobs)
        return message[0] ? IGQ_OK : igq_out_of_memory(error);
    igq_job_result *timing = calloc((size_t)jobs->num_jobs, sizeof *timing);
    igq_events *events = calloc((size_t)jobs->num_jobs, sizeof *events);
    igq_status status = timing && events ? IGQ_OK : igq_out_of_memory(error);
    if (status == IGQ_OK)
        status = igq_machine_run_planned(timing, NULL, &reference->machine, jobs->job, jobs->plan, jobs->num_jobs,
                                         IGQ_ASSIGN_MODEL_C, error);
    if (status == IGQ_OK) {
        igq_jobs_events(events, jobs, timing, &reference->machine);
        for (int i = 0; i < num_batches; i++)
            for (int j = 0; j < jobs->num_jobs; j++) {
                reference->cycles += timing[j].cycles;
                igq_events_add(&reference->events, &events[j]);
            }
    }
    free(events);
    free(timing);
    igq_jobs_free(jobs);
    return status;
}

static igq_status time_reference(igq_run_result *result, igq_scheme scheme, const igq_calibration *calibration,
                                 const igq_instance *instance, igq_error *error)
{
    igq_reference *reference = &result->reference[result->num_references];
    *reference = (igq_reference){.machine = igq_reference_machine(&result->accelerator, scheme)};
    int batch_images = reference->machine.tiling.batch_images;
    int num_full = result->num_images / batch_images, rest = result->num_images % batch_images, fits = 1;
    igq_status status = IGQ_OK;
    if (num_full > 0)
        status = add_batches(reference, &fits, result, batch_images, num_full, calibration, instance, error);
    if (status == IGQ_OK && fits && rest > 0)
        status = add_batches(reference, &fits, result, rest, 1, calibration, instance, error);
    result->num_references += fits;
    return status;
}

igq_status igq_run_time_references(igq_run_result *result, const igq_calibration *calibration, igq_error *error)
{
    if (igq_scheme_is_reference(result->accelerator.scheme.scheme))
        return IGQ_OK;
    igq_instance *nothing_seen = igq_instance_new(result->network); // static groups do not look at it
    igq_status status = nothing_seen ? IGQ_OK : igq_out_of_memory(error);
    for (int i = 0; status == IGQ_OK && i < IGQ_MAX_REFERENCES; i++)
        status = time_reference(result, reference_schemes[i], calibration, nothing_seen, error);
    igq_instance_free(nothing_seen);
    return status;
}
