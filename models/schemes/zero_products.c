// SPDX-License-Identifier: Apache-2.0
#include "zero_products.h"
#include "format.h"
#include <string.h>

uint64_t igq_zero_products(const igq_activation_codes *act, int first_token, int T, igq_members members,
                           const igq_code_weights *weights, const igq_scheme_cfg *cfg, uint32_t *scratch)
{
    int C = weights->C;
    uint32_t *act_zeros = scratch, *weight_zeros = scratch + C;
    uint64_t sum = 0;
    memset(scratch, 0, 2 * (size_t)C * sizeof *scratch);
    for (int t = first_token; t < first_token + T; t++)
        igq_act_format(cfg)->count_act_zeros(act_zeros, act, t, C, members, cfg);
    for (int o = 0; o < weights->O; o++)
        igq_weight_format(cfg)->count_weight_zeros(weight_zeros, weights, o, cfg);
    for (int c = 0; c < C; c++)
        sum += (uint64_t)act_zeros[c] * (uint64_t)weights->O + (uint64_t)weight_zeros[c] * (uint64_t)T -
               (uint64_t)act_zeros[c] * (uint64_t)weight_zeros[c];
    return sum;
}
