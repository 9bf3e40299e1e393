// SPDX-License-Identifier: Apache-2.0
// accuracy.h - what quantization did to the predictions of executed images: against full precision, and against labels.
#ifndef IGQ_ACCURACY_H
#define IGQ_ACCURACY_H
#include <jansson.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_TOP_CLASSES 5

// One image.
typedef struct igq_accuracy {
    int label;                                                // the right class, -1 without labels
    int num_top;                                              // IGQ_TOP_CLASSES, or all classes where there are fewer
    int top[IGQ_TOP_CLASSES], top_reference[IGQ_TOP_CLASSES]; // most likely first; reference: full precision
    double kl_divergence, logits_sqnr_db;
} igq_accuracy;

// Of `num` logits, rows of num_classes: classes of the last row, divergence as the mean over rows, SQNR of all.
void igq_accuracy_of(igq_accuracy *accuracy, const float *reference_logits, const float *logits, size_t num,
                     int num_classes, int label);

// Means over images; shares in [0, 1].
typedef struct igq_accuracy_totals {
    int num_images, has_labels;
    double top1_agreement, top5_agreement; // full precision's top-1 is the (one of the five) most likely of quantized
    double kl_divergence, logits_sqnr_db;
    double top1, top5, top1_reference, top5_reference; // against the labels
} igq_accuracy_totals;

// Starts from zeros; add each image, then finish.
void igq_accuracy_totals_add(igq_accuracy_totals *totals, const igq_accuracy *accuracy);
void igq_accuracy_totals_finish(igq_accuracy_totals *totals);

// Members of a report's image, and its "accuracy". New reference.
void igq_accuracy_set_json(json_t *image, const igq_accuracy *accuracy);
json_t *igq_accuracy_totals_json(const igq_accuracy_totals *totals);

#ifdef __cplusplus
}
#endif
#endif
