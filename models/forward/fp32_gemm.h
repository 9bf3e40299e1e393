// SPDX-License-Identifier: Apache-2.0
// fp32_gemm.h - matrix product of the full-precision reference, with the same bits on every processor. Input channels
// are summed up in runs of 32, and the runs added, all in ascending order; every product and sum is rounded to float
// (no FMA). Runs keep the rounding error of long sums small.
//   y[t,o] = fl(fl(scale * sum over runs (sum over c of the run x[t,c] w[o,c])) + bias[o])
#ifndef IGQ_FP32_GEMM_H
#define IGQ_FP32_GEMM_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_FP32_RUN_CHANNELS 32

// Matrices may be parts of wider ones: a stride is the distance, in floats, of two neighbours.
typedef struct igq_fp32_operands {
    const float *x; // [T][C]
    size_t x_token_stride;
    const float *w; // [O][C], or [C][O] read by its columns
    size_t w_output_stride, w_channel_stride;
    const float *bias; // (O) or NULL
    float scale;
    int T, C, O;
} igq_fp32_operands;

// y out [T][O], rows y_token_stride floats apart. scratch of igq_fp32_gemm_scratch(T, C) bytes.
void igq_fp32_gemm(float *y, size_t y_token_stride, const igq_fp32_operands *operands, void *scratch);
size_t igq_fp32_gemm_scratch(int T, int C);
void igq_fp32_gemm_ref(float *y, size_t y_token_stride, const igq_fp32_operands *operands);

#ifdef __cplusplus
}
#endif
#endif
