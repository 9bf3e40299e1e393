// SPDX-License-Identifier: Apache-2.0
// The integer datapath on small random networks against naive twins of its parts.
#include "fixed.h"
#include "gemm.h"
#include "nonlinear.h"
#include "range.h"
#include "datapath_fixture.h"
#include <math.h>
#include <string.h>
#include "vsquant.h"
#include "../suite.h"

enum { MAX_LAYERS = 64 };

// Random tiles of channels for all layers, in multiples of `unit`; every third layer is whole.
static void random_tiles(int *tile_channels, const fixture *f, int unit, rng *random)
{
    const igq_network *network = f->pass.products->network;
    ck_assert_int_le(network->num_layers, MAX_LAYERS);
    for (int k = 0; k < network->num_layers; k++)
        tile_channels[k] = k % 3 ? unit * rng_int(random, 1, (network->layer[k].C + unit - 1) / unit) : 0;
}

static int layer_of(const fixture *f, int linear)
{
    return (int)(vit_product(&f->pass, linear)->layer - f->pass.products->network->layer);
}

static void linear_ref(float *y, const fixture *f, int linear, const float *x, int T, int tile_channels)
{
    const igq_vit_shape *shape = &f->vit->shape;
    const igq_group_bounds *bounds = &f->calibration->linear[linear].act;
    const igq_product_weights *w = vit_product(&f->pass, linear)->weights;
    int C = vit_linear(shape, linear).C, O = vit_linear(shape, linear).O;
    int16_t fixed[MAX_VALUES], lo[48], hi[48], lower[48], upper[48];
    uint16_t scratch[48];
    uint8_t codes[MAX_VALUES];
    igq_quantizer quantizer[48];
    float step[48], percentile_scratch[512];
    int32_t weight[48];
    igq_range range = {.num = C, .lo = lo, .hi = hi};
    igq_group_scales scales = {.step = step, .weight = weight};
    igq_grouping grouping;
    igq_weight_codes weights;

    igq_to_fixed_ref(fixed, x, (size_t)(T * C), bounds->exponent);
    igq_range_channels_ref(lo, hi, fixed, T, C);
    int G = igq_scheme_num_groups(&f->cfg, bounds);
    void *grouping_memory = malloc(igq_grouping_size(C, G)), *weights_memory = malloc(igq_weight_codes_size(O, C));
    igq_grouping_init(&grouping, grouping_memory, C, G);
    if (f->cfg.scheme == IGQ_SCHEME_IGQ) {
        igq_assign_ref(grouping.group, lo, hi, bounds->lower, bounds->upper, C, G, f->cfg.distance);
        igq_grouping_build(&grouping);
    } else {
        igq_scheme_group(&grouping, &f->cfg, bounds, &range, scratch);
    }
    igq_scheme_bounds(lower, upper, &f->cfg, bounds, &grouping, &range);
    igq_quantizers_from_bounds(quantizer, &scales, lower, upper, G, bounds->bits, bounds->exponent, f->cfg.group_scale,
                               f->cfg.group_scale_bits);
    igq_quantize_channels_ref(codes, fixed, grouping.group, quantizer, T, C);
    igq_weight_codes_init(&weights, weights_memory, O, C, f->calibration->linear[linear].weight_bits);
    igq_weight_quantize(&weights, w->data, f->calibration->linear[linear].weight_groups,
                        f->calibration->linear[linear].weight_epsilon_pct, percentile_scratch);
    igq_gemm_operands operands = {.act_codes = codes,
                                  .grouping = &grouping,
                                  .quantizer = quantizer,
                                  .scales = &scales,
                                  .weights = &weights,
                                  .bias = w->bias,
                                  .T = T,
                                  .acc_bits = f->cfg.acc_bits,
                                  .tile_channels = tile_channels};
    igq_gemm_ref(y, &operands);
    ck_assert_mem_eq(f->instance->linear[linear].lo, lo, (size_t)C * sizeof *lo);
    ck_assert_mem_eq(f->instance->linear[linear].hi, hi, (size_t)C * sizeof *hi);
    free(grouping_memory);
    free(weights_memory);
}

