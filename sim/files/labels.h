// SPDX-License-Identifier: Apache-2.0
// labels.h - what the images really show: a CSV file of NAME,CLASS lines; docs/formats.md describes it.
#ifndef IGQ_LABELS_H
#define IGQ_LABELS_H
#include "error.h"
#include "image_list.h"

#ifdef __cplusplus
extern "C" {
#endif

// label out (images->num): the class of each image, in [0, num_classes). Every image needs a line, and every line an
// image; faults are named with file and line.
igq_status igq_labels_load(int *label, const char *path, const igq_image_list *images, int num_classes,
                           igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
