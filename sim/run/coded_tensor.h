// SPDX-License-Identifier: Apache-2.0
// coded_tensor.h - a tensor of real numbers in a number format: codes, scales, and what they stand for. The definitions
// are those of mx.h, nvfp4.h, vsquant.h (its weights: a gamma for each row) and tender.h (of this tensor alone).
#ifndef IGQ_CODED_TENSOR_H
#define IGQ_CODED_TENSOR_H
#include "error.h"
#include "safetensors.h"
#include "scheme.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_MAX_CODED_PARTS 5

// NAME/codes [R][C], NAME/scales [R][blocks] (tender: [1][C], the groups of the channels), NAME/values F32 of the shape
// of the tensor, and for nvfp4, vsquant and tender NAME/tensor_scale F32 [1] or [R]: g of nvfp4, gamma of vsquant, the
// step of group 0 of tender, which may have NAME/middles F32 [C] too.
typedef struct igq_coded_tensor {
    igq_tensor part[IGQ_MAX_CODED_PARTS];
    int num_parts;
    void *memory; // of names and data
} igq_coded_tensor;

// x: the values of `tensor`, whose last dimension are the channels. cfg->scheme vsquant, mx, nvfp4, bfp or tender;
// bits: of the codes of vsquant, bfp and tender. Free with igq_coded_tensor_free.
igq_status igq_coded_tensor_make(igq_coded_tensor *coded, const igq_tensor *tensor, const float *x,
                                 const igq_scheme_cfg *cfg, int bits, igq_error *error);
void igq_coded_tensor_free(igq_coded_tensor *coded);

#ifdef __cplusplus
}
#endif
#endif