START_TEST(linear_layers_equal_naive_recomputation)
{
    igq_scheme scheme = (igq_scheme)(_i % IGQ_SCHEME_VSQUANT);
    fixture f = make_fixture(_i + 1, 1, scheme, 4, 3);
    f.cfg.group_scale = (igq_group_scale)(_i / IGQ_SCHEME_VSQUANT);
    igq_datapath *datapath = igq_datapath_new(f.pass.products, f.calibration, &f.cfg, NULL);
    igq_engine engine = igq_datapath_engine(datapath, f.instance);
    rng random = {(uint64_t)_i};
    int tile_channels[MAX_LAYERS];
    random_tiles(tile_channels, &f, 1, &random);
    igq_datapath_cut(datapath, tile_channels);
    for (int linear = 1; linear < vit_num_linear(&f.vit->shape) - 1; linear++) {
        int C = vit_linear(&f.vit->shape, linear).C, O = vit_linear(&f.vit->shape, linear).O;
        float x[MAX_VALUES], y[MAX_VALUES], expected[MAX_VALUES];
        rng_fill_float(x, TOKENS * (size_t)C, -1, 2, &random);
        engine.linear(engine.context, vit_product(&f.pass, linear), y, x);
        linear_ref(expected, &f, linear, x, TOKENS, tile_channels[layer_of(&f, linear)]);
        ck_assert_mem_eq(y, expected, (size_t)(TOKENS * O) * sizeof *y);
    }
    igq_datapath_free(datapath);
    free_fixture(&f);
}
END_TEST

START_TEST(vsquant_linear_layers_equal_naive_recomputation)
{
    fixture f = make_fixture(_i + 1, 1, IGQ_SCHEME_VSQUANT, 6, 3);
    f.cfg.vector_length = _i + 1;
    f.cfg.vsquant_scale_product_bits = _i;
    igq_datapath *datapath = igq_datapath_new(f.pass.products, f.calibration, &f.cfg, NULL);
    igq_engine engine = igq_datapath_engine(datapath, f.instance);
    rng random = {(uint64_t)_i};
    int tile_channels[MAX_LAYERS];
    random_tiles(tile_channels, &f, f.cfg.vector_length, &random);
    igq_datapath_cut(datapath, tile_channels);
    for (int linear = 1; linear < vit_num_linear(&f.vit->shape) - 1; linear++) {
        const igq_group_bounds *bounds = &f.calibration->linear[linear].act;
        const igq_product_weights *w = vit_product(&f.pass, linear)->weights;
        int C = vit_linear(&f.vit->shape, linear).C, O = vit_linear(&f.vit->shape, linear).O;
        float x[MAX_VALUES], y[MAX_VALUES], expected[MAX_VALUES], gamma[48];
        int16_t fixed[MAX_VALUES];
        int8_t act_codes[MAX_VALUES], weight_codes[48 * 48];
        uint16_t act_scale[MAX_VALUES], weight_scale[48 * 48];
        igq_vsquant_cfg vector = {.V = f.cfg.vector_length, .bits = 6, .scale_bits = 8};
        double magnitude = 0;
        for (int c = 0; c < C; c++)
            magnitude = fmax(magnitude, fmax(-bounds->member_lo[c], bounds->member_hi[c]));
        double act_gamma = igq_vsquant_gamma(magnitude, &vector);
        rng_fill_float(x, TOKENS * (size_t)C, -1, 2, &random);
        engine.linear(engine.context, vit_product(&f.pass, linear), y, x);
        igq_to_fixed_ref(fixed, x, (size_t)(TOKENS * C), bounds->exponent);
        igq_vsquant_activations(act_codes, act_scale, fixed, TOKENS, C, act_gamma, &vector);
        igq_vsquant_weights(weight_codes, weight_scale, gamma, w->data, O, C, &vector);
        igq_vsquant_operands operands = {.act_codes = act_codes,
                                         .act_scale = act_scale,
                                         .weight_codes = weight_codes,
                                         .weight_scale = weight_scale,
                                         .weight_gamma = gamma,
                                         .bias = w->bias,
                                         .act_gamma = (float)ldexp(act_gamma, bounds->exponent),
                                         .T = TOKENS,
                                         .C = C,
                                         .O = O,
                                         .V = vector.V,
                                         .product_bits_full = 16,
                                         .scale_product_bits = f.cfg.vsquant_scale_product_bits,
                                         .acc_bits = 32,
                                         .tile_channels = tile_channels[layer_of(&f, linear)]};
        igq_vsquant_gemm_ref(expected, &operands);
        ck_assert_mem_eq(y, expected, (size_t)(TOKENS * O) * sizeof *y);
        double noise = 0;
        int vectors = (C + vector.V - 1) / vector.V;
        for (int i = 0; i < TOKENS * C; i++)
            noise += pow(fixed[i] - act_codes[i] * act_gamma * act_scale[i / C * vectors + i % C / vector.V], 2);
        ck_assert_double_eq_tol(f.instance->linear_noise[linear].noise, noise, 1e-12 * noise);
    }
    igq_datapath_free(datapath);
    free_fixture(&f);
}
END_TEST

