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

// What became of an image.
typedef struct igq_outcome {
    igq_status status;
    int unreadable; // 1: the fault lies in this image's file alone
    igq_error error;
} igq_outcome;

// Executes images first .. first + num - 1, one after another, and times those that could be read together: fills
// context->result->image. At most as many as the machine takes in a batch. outcome out (num).
void igq_execution_batch(igq_execution *execution, int first, int num, igq_outcome *outcome);

// Writes what --record asked for, if anything.
igq_status igq_execution_save_record(igq_execution *execution, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
