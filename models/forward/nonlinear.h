// SPDX-License-Identifier: Apache-2.0
// nonlinear.h - the vector operations of a vision transformer in FP32, as the vector unit computes them: LayerNorm,
// softmax, GELU. Own exp and erfc, sums in eight interleaved parts: the bits are those of the IEEE operations in the
// order written, whatever the processor or its math library.
#ifndef IGQ_NONLINEAR_H
#define IGQ_NONLINEAR_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// y[t,c] = (x[t,c] - mean_t) / sqrt(variance_t + epsilon) * gain[c] + bias[c] for x [T][C]; y may be x.
void igq_layer_norm(float *y, const float *x, const float *gain, const float *bias, int T, int C, double epsilon);

// Softmax of each of R rows of K values, in place. Error below 3e-7, and below 1e-5 of the value down
// to exp(-87), the least that is given before normalization.
void igq_softmax_rows(float *x, int R, int K);

// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) in place, rounded once from double.
void igq_gelu_tanh(float *x, size_t num);

// x/2 (1 + erf(x / sqrt 2)) in place; absolute error below 5e-7.
void igq_gelu(float *x, size_t num);

#ifdef __cplusplus
}
#endif
#endif