// Code minus zero point of x on the grid.
static int centered(const igq_quantizer *quantizer, float x, int exponent)
{
    int16_t fixed;
    igq_to_fixed_ref(&fixed, &x, 1, exponent);
    return igq_quantize(quantizer, fixed) - quantizer->zero_point;
}

static float real_step(const igq_quantizer *quantizer, int exponent)
{
    return (float)ldexp(quantizer->step_grid, exponent);
}

// What a naive pass over all heads of block 0 counts.
typedef struct attention_counts {
    uint64_t overflows;
    double signal, noise;
} attention_counts;

static float saturated_sum(attention_counts *counts, int sum, int acc_bits)
{
    int64_t kept = igq_saturate(sum, acc_bits);
    counts->overflows += kept != sum;
    return (float)kept;
}

// softmax out [TOKENS][TOKENS] of head h.
static void scores_ref(float *softmax, attention_counts *counts, const fixture *f, int h, const float *qkv, int tile)
{
    const igq_head_calibration *head = &f->calibration->head[h];
    int exponent = f->calibration->qkv_exponent[0], bits = f->calibration->attn_bits;
    igq_quantizer q, k;
    igq_quantizer_from_bounds(&q, head->q_lower, head->q_upper, bits);
    igq_quantizer_from_bounds(&k, head->k_lower, head->k_upper, bits);
    for (int t = 0; t < TOKENS; t++)
        for (int s = 0; s < TOKENS; s++) {
            float score = 0;
            for (int first = 0; first < HEAD_DIM; first += tile) {
                int sum = 0;
                for (int c = first; c < HEAD_DIM && c < first + tile; c++) {
                    int i = h * HEAD_DIM + c;
                    sum += centered(&q, qkv[t * 3 * DIM + i], exponent) *
                           centered(&k, qkv[s * 3 * DIM + DIM + i], exponent);
                }
                score += real_step(&q, exponent) * saturated_sum(counts, sum, f->cfg.acc_bits);
            }
            softmax[t * TOKENS + s] = real_step(&k, exponent) * score * 0.5f; // 1 / sqrt(HEAD_DIM)
        }
    igq_softmax_rows(softmax, TOKENS, TOKENS);
}

// Columns of head h of out [TOKENS][DIM], with scheme igq and group_scale fp32.
static void head_ref(float *out, attention_counts *counts, const fixture *f, int h, const float *qkv, const int tile[2])
{
    const igq_head_calibration *head = &f->calibration->head[h];
    const igq_group_bounds *rows = &head->softmax;
    int exponent = f->calibration->qkv_exponent[0];
    float softmax[TOKENS * TOKENS];
    igq_quantizer v, row_quantizer;
    igq_quantizer_from_bounds(&v, head->v_lower, head->v_upper, f->calibration->attn_bits);
    scores_ref(softmax, counts, f, h, qkv, tile[0]);
    for (int t = 0; t < TOKENS; t++) {
        int16_t fixed[TOKENS], lo, hi;
        uint16_t group;
        int codes[TOKENS];
        igq_to_fixed_ref(fixed, softmax + t * TOKENS, TOKENS, IGQ_SOFTMAX_EXPONENT);
        igq_range_rows(&lo, &hi, fixed, 1, TOKENS);
        igq_assign_ref(&group, &lo, &hi, rows->lower, rows->upper, 1, rows->num_groups, f->cfg.distance);
        ck_assert_int_eq(f->instance->softmax[h].lo[t], lo);
        ck_assert_int_eq(f->instance->softmax[h].hi[t], hi);
        igq_quantizer_from_bounds(&row_quantizer, rows->lower[group], rows->upper[group], rows->bits);
        for (int s = 0; s < TOKENS; s++) {
            codes[s] = igq_quantize(&row_quantizer, fixed[s]) - row_quantizer.zero_point;
            counts->signal += (double)fixed[s] * fixed[s];
            counts->noise += pow(fixed[s] - codes[s] * row_quantizer.step_grid, 2);
        }
        for (int i = h * HEAD_DIM; i < (h + 1) * HEAD_DIM; i++) {
            float row_sum = 0;
            for (int first = 0; first < TOKENS; first += tile[1]) {
                int sum = 0;
                for (int s = first; s < TOKENS && s < first + tile[1]; s++)
                    sum += codes[s] * centered(&v, qkv[s * 3 * DIM + 2 * DIM + i], exponent);
                row_sum +=
                    real_step(&row_quantizer, IGQ_SOFTMAX_EXPONENT) * saturated_sum(counts, sum, f->cfg.acc_bits);
            }
            out[t * DIM + i] = real_step(&v, exponent) * row_sum;
        }
    }
}

