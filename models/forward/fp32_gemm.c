// SPDX-License-Identifier: Apache-2.0
#include "fp32_gemm.h"
#include "clones.h"
#include <assert.h>
#include <string.h>

// Tiles of 6 tokens x 16 outputs, as in tile.h. The 16 sums of a token go side by side through vector registers, so
// that vectors do not change the order of any sum.
enum { TILE_TOKENS = 6, TILE_OUTPUTS = 16, HALF_OUTPUTS = TILE_OUTPUTS / 2 };

// A vector of 8 floats; processors with narrower registers take several.
typedef float floats __attribute__((vector_size(HALF_OUTPUTS * sizeof(float))));

static inline int min_int(int a, int b)
{
    return a < b ? a : b;
}

static size_t num_packed_tokens(int T)
{
    return ((size_t)T + TILE_TOKENS - 1) / TILE_TOKENS * TILE_TOKENS;
}

size_t igq_fp32_gemm_scratch(int T, int C)
{
    return (num_packed_tokens(T) + TILE_OUTPUTS) * (size_t)C * sizeof(float);
}

// packed [tile][C][6]; rows beyond T are zero.
static void pack_tokens(float *packed, const igq_fp32_operands *operands)
{
    for (int first = 0; first < operands->T; first += TILE_TOKENS) {
        const int num = min_int(operands->T - first, TILE_TOKENS);
        const float *x = operands->x + (size_t)first * operands->x_token_stride;
        if (num < TILE_TOKENS)
            memset(packed, 0, (size_t)operands->C * TILE_TOKENS * sizeof *packed);
        for (int t = 0; t < num; t++)
            for (int c = 0; c < operands->C; c++)
                packed[c * TILE_TOKENS + t] = x[(size_t)t * operands->x_token_stride + (size_t)c];
        packed += (size_t)operands->C * TILE_TOKENS;
    }
}

// packed [C][16]; outputs beyond O are zero.
static void pack_outputs(float *packed, const igq_fp32_operands *operands, int first)
{
    const int num = min_int(operands->O - first, TILE_OUTPUTS);
    const float *w = operands->w + (size_t)first * operands->w_output_stride;
    if (num < TILE_OUTPUTS)
        memset(packed, 0, (size_t)operands->C * TILE_OUTPUTS * sizeof *packed);
    for (int o = 0; o < num; o++)
        for (int c = 0; c < operands->C; c++)
            packed[c * TILE_OUTPUTS + o] =
                w[(size_t)o * operands->w_output_stride + (size_t)c * operands->w_channel_stride];
}

// The sums of one token: 16 outputs are two vectors.
typedef struct token_sums {
    floats low, high;
} token_sums;

#define ADD_TOKEN(sums, value)                                                                                         \
    do {                                                                                                               \
        sums.low += (value)*low;                                                                                       \
        sums.high += (value)*high;                                                                                     \
    } while (0)

// sums [6][16] += those of one run. The tokens are named one by one because compilers keep an array of them in memory.
IGQ_CLONES static void add_run(token_sums *restrict sums, const float *restrict x, const float *restrict w, int C)
{
    token_sums token0 = {{0}, {0}}, token1 = token0, token2 = token0, token3 = token0, token4 = token0, token5 = token0;
    for (int c = 0; c < C; c++, x += TILE_TOKENS, w += TILE_OUTPUTS) {
        floats low, high;
        memcpy(&low, w, sizeof low);
        memcpy(&high, w + HALF_OUTPUTS, sizeof high);
        ADD_TOKEN(token0, x[0]);
        ADD_TOKEN(token1, x[1]);
        ADD_TOKEN(token2, x[2]);
        ADD_TOKEN(token3, x[3]);
        ADD_TOKEN(token4, x[4]);
        ADD_TOKEN(token5, x[5]);
    }
    const token_sums token[TILE_TOKENS] = {token0, token1, token2, token3, token4, token5};
    for (int t = 0; t < TILE_TOKENS; t++) {
        sums[t].low += token[t].low;
        sums[t].high += token[t].high;
    }
}

static void tile_sums(float sums[TILE_TOKENS * TILE_OUTPUTS], const float *x, const float *w, int C)
{
    token_sums token[TILE_TOKENS];
    memset(token, 0, sizeof token);
    for (int c = 0; c < C; c += IGQ_FP32_RUN_CHANNELS)
        add_run(token, x + c * TILE_TOKENS, w + c * TILE_OUTPUTS, min_int(C - c, IGQ_FP32_RUN_CHANNELS));
    memcpy(sums, token, sizeof token);
}

void igq_fp32_gemm(float *y, size_t y_token_stride, const igq_fp32_operands *operands, void *scratch)
{
    const int T = operands->T, C = operands->C, O = operands->O;
    assert(T >= 1 && C >= 1 && O >= 1);
    float *w = scratch, *x = w + (size_t)C * TILE_OUTPUTS;
    float sums[TILE_TOKENS * TILE_OUTPUTS];
    pack_tokens(x, operands);
    for (int o = 0; o < O; o += TILE_OUTPUTS) {
        const int num_outputs = min_int(O - o, TILE_OUTPUTS);
        pack_outputs(w, operands, o);
        for (int t = 0; t < T; t += TILE_TOKENS) {
            const int num_tokens = min_int(T - t, TILE_TOKENS);
            tile_sums(sums, x + (size_t)t * (size_t)C, w, C);
            for (int i = 0; i < num_tokens; i++) {
                float *row = y + (size_t)(t + i) * y_token_stride + o;
                for (int j = 0; j < num_outputs; j++)
                    row[j] =
                        operands->scale * sums[i * TILE_OUTPUTS + j] + (operands->bias ? operands->bias[o + j] : 0);
            }
        }
    }
}

void igq_fp32_gemm_ref(float *y, size_t y_token_stride, const igq_fp32_operands *operands)
{
    for (size_t t = 0; t < (size_t)operands->T; t++)
        for (size_t o = 0; o < (size_t)operands->O; o++) {
            float sum = 0, run = 0;
            for (size_t c = 0; c < (size_t)operands->C; c++) {
                run += operands->x[t * operands->x_token_stride + c] *
                       operands->w[o * operands->w_output_stride + c * operands->w_channel_stride];
                if ((c + 1) % IGQ_FP32_RUN_CHANNELS == 0 || c + 1 == (size_t)operands->C) {
                    sum += run;
                    run = 0;
                }
            }
            y[t * y_token_stride + o] = operands->scale * sum + (operands->bias ? operands->bias[o] : 0);
        }
}
