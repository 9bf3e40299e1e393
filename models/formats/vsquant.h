// SPDX-License-Identifier: Apache-2.0
// vsquant.h - VS-Quant's per-vector two-level quantization (Dai et al., MLSys 2021) of activations and weights.
//   s(k,i) = max_j |x(k,j,i)| / (2^(N-1)-1) for vector i (V channels) of row k;  gamma = max s / (2^M - 1)
//   s_q = round(max_j |x| / ((2^(N-1)-1) gamma)) clipped to [0, 2^M-1] (zero gates the vector)
//   x_q = clip(round(x/s), +-(2^(N-1)-1))
//   y(t,o) = gamma_a gamma_w(o) sum_i (sum_j w_q a_q) * round_P(s_qw(o,i) s_qa(t,i)),
// round_P keeps the top scale_product_bits of the product of scales, half up, at most 2^P - 1 (0: the full product).
// The bits that round_P drops are a shift, made up for in the scale of the result. In floats:
//   y = fl(fl(fl(float(sum) * fl(gamma_a 2^dropped)) * gamma_w(o)) + bias[o])
// Activations: gamma_a is one per layer, calibrated; weights: gamma_w per output channel.
#ifndef IGQ_VSQUANT_H
#define IGQ_VSQUANT_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_vsquant_cfg {
    int V;          // channels of a vector, [1, 1024]; the last vector of a row may be shorter
    int bits;       // N of these codes, [2, 8]
    int scale_bits; // M, [1, 10]
} igq_vsquant_cfg;

// Codes of R rows of C values: codes [R][C] signed, scale [R][ceil(C/V)] in [0, 2^M-1].
// act: x int16 on the grid, gamma_grid > 0 in grid units per scale unit (from calibration: igq_vsquant_gamma).
void igq_vsquant_activations(int8_t *codes, uint16_t *scale, const int16_t *x, int R, int C, double gamma_grid,
                             const igq_vsquant_cfg *cfg);
// Gamma of a layer whose largest magnitude is max_abs (grid units): max_abs / (2^(N-1)-1) / (2^M-1), at least 2^-20
// (less than any magnitude of one grid unit gives).
double igq_vsquant_gamma(double max_abs, const igq_vsquant_cfg *cfg);
// weights [O][C] real; gamma out (O), 1 for a row of zeros.
void igq_vsquant_weights(int8_t *codes, uint16_t *scale, float *gamma, const float *weights, int O, int C,
                         const igq_vsquant_cfg *cfg);

typedef struct igq_vsquant_operands {
    const int8_t *act_codes;      // [T][C]
    const uint16_t *act_scale;    // [T][ceil(C/V)]
    const int8_t *weight_codes;   // [O][C]
    const uint16_t *weight_scale; // [O][ceil(C/V)]
    const float *weight_gamma;    // (O)
    // Or weights with a quantizer per output channel instead of vectors: the weight is code - zero point, its scale 1,
    // weight_gamma the quantizer's step. NULL: vectors.
    const uint8_t *affine_codes;      // [O][C]
    const uint8_t *affine_zero_point; // (O)
    const float *bias;                // (O) or NULL
    float act_gamma;                  // real: gamma_grid * 2^exponent
    int T, C, O, V;
    int product_bits_full;  // M_w + M_a; M_a with affine weights
    int scale_product_bits; // 0: full, else in [1, product_bits_full]
    int acc_bits;           // sum of a tile of channels saturates to this width, counted; [16, 48]
    int tile_channels;      // whole vectors; 0: all C. Sums of tiles are added exactly
} igq_vsquant_operands;
uint64_t igq_vsquant_gemm(float *y, const igq_vsquant_operands *operands, void *scratch);
size_t igq_vsquant_gemm_scratch(int T, int C, int O, int V);
uint64_t igq_vsquant_gemm_ref(float *y, const igq_vsquant_operands *operands);

#ifdef __cplusplus
}
#endif
#endif