// out [TOKENS][DIM] of block 0 from qkv [TOKENS][3 DIM], as the graph does it.
static void attention(float *out, const fixture *f, const igq_engine *engine, const float *qkv)
{
    static const float scale = 0.5f; // 1 / sqrt(HEAD_DIM)
    float q[HEADS * TOKENS * HEAD_DIM], k[HEADS * TOKENS * HEAD_DIM], v[HEADS * TOKENS * HEAD_DIM];
    float softmax[HEADS * TOKENS * TOKENS], context[HEADS * TOKENS * HEAD_DIM];
    const igq_graph_product *scores = vit_product(&f->pass, 1) + 1; // behind qkv
    for (int h = 0; h < HEADS; h++)
        for (int t = 0; t < TOKENS; t++)
            for (int i = 0; i < HEAD_DIM; i++) {
                const float *x = qkv + t * 3 * DIM + h * HEAD_DIM + i;
                q[(h * TOKENS + t) * HEAD_DIM + i] = x[0];
                k[(h * HEAD_DIM + i) * TOKENS + t] = x[DIM];
                v[(h * TOKENS + t) * HEAD_DIM + i] = x[2 * DIM];
            }
    engine->matmul(engine->context, scores, softmax, q, k);
    for (int i = 0; i < HEADS * TOKENS * TOKENS; i++)
        softmax[i] *= scale;
    igq_softmax_rows(softmax, HEADS * TOKENS, TOKENS);
    engine->matmul(engine->context, scores + 1, context, softmax, v);
    for (int i = 0; i < HEADS * TOKENS * HEAD_DIM; i++)
        out[i / HEAD_DIM % TOKENS * DIM + i / HEAD_DIM / TOKENS * HEAD_DIM + i % HEAD_DIM] = context[i];
}

START_TEST(attention_equals_naive_recomputation)
{
    fixture f = make_fixture(_i + 1, 1, IGQ_SCHEME_IGQ, 2 + _i % 7, 4);
    f.cfg.acc_bits = 8 + _i; // the narrow ones saturate
    igq_datapath *datapath = igq_datapath_new(f.pass.products, f.calibration, &f.cfg, NULL);
    igq_engine engine = igq_datapath_engine(datapath, f.instance);
    float qkv[TOKENS * 3 * DIM], out[TOKENS * DIM], expected[TOKENS * DIM];
    attention_counts counts = {0};
    rng random = {(uint64_t)_i};
    rng_fill_float(qkv, TOKENS * 3 * DIM, -2, 2, &random);
    // Tiles of channels of q and k, and of keys.
    const int tile[2] = {rng_int(&random, 1, HEAD_DIM), rng_int(&random, 1, TOKENS)};
    const int scores = layer_of(&f, 1) + 1; // behind qkv
    int tile_channels[MAX_LAYERS] = {0};
    memcpy(tile_channels + scores, tile, sizeof tile);
    igq_datapath_cut(datapath, tile_channels);
    attention(out, &f, &engine, qkv);
    for (int h = 0; h < HEADS; h++)
        head_ref(expected, &counts, &f, h, qkv, tile);
    ck_assert_mem_eq(out, expected, sizeof out);
    ck_assert_uint_eq(f.instance->softmax_noise[0].overflow_count, counts.overflows);
    // Powers are added in another order.
    ck_assert_double_eq_tol(f.instance->softmax_noise[0].signal, counts.signal, 1e-12 * counts.signal);
    ck_assert_double_eq_tol(f.instance->softmax_noise[0].noise, counts.noise, 1e-12 * counts.noise);
    igq_datapath_free(datapath);
    free_fixture(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("datapath_ref");
    TCase *naive = tcase_create("naive");
    tcase_add_loop_test(naive, linear_layers_equal_naive_recomputation, 0, IGQ_SCHEME_VSQUANT * IGQ_GROUP_SCALE_COUNT);
    tcase_add_loop_test(naive, vsquant_linear_layers_equal_naive_recomputation, 0, 8);
    tcase_add_loop_test(naive, attention_equals_naive_recomputation, 0, 14);
    suite_add_tcase(suite, naive);
    return run_suite(suite);
}
