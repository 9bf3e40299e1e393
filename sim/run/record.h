// SPDX-License-Identifier: Apache-2.0
// record.h - runs samples through the network in full precision and shows an observer what the products see.
#ifndef IGQ_RECORD_H
#define IGQ_RECORD_H
#include "engine.h"
#include "error.h"
#include "samples.h"
#include "workload_file.h"

#ifdef __cplusplus
extern "C" {
#endif

// Called before each sample.
typedef struct igq_sample_listener {
    void *context;
    igq_status (*begin)(void *context, const char *name, igq_error *error);
} igq_sample_listener;

// *num out: how many samples there were.
igq_status igq_record_samples(int *num, const igq_workload *workload, const char *weights_path,
                              const igq_sample_source *source, const igq_observer *observer,
                              const igq_sample_listener *listener, igq_error *error);

// Fails, naming the image, if one of the logits is not finite: weights that are finite can still overflow.
igq_status igq_check_logits(const float *logits, int num, const char *image_path, igq_error *error);

// File name without folders and ending: the name of an image in reports and traces.
void igq_image_name(char *name, size_t name_bytes, const char *path);

#ifdef __cplusplus
}
#endif
#endif
