// SPDX-License-Identifier: Apache-2.0
// nvfp4.h - FP4 E2M1 in blocks of 16 with an E4M3 scale each and one FP32 scale a tensor, as NVIDIA's TransformerEngine
// computes them; all in FP32, in this order, each operation rounded to nearest, ties to even:
//   g    = 2688 / amax of the tensor, at most FLT_MAX; 1 for a tensor of zeros
//   d    = E4M3 of min(amax of the block * (g * (1/6)), 448)
//   enc  = min(1 / (d * (1/g)), FLT_MAX)
//   code = FP4 of x * enc clamped to +-6;  the number it stands for is code * d / g
// Variants: squares shares d among 16 x 16 numbers (weights), rows has a g for each row; four_over_six also tries
// d = E4M3 of min(amax * (g * (1/6)) * 1.5, 448), with which the largest becomes 4, and keeps whichever block has the
// smaller sum of squared errors (in double, in channel order); a tie keeps the first.
#ifndef IGQ_NVFP4_H
#define IGQ_NVFP4_H
#include "element.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_NVFP4_BLOCK 16

// g of a tensor, or row, whose largest magnitude is amax >= 0.
float igq_nvfp4_tensor_scale(float amax);

// The largest magnitudes that g is made from: (R), all the same unless the variant is rows. x [R][C] finite.
void igq_nvfp4_largest(float *amax, const float *x, int R, int C, igq_nvfp4_variant variant);

// codes [R][C], scale [R][ceil(C/16)] E4M3 codes; g (R).
void igq_nvfp4_quantize(uint8_t *codes, uint8_t *scale, const float *x, const float *g, int R, int C,
                        igq_nvfp4_variant variant);
void igq_nvfp4_quantize_ref(uint8_t *codes, uint8_t *scale, const float *x, const float *g, int R, int C,
                            igq_nvfp4_variant variant);

#ifdef __cplusplus
}
#endif
#endif
