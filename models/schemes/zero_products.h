// SPDX-License-Identifier: Apache-2.0
// zero_products.h - how many multiplications of a product have an operand that is zero once zero points are taken out:
// those that `zero_gating` keeps still. Exact, from the number of zeros in each channel:
//   sum over c of zeros_act[c] O + zeros_weight[c] T - zeros_act[c] zeros_weight[c]
#ifndef IGQ_ZERO_PRODUCTS_H
#define IGQ_ZERO_PRODUCTS_H
#include "activation_codes.h"
#include "code_product.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Tokens first_token ... first_token + T of act times weights [O][C]. scratch (2 C): afterwards the zeros of each
// channel, those of its activations and those of its weights.
uint64_t igq_zero_products(const igq_activation_codes *act, int first_token, int T, igq_members members,
                           const igq_code_weights *weights, const igq_scheme_cfg *cfg, uint32_t *scratch);

#ifdef __cplusplus
}
#endif
#endif
