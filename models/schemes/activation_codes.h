// SPDX-License-Identifier: Apache-2.0
// activation_codes.h - the quantization half of a product: one activation tensor from real values to the wide grid, its
// ranges, its groups by the scheme, and its codes. The datapath multiplies the codes; a trace only measures their
// noise.
#ifndef IGQ_ACTIVATION_CODES_H
#define IGQ_ACTIVATION_CODES_H
#include "calibration.h"
#include "grouping.h"
#include "instance.h"
#include "quant.h"
#include "scheme.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// What is dealt to groups: columns of [T][C] (inputs of linear layers) or rows (softmax).
typedef enum igq_members { IGQ_MEMBERS_CHANNELS, IGQ_MEMBERS_ROWS } igq_members;

typedef struct igq_activation_codes {
    int16_t *fixed;        // [T][C] wide activations
    const igq_range *seen; // of earlier tokens, which joins that of the tensor; NULL (after init): none
    // Formats affine and tender:
    igq_grouping grouping;
    igq_quantizer *quantizer; // (G)
    igq_group_scales scales;
    uint8_t *codes;         // [T][C]
    int16_t *tender_middle; // (C)
    // Format vector:
    int8_t *vector_codes;   // [T][C]
    uint16_t *vector_scale; // [T][ceil(C/V)]
    double vector_gamma_grid;
    // Format block, with codes:
    int block_bits;       // of the calibration
    uint8_t *block_scale; // [T][blocks]
    float *block_factor;  // (T)
    float *block_values;  // [T][C]
    // Work space:
    int16_t *lower, *upper; // (G)
    uint16_t *order;        // (members)
    void *grouping_memory, *quantize_scratch;
    double *tender_scratch; // (C)
} igq_activation_codes;

// Room for tensors of up to T x C. memory aligned to 64 bytes.
size_t igq_activation_codes_size(int T, int C);
void igq_activation_codes_init(igq_activation_codes *codes, void *memory, int T, int C);

// Quantizes x [T][C]. range out; power and saturated values are added to noise, which becomes known.
void igq_activation_codes_fill(igq_activation_codes *codes, igq_range *range, igq_layer_noise *noise, const float *x,
                               int T, int C, igq_members members, const igq_group_bounds *bounds,
                               const igq_scheme_cfg *cfg);

#ifdef __cplusplus
}
#endif
#endif
