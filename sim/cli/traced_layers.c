// SPDX-License-Identifier: Apache-2.0
#include "traced_layers.h"
#include "calibrate.h"
#include "calibration_file.h"
#include "trace_file.h"
#include <stdlib.h>

void igq_traced_layers_close(igq_traced_layers *traced)
{
    for (int i = 0; i < traced->num_images; i++) {
        igq_jobs_free(traced->jobs ? traced->jobs[i] : NULL);
        igq_instance_free(traced->instance ? traced->instance[i] : NULL);
    }
    free(traced->jobs);
    free(traced->instance);
    free(traced->cosim);
    igq_network_free(traced->network);
    igq_calibration_free(traced->calibration);
}

// Without a calibration file the bounds are calibrated on the trace itself.
static igq_status calibrate_on(igq_traced_layers *traced, igq_trace *trace, const igq_accelerator *accelerator,
                               igq_error *error)
{
    int num_images = igq_trace_num_images(trace);
    igq_real_instance **image = calloc((size_t)num_images, sizeof *image);
    igq_status status = image ? IGQ_OK : igq_out_of_memory(error);
    for (int i = 0; status == IGQ_OK && i < num_images; i++) {
        image[i] = igq_real_instance_new(traced->network);
        status = image[i] ? igq_trace_real_instance(image[i], trace, i, error) : igq_out_of_memory(error);
    }
    if (status == IGQ_OK) {
        const igq_calibrate_cfg cfg = {.num_groups = accelerator->num_groups,
                                       .act_bits = 4,
                                       .weight_bits = 4,
                                       .attn_bits = 4,
                                       .edge_bits = 8,
                                       .distance = accelerator->scheme.distance,
                                       .group_capacity_pct = accelerator->scheme.group_capacity_pct,
                                       .capacity_multiple = igq_scheme_capacity_multiple(&accelerator->scheme),
                                       .max_iterations = 300};
        traced->calibration = igq_calibrate(traced->network, image, num_images, &cfg);
        status = traced->calibration ? IGQ_OK : igq_out_of_memory(error);
    }
    for (int i = 0; image && i < num_images; i++)
        igq_real_instance_free(image[i]);
    free(image);
    return status;
}

static void add_layers(igq_traced_layers *traced, const igq_jobs *jobs)
{
    for (int j = 0; j < jobs->num_jobs; j++) {
        const igq_job *job = &jobs->job[j];
        if (job->assign != IGQ_ASSIGN_NEAREST)
            continue;
        traced->cosim[traced->num_layers++] = (igq_cosim_layer){.name = job->layer->name,
                                                                .observations = job->assign_observations,
                                                                .members = job->assign_members,
                                                                .num_groups = job->num_groups,
                                                                .lo = job->lo,
                                                                .hi = job->hi,
                                                                .lower = job->lower,
                                                                .upper = job->upper};
    }
}

static igq_status read_images(igq_traced_layers *traced, igq_trace *trace, const igq_accelerator *accelerator,
                              igq_error *error)
{
    int most_jobs = traced->network->num_layers + 2 * traced->network->num_softmax;
    traced->num_images = igq_trace_num_images(trace);
    traced->instance = calloc((size_t)traced->num_images, sizeof *traced->instance);
    traced->jobs = calloc((size_t)traced->num_images, sizeof *traced->jobs);
    traced->cosim = calloc((size_t)traced->num_images * (size_t)most_jobs, sizeof *traced->cosim);
    if (!traced->instance || !traced->jobs || !traced->cosim)
        return igq_out_of_memory(error);
    for (int i = 0; i < traced->num_images; i++) {
        traced->instance[i] = igq_instance_new(traced->network);
        if (!traced->instance[i])
            return igq_out_of_memory(error);
        igq_status status =
            igq_trace_instance(traced->instance[i], trace, i, traced->calibration, &accelerator->scheme, error);
        if (status != IGQ_OK)
            return status;
        traced->jobs[i] = igq_jobs_new(traced->network, traced->calibration,
                                       (const igq_instance *const *)&traced->instance[i], 1, accelerator);
        if (!traced->jobs[i])
            return igq_out_of_memory(error);
        add_layers(traced, traced->jobs[i]);
    }
    return IGQ_OK;
}

igq_status igq_traced_layers_open(igq_traced_layers *traced, const char *trace_path, const char *calibration_path,
                                  const char *accelerator_path, const igq_accelerator *accelerator, igq_error *error)
{
    igq_trace *trace = NULL;
    if (!igq_scheme_assigns(accelerator->scheme.scheme))
        return igq_fail(error, "%s: scheme: %s has no nearest group to find in a trace; allowed with --trace: igq",
                        accelerator_path, igq_scheme_names[accelerator->scheme.scheme]);
    igq_status status = igq_trace_workload(&traced->workload, trace_path, error);
    if (status == IGQ_OK && (traced->network = igq_workload_network(&traced->workload)) == NULL)
        status = igq_out_of_memory(error);
    if (status == IGQ_OK)
        status = igq_trace_open(&trace, trace_path, &traced->workload, error);
    if (status == IGQ_OK)
        status = calibration_path
                     ? igq_calibration_load(&traced->calibration, calibration_path, &traced->workload, error)
                     : calibrate_on(traced, trace, accelerator, error);
    if (status == IGQ_OK)
        status = read_images(traced, trace, accelerator, error);
    igq_trace_close(trace);
    return status;
}
