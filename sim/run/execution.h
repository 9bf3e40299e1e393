// SPDX-License-Identifier: Apache-2.0
// execution.h - executes images bit by bit: one forward pass in full precision, one on the integer datapath, then
// timing.
#ifndef IGQ_EXECUTION_H
#define IGQ_EXECUTION_H
#include "error.h"
#include "image_list.h"
#include "run.h"

#ifdef __cplusplus
extern "C" {
#endif

// What all images of a run share.
typedef struct igq_run_context {
    const igq_run_request *request;
    igq_accelerator accelerator;
    igq_workload workload;
    const igq_calibration *calibration;
    igq_calibration *own_calibration; // NULL if it is the caller's
    igq_image_list images;
    int *label; // (images.num), NULL without labels
    igq_run_result *result;
} igq_run_context;

// Memory and engines, made once for all images. The context must outlive it.
typedef struct igq_execution igq_execution;
igq_status igq_execution_new(igq_execution **execution, const igq_run_context *context, igq_error *error);
void igq_execution_free(igq_execution *execution); // NULL is fine

// Fills context->result->image[i]. *unreadable is 1 if the fault lies in this image's file alone.
igq_status igq_execution_image(igq_execution *execution, int i, int *unreadable, igq_error *error);

// Writes what --record asked for, if anything.
igq_status igq_execution_save_record(igq_execution *execution, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
