// SPDX-License-Identifier: Apache-2.0
// calibration.h - what calibration fixes for a network: grids, bits, calibrated ranges, and the bounds of the groups.
// Plain data; sim/files/calibration_file.c reads and writes it as YAML, calibrate.c computes it.
#ifndef IGQ_CALIBRATION_H
#define IGQ_CALIBRATION_H
#include "network.h"
#include "params.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Groups of channels (linear layers) or of rows (softmax of one head).
typedef struct igq_group_bounds {
    int exponent;       // the wide grid is 2^exponent
    int bits;           // of the activation codes
    int num_members;    // C channels, or T rows
    int16_t *member_lo; // (num_members) least minimum over the calibration instances, on the grid
    int16_t *member_hi; // (num_members) largest maximum
    int num_groups;     // of scheme igq
    int16_t *lower;     // (num_groups) l_g
    int16_t *upper;     // (num_groups) u_g
    int covers;         // 0: groups are quantized by l_g, u_g too (Eq. 6); 1: by bounds around all their members
    int16_t *cover_lower, *cover_upper; // (num_groups) these bounds
} igq_group_bounds;

typedef struct igq_linear_calibration {
    igq_group_bounds act;
    int weight_bits;
    int weight_groups; // quantizers of the weights, over neighbouring output channels; 0: one per output channel
    double weight_epsilon_pct;
} igq_linear_calibration;

// One head. q, k and v have one quantizer each: bounds on the grid 2^qkv_exponent of their attention.
// The windows of an attention share the quantizers of a head.
typedef struct igq_head_calibration {
    int16_t q_lower, q_upper, k_lower, k_upper, v_lower, v_upper;
    igq_group_bounds softmax; // exponent is always IGQ_SOFTMAX_EXPONENT
} igq_head_calibration;
#define IGQ_SOFTMAX_EXPONENT (-15)

typedef struct igq_calibration {
    int num_linear, num_attention, num_heads; // of the network
    int attn_bits;                            // q, k, v codes
    int num_images;                           // calibrated on
    double bounds_alpha;                      // of the bounds that cover: 0 mean, 1 extreme, see calibrate.h
    igq_linear_calibration *linear;           // (num_linear)
    int *qkv_exponent;                        // (num_attention)
    igq_head_calibration *head;               // (num_heads) attention after attention
} igq_calibration;

// Allocates all arrays for a network, each layer with room for max_groups bounds; zeroed. NULL when memory is short.
// One block of memory: free with igq_calibration_free.
igq_calibration *igq_calibration_new(const igq_network *network, int max_groups);
void igq_calibration_free(igq_calibration *calibration);

// The groups of the rows of a context layer's product.
static inline const igq_group_bounds *igq_softmax_bounds(const igq_calibration *calibration, const igq_layer *context,
                                                         int product)
{
    return &calibration->head[context->first_head + product % context->heads].softmax;
}

#ifdef __cplusplus
}
#endif
#endif
