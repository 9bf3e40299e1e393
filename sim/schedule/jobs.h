// SPDX-License-Identifier: Apache-2.0
// jobs.h - the matrix products of a batch of images as jobs of the machine: a network, its calibration, what was seen
// of the images (ranges), and an accelerator (scheme, buffers) give the list that igq_machine_run works through. Order:
// layers in order; where images share weight tiles (residency.h), layer by layer, else image by image.
// An attention goes head by head (of the first window, then the next) as scores(0), scores(1), context(0), scores(2),
// context(1), ..., context(heads-1), so that the softmax of one head runs while the arrays work on another.
#ifndef IGQ_JOBS_H
#define IGQ_JOBS_H
#include "accelerator.h"
#include "calibration.h"
#include "instance.h"
#include "job.h"
#include "network.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_jobs {
    int num_jobs;
    igq_job *job;             // (num_jobs)
    igq_job_plan *plan;       // (num_jobs) made once, by igq_jobs_plan (machine_check.h); NULL before
    igq_stored_layer *stored; // (num_layers + 1) how activations lie
    void *lists_memory;       // channel lists and answers of all jobs
    struct igq_jobs **part; // (num_parts) what holds these instead, if the batch is worked on in parts (batch_parts.h)
    int num_parts;
} igq_jobs;

// The jobs of images that are worked on in one part, and all their memory: channel lists, room for the module's
// answers. Jobs point into network, calibration and instances (one for each image), which must outlive them. The scheme
// of the accelerator decides the lists: static ones are built here; those of igq are left to the assignment module.
// Scores, context and layers whose channels are not grouped have one static list; the rows of context are assigned
// where the scheme needs ranges. Requires a calibration of this network. NULL when memory is short.
igq_jobs *igq_jobs_new(const igq_network *network, const igq_calibration *calibration,
                       const igq_instance *const *instances, int num_images, const igq_accelerator *accelerator);
void igq_jobs_free(igq_jobs *jobs); // NULL is allowed

// Images of a part of a batch for which the DRAM traffic is least (residency.h); 0 when memory is short.
int igq_jobs_part(const igq_network *network, const igq_calibration *calibration, int num_images,
                  const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
