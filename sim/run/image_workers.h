// SPDX-License-Identifier: Apache-2.0
// image_workers.h - executes all images of a run, batch after batch or with the batches dealt over processes, with the
// same result.
#ifndef IGQ_IMAGE_WORKERS_H
#define IGQ_IMAGE_WORKERS_H
#include "execution.h"

#ifdef __cplusplus
extern "C" {
#endif

// Fills context->result; images that cannot be read are left out of it and noted there if the request says so, else
// they end the run. The first failing image in order is the one
// reported.
igq_status igq_execute_images(const igq_run_context *context, igq_execution *execution, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
