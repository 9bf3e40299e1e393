// SPDX-License-Identifier: Apache-2.0
// perturbation.h - Eq. (9): how far predictions move when a single layer is quantized. psi(g, l) = KL(y_l || y_l^g),
// y_l being the prediction in full precision, y_l^g that with layer l, and nothing else, on the integer datapath with g
// groups. Grouped layers are those whose number of groups is free: of each block qkv, the softmax of each head, proj, fc1,
// fc2. With a softmax Q, K and V of its head are quantized too.
#ifndef IGQ_PERTURBATION_H
#define IGQ_PERTURBATION_H
#include "calibration.h"
#include "scheme.h"
#include "transformer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_grouped {
    int block;
    igq_layer_kind kind; // qkv, context (its softmax), proj, fc1, fc2
    int head;            // of a softmax, else 0
} igq_grouped;

int igq_num_grouped(const igq_vit_shape *shape); // (4 + heads) depth
igq_grouped igq_grouped_at(const igq_vit_shape *shape, int index);

typedef struct igq_perturbation igq_perturbation;

// Measures with the groups of this calibration. All inputs must outlive it. NULL when memory is short.
igq_perturbation *igq_perturbation_new(const igq_vit_weights *weights, const igq_vit_shape *shape,
                                       const igq_calibration *calibration, const igq_scheme_cfg *cfg);
void igq_perturbation_free(igq_perturbation *perturbation); // NULL is fine

// psi out (igq_num_grouped): of one image [channels][image_size][image_size], normalized; 0 where wanted in
// (igq_num_grouped) is 0. wanted NULL: all.
void igq_perturbation_of_image(double *psi, igq_perturbation *perturbation, const float *image,
                               const unsigned char *wanted);

#ifdef __cplusplus
}
#endif
#endif
