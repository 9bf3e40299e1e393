// SPDX-License-Identifier: Apache-2.0
#include "accuracy.h"
#include "metrics.h"
#include <math.h>

void igq_accuracy_of(igq_accuracy *accuracy, const float *reference_logits, const float *logits, size_t num,
                     int num_classes, int label)
{
    size_t last = num - (size_t)num_classes;
    int num_top = num_classes < IGQ_TOP_CLASSES ? num_classes : IGQ_TOP_CLASSES;
    *accuracy = (igq_accuracy){.label = label, .num_top = num_top};
    igq_top_k(accuracy->top, logits + last, num_classes, num_top);
    igq_top_k(accuracy->top_reference, reference_logits + last, num_classes, num_top);
    accuracy->kl_divergence = igq_mean_kl_divergence(reference_logits, logits, num, num_classes);
    accuracy->logits_sqnr_db = igq_sqnr_db(reference_logits, logits, (int)num);
}

static int is_among(int class_index, const int *top, int num_top)
{
    for (int i = 0; i < num_top; i++)
        if (top[i] == class_index)
            return 1;
    return 0;
}

void igq_accuracy_totals_add(igq_accuracy_totals *totals, const igq_accuracy *one)
{
    totals->num_images++;
    totals->has_labels = one->label >= 0;
    totals->top1_agreement += one->top[0] == one->top_reference[0];
    totals->top5_agreement += is_among(one->top_reference[0], one->top, one->num_top);
    totals->kl_divergence += one->kl_divergence;
    totals->logits_sqnr_db += one->logits_sqnr_db;
    totals->top1 += one->top[0] == one->label;
    totals->top5 += is_among(one->label, one->top, one->num_top);
    totals->top1_reference += one->top_reference[0] == one->label;
    totals->top5_reference += is_among(one->label, one->top_reference, one->num_top);
}

void igq_accuracy_totals_finish(igq_accuracy_totals *totals)
{
    double *const sums[] = {&totals->top1_agreement, &totals->top5_agreement, &totals->kl_divergence,
                            &totals->logits_sqnr_db, &totals->top1,           &totals->top5,
                            &totals->top1_reference, &totals->top5_reference};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        *sums[i] /= totals->num_images;
}

// JSON has no infinity.
static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *classes_json(const int *top, int num_top)
{
    json_t *classes = json_array();
    for (int i = 0; i < num_top; i++)
        json_array_append_new(classes, json_integer(top[i]));
    return classes;
}

void igq_accuracy_set_json(json_t *image, const igq_accuracy *accuracy)
{
    json_object_set_new(image, "label", accuracy->label >= 0 ? json_integer(accuracy->label) : json_null());
    json_object_set_new(image, "top1", json_integer(accuracy->top[0]));
    json_object_set_new(image, "top1_full_precision", json_integer(accuracy->top_reference[0]));
    json_object_set_new(image, "top5", classes_json(accuracy->top, accuracy->num_top));
    json_object_set_new(image, "top5_full_precision", classes_json(accuracy->top_reference, accuracy->num_top));
    json_object_set_new(image, "kl_divergence", real_or_null(accuracy->kl_divergence));
    json_object_set_new(image, "logits_sqnr_db", real_or_null(accuracy->logits_sqnr_db));
}

json_t *igq_accuracy_totals_json(const igq_accuracy_totals *totals)
{
    json_t *object = json_object();
    json_object_set_new(object, "images", json_integer(totals->num_images));
    json_object_set_new(object, "top1_agreement", json_real(totals->top1_agreement));
    json_object_set_new(object, "top5_agreement", json_real(totals->top5_agreement));
    json_object_set_new(object, "kl_divergence", real_or_null(totals->kl_divergence));
    json_object_set_new(object, "logits_sqnr_db", real_or_null(totals->logits_sqnr_db));
    double labelled = totals->has_labels ? 1 : NAN; // no labels: null
    json_object_set_new(object, "top1", real_or_null(labelled * totals->top1));
    json_object_set_new(object, "top5", real_or_null(labelled * totals->top5));
    json_object_set_new(object, "top1_full_precision", real_or_null(labelled * totals->top1_reference));
    json_object_set_new(object, "top5_full_precision", real_or_null(labelled * totals->top5_reference));
    return object;
}
