// SPDX-License-Identifier: Apache-2.0
// slurm.h - the points of a sweep as a Slurm array job: DIR/slurm/job.sh, one task per share of the points.
#ifndef IGQ_SLURM_H
#define IGQ_SLURM_H
#include "sweep.h"

// Submits the job and waits until it has left the queue, unless the request says not to. num_points: that are missing,
// so that there are no more tasks than these.
igq_status igq_slurm_run(const igq_slurm_request *request, const char *dir, int num_points, igq_error *error);

#endif
