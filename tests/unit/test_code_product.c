// SPDX-License-Identifier: Apache-2.0
// Products of a part of the tokens; whole products are held against naive twins by test_datapath.c.
#include "code_product.h"
#include "rng.h"
#include <stdlib.h>
#include "../suite.h"

enum { T = 9, C = 20, O = 6 };

static const struct {
    igq_scheme scheme;
    igq_weight_scheme weight_scheme;
} pairs[] = {{IGQ_SCHEME_CHANNELWISE, IGQ_WEIGHT_SCHEME_AUTO},
             {IGQ_SCHEME_VSQUANT, IGQ_WEIGHT_SCHEME_AUTO},
             {IGQ_SCHEME_VSQUANT, IGQ_WEIGHT_SCHEME_PER_CHANNEL},
             {IGQ_SCHEME_MX, IGQ_WEIGHT_SCHEME_AUTO},
             {IGQ_SCHEME_MX, IGQ_WEIGHT_SCHEME_PER_CHANNEL},
             {IGQ_SCHEME_MX, IGQ_WEIGHT_SCHEME_BFP},
             {IGQ_SCHEME_NVFP4, IGQ_WEIGHT_SCHEME_AUTO},
             {IGQ_SCHEME_NVFP4, IGQ_WEIGHT_SCHEME_PER_CHANNEL},
             {IGQ_SCHEME_BFP, IGQ_WEIGHT_SCHEME_AUTO},
             {IGQ_SCHEME_TENDER, IGQ_WEIGHT_SCHEME_AUTO},
             {IGQ_SCHEME_TENDER, IGQ_WEIGHT_SCHEME_VSQUANT},
             {IGQ_SCHEME_CHANNELWISE, IGQ_WEIGHT_SCHEME_VSQUANT},
             {IGQ_SCHEME_CONSECUTIVE, IGQ_WEIGHT_SCHEME_VSQUANT}};
enum { NUM_PAIRS = sizeof pairs / sizeof *pairs };

START_TEST(tokens_in_the_middle_get_the_same_products)
{
    igq_scheme_cfg cfg = {.scheme = pairs[_i].scheme,
                          .weight_scheme = pairs[_i].weight_scheme,
                          .acc_bits = 24,
                          .vector_length = 8,
                          .vsquant_act_scale_bits = 6,
                          .vsquant_weight_scale_bits = 6,
                          .mx_element = IGQ_ELEMENT_FP6_E2M3,
                          .mx_block_length = 8,
                          .bfp_block_length = 4,
                          .num_groups = 3,
                          .tender_subtracts_middle = 1};
    int16_t member_lo[C], member_hi[C], lo[C], hi[C];
    igq_group_bounds bounds = {
        .exponent = -12, .bits = 6, .num_members = C, .member_lo = member_lo, .member_hi = member_hi};
    igq_range range = {.num = C, .lo = lo, .hi = hi};
    igq_layer_noise noise = {0};
    float x[T * C], values[O * C], bias[O], whole[T * O], part[4 * O], percentile_scratch[C];
    rng random = {(uint64_t)_i};
    for (int c = 0; c < C; c++) {
        member_lo[c] = (int16_t)(-4096 - 64 * c); // their middles differ
        member_hi[c] = 4096;
    }
    rng_fill_float(x, T * C, -1, 1, &random);
    rng_fill_float(values, O * C, -1, 1, &random);
    rng_fill_float(bias, O, -1, 1, &random);

    igq_activation_codes act;
    void *act_memory = malloc(igq_activation_codes_size(T, C)),
         *scratch = malloc(igq_code_product_scratch(T, C, O, C, &cfg));
    igq_activation_codes_init(&act, act_memory, T, C);
    igq_activation_codes_fill(&act, &range, &noise, x, T, C, IGQ_MEMBERS_CHANNELS, &bounds, &cfg);
    igq_code_weights weights;
    igq_arena counter = {0};
    igq_code_weights_place(&weights, &counter, O, C, 5, &cfg);
    igq_arena arena = {.base = malloc(counter.used_bytes)};
    igq_code_weights_place(&weights, &arena, O, C, 5, &cfg);
    igq_code_weights_fill(&weights, values, 0, 0, &cfg, percentile_scratch);

    ck_assert_uint_eq(igq_code_product(whole, &act, 0, T, &weights, bias, bounds.exponent, 0, &cfg, scratch), 0);
    igq_code_product(part, &act, 3, 4, &weights, bias, bounds.exponent, 0, &cfg, scratch);
    ck_assert_mem_eq(part, whole + 3 * O, sizeof part);
    for (int t = 0; t < T; t++)
        for (int o = 0; o < O; o++) {
            double expected = bias[o];
            for (int c = 0; c < C; c++)
                expected += x[t * C + c] * values[o * C + c];
            ck_assert_double_eq_tol(whole[t * O + o], expected, 1); // rounding of 20 products, of 4 bits in NVFP4
        }
    free(arena.base);
    free(scratch);
    free(act_memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("code_product");
    TCase *tests = tcase_create("code_product");
    tcase_add_loop_test(tests, tokens_in_the_middle_get_the_same_products, 0, NUM_PAIRS);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
