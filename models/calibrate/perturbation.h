// SPDX-License-Identifier: Apache-2.0
// perturbation.h - Eq. (9): how far predictions move when a single layer is quantized. psi(g, l) = KL(y_l || y_l^g),
// y_l being the prediction in full precision, y_l^g that with layer l, and nothing else, on the integer datapath with g
// groups. Grouped layers are those whose number of groups is free, in the order of the network: layers with weights
// that are grouped (network.h), and the softmax of each head of each attention, with which Q, K and V of its head are
// quantized too.
#ifndef IGQ_PERTURBATION_H
#define IGQ_PERTURBATION_H
#include "calibration.h"
#include "engine.h"
#include "scheme.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_grouped {
    int layer; // of the network: with weights, or context (its softmax)
    int head;  // of a softmax, else 0
} igq_grouped;

int igq_num_grouped(const igq_network *network);
igq_grouped igq_grouped_at(const igq_network *network, int index);
// Its quantizers.
igq_group_bounds *igq_grouped_bounds(igq_calibration *calibration, const igq_network *network, int index);

typedef struct igq_perturbation igq_perturbation;

// Measures with the groups of this calibration, on the first output of the graph, logits. All inputs must outlive it.
// NULL when memory is short.
igq_perturbation *igq_perturbation_new(const igq_products *products, const igq_calibration *calibration,
                                       const igq_scheme_cfg *cfg);
void igq_perturbation_free(igq_perturbation *perturbation); // NULL is fine

// psi out (igq_num_grouped): of one set of inputs of the graph; 0 where wanted in (igq_num_grouped) is 0. wanted NULL:
// all.
void igq_perturbation_of(double *psi, igq_perturbation *perturbation, const void *const *inputs,
                         const unsigned char *wanted);

#ifdef __cplusplus
}
#endif
#endif
