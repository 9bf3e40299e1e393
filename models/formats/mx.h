// SPDX-License-Identifier: Apache-2.0
// mx.h - blocks of small numbers with a common power of two: OCP Microscaling (MX) and block floating point.
// Source: OCP Microscaling Formats (MX) v1.0; rules of the authors' reference implementation (microxcaling).
//   amax = largest magnitude of the block (a block of zeros: as if it were 2^-126)
//   floor: e = floor(log2 amax) - emax
//   ceil:  e = the least with amax <= largest * 2^e
//   even:  e = floor(log2 of amax rounded to the element's mantissa) - emax
//   scale = 2^max(e, -127), stored as e + 127 (E8M0); above 127 it is NaN (255), its codes are zero
//   code = nearest element of x / scale (element.h)
// Block floating point is MX with an integer of any width and a block of any length.
#ifndef IGQ_MX_H
#define IGQ_MX_H
#include "element.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_mx_cfg {
    igq_element element;
    int block_length; // channels; the last block of a row may be shorter
    igq_scale_rule scale_rule;
    igq_ties ties;
} igq_mx_cfg;

#define IGQ_MX_SCALE_NAN 255

static inline int igq_num_blocks(int C, int block_length)
{
    return (C + block_length - 1) / block_length;
}

// x [R][C] finite. codes [R][C], scale [R][ceil(C/block_length)].
void igq_mx_quantize(uint8_t *codes, uint8_t *scale, const float *x, int R, int C, const igq_mx_cfg *cfg);
void igq_mx_quantize_ref(uint8_t *codes, uint8_t *scale, const float *x, int R, int C, const igq_mx_cfg *cfg);

// What a scale stands for; exact in float.
float igq_mx_scale_value(uint8_t scale);

#ifdef __cplusplus
}
#endif
#endif
