// SPDX-License-Identifier: Apache-2.0
// bench_gemm - how fast the bit-true products and the elementwise steps around them run on this processor, on the
// shapes of DeiT-Tiny and DeiT-Base. Usage: bench_gemm
#define _POSIX_C_SOURCE 200809L
#include "../unit/rng.h"
#include "fixed.h"
#include "gemm.h"
#include "range.h"
#include "vsquant.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TOKENS 197
#define GROUPS 8
#define BITS 4
#define ACC_BITS 24
#define MIN_SECONDS 0.2

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *allocate(size_t num, size_t size)
{
    void *memory = calloc(num, size);
    if (!memory) {
        fprintf(stderr, "bench_gemm: out of memory\n");
        exit(1);
    }
    return memory;
}

// Everything that one product needs, filled with seeded random numbers.
typedef struct bench {
    int T, C, O;
    rng random;
    float *x, *y, *float_weights;
    int16_t *fixed, *lo, *hi;
    uint8_t *codes;
    int8_t *vsquant_codes, *vsquant_weight_codes;
    uint16_t *vsquant_scale, *vsquant_weight_scale;
    igq_grouping grouping;
    igq_quantizer quantizer[GROUPS];
    igq_group_scales scales;
    igq_weight_codes weights;
    igq_gemm_operands operands;
    igq_vsquant_operands vsquant;
    void *memory[2], *scratch, *quantize_scratch;
} bench;

static const igq_vsquant_cfg vsquant_cfg = {.V = 16, .bits = BITS, .scale_bits = 4};

static void bench_init(bench *b, int T, int C, int O)
{
    const size_t acts = (size_t)T * (size_t)C, weights = (size_t)O * (size_t)C;
    *b = (bench){.T = T, .C = C, .O = O, .random = {1}};
    b->x = allocate(acts, sizeof *b->x);
    b->y = allocate((size_t)T * (size_t)O, sizeof *b->y);
    b->float_weights = allocate(weights, sizeof *b->float_weights);
    b->fixed = allocate(acts, sizeof *b->fixed);
    b->lo = allocate((size_t)C, sizeof *b->lo);
    b->hi = allocate((size_t)C, sizeof *b->hi);
    b->codes = allocate(acts, 1);
    b->memory[0] = allocate(igq_grouping_size(C, GROUPS), 1);
    b->memory[1] = allocate(igq_weight_codes_size(O, C), 1);
    const size_t scratch = igq_gemm_scratch(T, C, O, GROUPS);
    const size_t vsquant_scratch = igq_vsquant_gemm_scratch(T, C, O, vsquant_cfg.V);
    b->scratch = allocate(scratch > vsquant_scratch ? scratch : vsquant_scratch, 1);
    b->quantize_scratch = allocate(igq_quantize_channels_scratch(C), 1);
    b->scales.step = allocate(GROUPS, sizeof *b->scales.step);
    b->scales.weight = allocate(GROUPS, sizeof *b->scales.weight);
    rng_fill_float(b->x, acts, -2, 2, &b->random);
    rng_fill_float(b->float_weights, weights, -1, 1, &b->random);
    igq_grouping_init(&b->grouping, b->memory[0], C, GROUPS);
    for (int c = 0; c < C; c++)
        b->grouping.group[c] = (uint16_t)rng_int(&b->random, 0, GROUPS - 1);
    igq_grouping_build(&b->grouping);
    int16_t lower[GROUPS], upper[GROUPS];
    for (int g = 0; g < GROUPS; g++) {
        lower[g] = (int16_t)(-1000 * (g + 1));
        upper[g] = (int16_t)(1500 * (g + 1));
    }
    igq_quantizers_from_bounds(b->quantizer, &b->scales, lower, upper, GROUPS, BITS, -13, IGQ_GROUP_SCALE_FP32, 8);
    igq_weight_codes_init(&b->weights, b->memory[1], O, C, BITS);
    b->operands =
        (igq_gemm_operands){b->codes, &b->grouping, b->quantizer, &b->scales, &b->weights, NULL, T, ACC_BITS, 0};
}

static void bench_init_vsquant(bench *b)
{
    const size_t vectors = (size_t)(b->C + vsquant_cfg.V - 1) / (size_t)vsquant_cfg.V;
    b->vsquant_codes = allocate((size_t)b->T * (size_t)b->C, 1);
    b->vsquant_weight_codes = allocate((size_t)b->O * (size_t)b->C, 1);
    b->vsquant_scale = allocate((size_t)b->T * vectors, sizeof *b->vsquant_scale);
    b->vsquant_weight_scale = allocate((size_t)b->O * vectors, sizeof *b->vsquant_weight_scale);
    float *gamma = allocate((size_t)b->O, sizeof *gamma);
    igq_vsquant_weights(b->vsquant_weight_codes, b->vsquant_weight_scale, gamma, b->float_weights, b->O, b->C,
                        &vsquant_cfg);
    b->vsquant = (igq_vsquant_operands){.act_codes = b->vsquant_codes,
                                        .act_scale = b->vsquant_scale,
                                        .weight_codes = b->vsquant_weight_codes,
                                        .weight_scale = b->vsquant_weight_scale,
                                        .weight_gamma = gamma,
                                        .act_gamma = 1,
                                        .T = b->T,
                                        .C = b->C,
                                        .O = b->O,
                                        .V = vsquant_cfg.V,
                                        .product_bits_full = 8,
                                        .acc_bits = ACC_BITS};
}

