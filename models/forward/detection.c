// SPDX-License-Identifier: Apache-2.0
#include "detection.h"
#include "metrics.h"
#include <assert.h>
#include <math.h>
#include <stddef.h>

static double mean_difference(const float *a, const float *b, int num)
{
    double sum = 0;
    for (int i = 0; i < num; i++)
        sum += fabs((double)a[i] - b[i]);
    return sum / num;
}

// Where the values of the object's class start in [objects][classes][values].
static size_t of_class(int object, int truth, int classes, int values)
{
    size_t class_index = classes == 1 ? 0 : (size_t)truth;
    return ((size_t)object * (size_t)classes + class_index) * (size_t)values;
}

void igq_detection_shift_of(igq_detection_shift *shift, const igq_detections *reference,
                            const igq_detections *quantized)
{
    const igq_detections *r = reference, *q = quantized;
    assert(r->num_objects >= 1 && r->num_objects == q->num_objects && r->num_classes == q->num_classes);
    assert(r->box_classes == q->box_classes && r->mask_classes == q->mask_classes && r->mask_values == q->mask_values);
    *shift = (igq_detection_shift){0};
    for (int object = 0; object < r->num_objects; object++) {
        size_t logits = (size_t)object * (size_t)r->num_classes;
        int truth = r->truth[object];
        shift->class_kl += igq_kl_divergence(r->class_logits + logits, q->class_logits + logits, r->num_classes);
        if (truth < 0)
            continue;
        assert(truth < r->num_classes);
        size_t box = of_class(object, truth, r->box_classes, 4);
        shift->box += mean_difference(r->boxes + box, q->boxes + box, 4);
        if (r->mask_classes) {
            size_t mask = of_class(object, truth, r->mask_classes, r->mask_values);
            shift->mask += mean_difference(r->masks + mask, q->masks + mask, r->mask_values);
        }
    }
    shift->class_kl /= r->num_objects;
    shift->box /= r->num_objects;
    shift->mask /= r->num_objects;
    shift->psi = shift->class_kl + shift->box + shift->mask;
}
