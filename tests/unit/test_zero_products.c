// SPDX-License-Identifier: Apache-2.0
#include "zero_products.h"
#include "rng.h"
#include <string.h>
#include "../suite.h"

enum { T = 7, C = 9, O = 5, G = 3 };

// Codes from 0 to 3 and zero points among them, so that zeros are many.
typedef struct operands {
    igq_activation_codes act;
    igq_code_weights weights;
    igq_quantizer quantizer[G];
    uint16_t group[C];
    uint8_t act_codes[T * C], weight_codes[O * C], zero_point[O];
    uint32_t scratch[2 * C];
} operands;

static void fill(operands *x, rng *random)
{
    rng_fill_uint8(x->act_codes, T * C, 0, 3, random);
    rng_fill_uint8(x->weight_codes, O * C, 0, 3, random);
    rng_fill_uint8(x->zero_point, O, 0, 3, random);
    for (int g = 0; g < G; g++)
        x->quantizer[g].zero_point = rng_int(random, 0, 3);
    for (int c = 0; c < C; c++)
        x->group[c] = (uint16_t)rng_int(random, 0, G - 1);
    x->act = (igq_activation_codes){.grouping = {.C = C, .G = G, .group = x->group},
                                    .quantizer = x->quantizer,
                                    .codes = x->act_codes,
                                    .vector_codes = (int8_t *)x->act_codes};
    x->weights = (igq_code_weights){.O = O,
                                    .C = C,
                                    .codes = {.O = O, .C = C, .codes = x->weight_codes, .zero_point = x->zero_point},
                                    .vector_codes = (int8_t *)x->weight_codes};
}

// Looks at every multiplication.
static uint64_t naive(const operands *x, int first_token, int tokens, igq_members members, igq_scheme scheme)
{
    uint64_t zeros = 0;
    for (int t = first_token; t < first_token + tokens; t++)
        for (int o = 0; o < O; o++)
            for (int c = 0; c < C; c++) {
                int vsquant = scheme == IGQ_SCHEME_VSQUANT;
                int group = members == IGQ_MEMBERS_ROWS ? x->group[t] : x->group[c];
                int act = x->act_codes[t * C + c] - (vsquant ? 0 : x->quantizer[group].zero_point);
                int weight = x->weight_codes[o * C + c] - (vsquant ? 0 : x->zero_point[o]);
                zeros += act * weight == 0;
            }
    return zeros;
}

START_TEST(zero_products_equal_a_look_at_every_multiplication)
{
    static const igq_scheme schemes[] = {IGQ_SCHEME_IGQ, IGQ_SCHEME_VSQUANT};
    rng random = {5};
    for (int i = 0; i < 200; i++) {
        operands x;
        fill(&x, &random);
        igq_scheme_cfg cfg = {.scheme = schemes[i % 2]};
        igq_members members = i / 2 % 2 ? IGQ_MEMBERS_ROWS : IGQ_MEMBERS_CHANNELS;
        int first = rng_int(&random, 0, T - 1), tokens = rng_int(&random, 1, T - first);
        ck_assert_uint_eq(igq_zero_products(&x.act, first, tokens, members, &x.weights, &cfg, x.scratch),
                          naive(&x, first, tokens, members, cfg.scheme));
    }
}
END_TEST

START_TEST(one_group_is_counted_like_many)
{
    rng random = {6};
    operands x;
    fill(&x, &random);
    memset(x.group, 0, sizeof x.group);
    x.act.grouping.G = 1;
    igq_scheme_cfg cfg = {.scheme = IGQ_SCHEME_LAYERWISE};
    ck_assert_uint_eq(igq_zero_products(&x.act, 0, T, IGQ_MEMBERS_CHANNELS, &x.weights, &cfg, x.scratch),
                      naive(&x, 0, T, IGQ_MEMBERS_CHANNELS, cfg.scheme));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("zero_products");
    TCase *cases = tcase_create("counts");
    tcase_add_test(cases, zero_products_equal_a_look_at_every_multiplication);
    tcase_add_test(cases, one_group_is_counted_like_many);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