static void bench_free(bench *b)
{
    void *const blocks[] = {b->x,
                            b->y,
                            b->float_weights,
                            b->fixed,
                            b->lo,
                            b->hi,
                            b->codes,
                            b->memory[0],
                            b->memory[1],
                            b->scratch,
                            b->quantize_scratch,
                            b->scales.step,
                            b->scales.weight,
                            b->vsquant_codes,
                            b->vsquant_weight_codes,
                            b->vsquant_scale,
                            b->vsquant_weight_scale,
                            (void *)b->vsquant.weight_gamma};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        free(blocks[i]);
}

static void step_fixed(bench *b)
{
    igq_to_fixed(b->fixed, b->x, (size_t)b->T * (size_t)b->C, -13);
}
static void step_range(bench *b)
{
    igq_range_channels(b->lo, b->hi, b->fixed, b->T, b->C);
}
static void step_quantize(bench *b)
{
    igq_quantize_channels(b->codes, b->fixed, b->grouping.group, b->quantizer, b->T, b->C, b->quantize_scratch);
}
static void step_power(bench *b)
{
    igq_power power;
    igq_power_channels(&power, b->fixed, b->codes, b->grouping.group, b->quantizer, b->T, b->C);
}
static void step_weights(bench *b)
{
    igq_weight_quantize(&b->weights, b->float_weights, 0, 5e-2, b->y);
}
static void step_gemm(bench *b)
{
    igq_gemm(b->y, &b->operands, b->scratch);
}
static void step_vsquant_codes(bench *b)
{
    igq_vsquant_activations(b->vsquant_codes, b->vsquant_scale, b->fixed, b->T, b->C, 200, &vsquant_cfg);
}
static void step_vsquant_gemm(bench *b)
{
    igq_vsquant_gemm(b->y, &b->vsquant, b->scratch);
}

// Mean time of a call; the first call only warms the caches.
static double seconds_of(void (*step)(bench *), bench *b)
{
    step(b);
    const double begin = cpu_seconds();
    double elapsed = 0;
    int calls = 0;
    for (; elapsed < MIN_SECONDS; elapsed = cpu_seconds() - begin, calls++)
        step(b);
    return elapsed / calls;
}

static void bench_product(const char *name, int T, int C, int O)
{
    bench b;
    bench_init(&b, T, C, O);
    bench_init_vsquant(&b);
    const double gmacs = 1e-9 * T * C * O, melems = 1e-6 * T * C;
    const double fixed = seconds_of(step_fixed, &b), range = seconds_of(step_range, &b);
    const double quantize = seconds_of(step_quantize, &b), power = seconds_of(step_power, &b);
    const double weights = seconds_of(step_weights, &b), gemm = seconds_of(step_gemm, &b);
    b.scales.mode = IGQ_GROUP_SCALE_INT;
    const double gemm_int = seconds_of(step_gemm, &b);
    const double vsquant_codes = seconds_of(step_vsquant_codes, &b), vsquant = seconds_of(step_vsquant_gemm, &b);
    printf("%-22s %4d %5d %5d %8.1f %8.1f %8.1f %8.1f %8.2f %8.2f %8.2f %8.2f %8.2f\n", name, T, C, O, gmacs / gemm,
           gmacs / gemm_int, gmacs / vsquant, gemm * 1e3, fixed * 1e3 / melems, range * 1e3 / melems,
           quantize * 1e3 / melems, power * 1e3 / melems, vsquant_codes * 1e3 / melems);
    printf("%-22s weights quantized at %.1f Melements/s\n", "", 1e-6 * C * O / weights);
    bench_free(&b);
}

int main(void)
{
    printf("%-22s %4s %5s %5s %26s %8s %44s\n", "", "T", "C", "O", "GMAC/s", "ms", "ns per activation");
    printf("%-22s %4s %5s %5s %8s %8s %8s %8s %8s %8s %8s %8s %8s\n", "product", "", "", "", "fp32", "int", "vsquant",
           "fp32", "to_fixed", "range", "quantize", "power", "vsquant");
    bench_product("deit_tiny qkv", TOKENS, 192, 576);
    bench_product("deit_tiny scores", TOKENS, 64, TOKENS);
    bench_product("deit_tiny context", TOKENS, TOKENS, 64);
    bench_product("deit_tiny proj", TOKENS, 192, 192);
    bench_product("deit_tiny fc1", TOKENS, 192, 768);
    bench_product("deit_tiny fc2", TOKENS, 768, 192);
    bench_product("deit_base qkv", TOKENS, 768, 2304);
    bench_product("deit_base proj", TOKENS, 768, 768);
    bench_product("deit_base fc1", TOKENS, 768, 3072);
    bench_product("deit_base fc2", TOKENS, 3072, 768);
    return 0;
}
