// SPDX-License-Identifier: Apache-2.0
// detection.h - how far the predictions of a detector moved: Eq. (A) of IGQ-ViT's supplement,
//   psi = KL(y || y^g) + |b - b^g| + |m - m^g|,
// y the class probabilities, b box offsets, m mask, both of the ground-truth class only. Mean over the objects.
#ifndef IGQ_DETECTION_H
#define IGQ_DETECTION_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Predictions for N objects: proposals or queries, each with the ground truth that it was matched to. Mask R-CNN
// predicts a box and a mask for each class, Cascade Mask R-CNN one box, DETR one box and no mask.
typedef struct igq_detections {
    int num_objects, num_classes;
    const float *class_logits; // [objects][classes]
    int box_classes;           // classes, or 1: the same box whatever the class
    const float *boxes;        // [objects][box_classes][4]
    int mask_classes;          // classes, 1, or 0: no masks
    int mask_values;           // height x width
    const float *masks;        // [objects][mask_classes][mask_values]
    const int32_t *truth;      // (objects) class, or -1: background, whose box and mask nobody defines
} igq_detections;

typedef struct igq_detection_shift {
    double class_kl;  // nats
    double box, mask; // mean absolute difference of an object's 4 offsets, of its mask's values
    double psi;       // their sum
} igq_detection_shift;

// Both must have the same dimensions and truth (asserted but for the values of truth, taken from `reference`).
void igq_detection_shift_of(igq_detection_shift *shift, const igq_detections *reference,
                            const igq_detections *quantized);

#ifdef __cplusplus
}
#endif
#endif
