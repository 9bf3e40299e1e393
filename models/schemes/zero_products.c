// SPDX-License-Identifier: Apache-2.0
#include "zero_products.h"
#include <string.h>

static void count_equal(uint32_t *zeros, const uint8_t *codes, uint8_t zero_point, int C)
{
    for (int c = 0; c < C; c++)
        zeros[c] += codes[c] == zero_point;
}

// Symmetric codes have no zero point; the byte of a zero is zero in both signs.
static void count_act_zeros(uint32_t *zeros, const igq_activation_codes *act, int first_token, int T, int C,
                            igq_members members, const igq_scheme_cfg *cfg)
{
    for (int t = first_token; t < first_token + T; t++) {
        size_t row = (size_t)t * (size_t)C;
        if (cfg->scheme == IGQ_SCHEME_VSQUANT) {
            count_equal(zeros, (const uint8_t *)act->vector_codes + row, 0, C);
        } else if (members == IGQ_MEMBERS_ROWS || act->grouping.G == 1) {
            int group = members == IGQ_MEMBERS_ROWS ? act->grouping.group[t] : 0;
            count_equal(zeros, act->codes + row, (uint8_t)act->quantizer[group].zero_point, C);
        } else {
            for (int c = 0; c < C; c++)
                zeros[c] += act->codes[row + (size_t)c] == act->quantizer[act->grouping.group[c]].zero_point;
        }
    }
}

static void count_weight_zeros(uint32_t *zeros, const igq_code_weights *weights, const igq_scheme_cfg *cfg)
{
    for (int o = 0; o < weights->O; o++) {
        size_t row = (size_t)o * (size_t)weights->C;
        if (cfg->scheme == IGQ_SCHEME_VSQUANT)
            count_equal(zeros, (const uint8_t *)weights->vector_codes + row, 0, weights->C);
        else
            count_equal(zeros, weights->codes.codes + row, weights->codes.zero_point[o], weights->C);
    }
}

uint64_t igq_zero_products(const igq_activation_codes *act, int first_token, int T, igq_members members,
                           const igq_code_weights *weights, const igq_scheme_cfg *cfg, uint32_t *scratch)
{
    int C = weights->C;
    uint32_t *act_zeros = scratch, *weight_zeros = scratch + C;
    uint64_t sum = 0;
    memset(scratch, 0, 2 * (size_t)C * sizeof *scratch);
    count_act_zeros(act_zeros, act, first_token, T, C, members, cfg);
    count_weight_zeros(weight_zeros, weights, cfg);
    for (int c = 0; c < C; c++)
        sum += (uint64_t)act_zeros[c] * (uint64_t)weights->O + (uint64_t)weight_zeros[c] * (uint64_t)T -
               (uint64_t)act_zeros[c] * (uint64_t)weight_zeros[c];
    return sum;
}
