// SPDX-License-Identifier: Apache-2.0
#include "coded_tensor.h"
#include "arena.h"
#include "format.h"
#include "mx.h"
#include "nvfp4.h"
#include "tender.h"
#include "vsquant.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The arrays of a tensor [R][C] in blocks.
typedef struct arrays {
    int R, C, blocks, block;
    uint8_t *codes;       // [R][C]; of vsquant and tender int8_t
    uint8_t *scale;       // [R][blocks]; of tender (C), groups
    uint16_t *wide_scale; // [R][blocks], vsquant
    float *tensor_scale;  // (R)
    float *values;        // [R][C]
    float *middle;        // (C), tender
    char *name[IGQ_MAX_CODED_PARTS];
} arrays;

static const char *const part_names[IGQ_MAX_CODED_PARTS] = {"codes", "scales", "values", "tensor_scale", "middles"};

static void place(arrays *a, igq_arena *arena, size_t name_bytes)
{
    size_t values = (size_t)a->R * (size_t)a->C, scales = (size_t)a->R * (size_t)a->blocks;
    a->codes = igq_arena_take(arena, values);
    a->scale = igq_arena_take(arena, scales);
    a->wide_scale = igq_arena_take(arena, scales * sizeof *a->wide_scale);
    a->tensor_scale = igq_arena_take(arena, (size_t)a->R * sizeof *a->tensor_scale);
    a->middle = igq_arena_take(arena, (size_t)a->C * sizeof *a->middle);
    a->values = igq_arena_take(arena, values * sizeof *a->values);
    for (int i = 0; i < IGQ_MAX_CODED_PARTS; i++)
        a->name[i] = igq_arena_take(arena, name_bytes);
}

static size_t scale_index(const arrays *a, size_t i)
{
    size_t row = i / (size_t)a->C, channel = i % (size_t)a->C;
    return row * (size_t)a->blocks + channel / (size_t)a->block;
}

static void code_vectors(arrays *a, const float *x, const igq_scheme_cfg *cfg, int bits)
{
    igq_vsquant_cfg vector = {.V = igq_vsquant_length(cfg), .bits = bits, .scale_bits = cfg->vsquant_weight_scale_bits};
    igq_vsquant_weights((int8_t *)a->codes, a->wide_scale, a->tensor_scale, x, a->R, a->C, &vector);
    for (size_t i = 0; i < (size_t)a->R * (size_t)a->C; i++) {
        int integer = ((const int8_t *)a->codes)[i] * a->wide_scale[scale_index(a, i)];
        a->values[i] = (float)((double)integer * a->tensor_scale[i / (size_t)a->C]);
    }
}

static void code_powers(arrays *a, const float *x, const igq_mx_cfg *mx)
{
    igq_mx_quantize(a->codes, a->scale, x, a->R, a->C, mx);
    for (size_t i = 0; i < (size_t)a->R * (size_t)a->C; i++)
        a->values[i] = (float)(igq_element_value(&mx->element, a->codes[i]) *
                               (double)igq_mx_scale_value(a->scale[scale_index(a, i)]));
    // Integers as they are: with their sign in all bits of the byte.
    for (size_t i = 0; mx->element.exponent_bits == 0 && i < (size_t)a->R * (size_t)a->C; i++)
        a->codes[i] = (uint8_t)igq_element_integer(&mx->element, a->codes[i]);
}

static void code_nvfp4(arrays *a, const float *x, igq_nvfp4_variant variant)
{
    igq_element fp4 = igq_element_of(IGQ_ELEMENT_FP4_E2M1), e4m3 = igq_element_of(IGQ_ELEMENT_FP8_E4M3);
    igq_nvfp4_largest(a->tensor_scale, x, a->R, a->C, variant);
    for (int r = 0; r < a->R; r++)
        a->tensor_scale[r] = igq_nvfp4_tensor_scale(a->tensor_scale[r]);
    igq_nvfp4_quantize(a->codes, a->scale, x, a->tensor_scale, a->R, a->C, variant);
    for (size_t i = 0; i < (size_t)a->R * (size_t)a->C; i++) {
        float scale = (float)igq_element_value(&e4m3, a->scale[scale_index(a, i)]);
        a->values[i] = (float)igq_element_value(&fp4, a->codes[i]) * scale / a->tensor_scale[i / (size_t)a->C];
    }
}

// Half way between the ends of each channel, or zeros.
static void find_middles(arrays *a, const float *x, int subtracts)
{
    size_t C = (size_t)a->C, R = (size_t)a->R;
    for (size_t c = 0; c < C; c++) {
        double low = (double)x[c], high = low;
        for (size_t r = 1; r < R; r++) {
            low = fmin(low, (double)x[r * C + c]);
            high = fmax(high, (double)x[r * C + c]);
        }
        a->middle[c] = subtracts ? (float)((low + high) / 2) : 0;
    }
}

static void code_groups(arrays *a, const float *x, const igq_scheme_cfg *cfg, int bits)
{
    size_t C = (size_t)a->C, num = (size_t)a->R * C;
    double largest = 0;
    find_middles(a, x, cfg->tender_subtracts_middle);
    for (size_t i = 0; i < num; i++)
        largest = fmax(largest, fabs((double)(a->values[i] = x[i] - a->middle[i % C])));
    largest = largest > 0 ? largest : 1;
    for (size_t c = 0; c < C; c++) {
        double magnitude = 0;
        for (size_t i = c; i < num; i += C)
            magnitude = fmax(magnitude, fabs((double)a->values[i]));
        a->scale[c] = (uint8_t)igq_tender_group(magnitude, largest, cfg->num_groups);
    }
    a->tensor_scale[0] = (float)igq_tender_step(largest, 0, bits);
    for (size_t i = 0; i < num; i++) {
        int group = a->scale[i % C], code = igq_tender_code((double)a->values[i], largest, group, bits);
        a->codes[i] = (uint8_t)code;
        a->values[i] = (float)(code * igq_tender_step(largest, group, bits) + (double)a->middle[i % C]);
    }
}

static igq_mx_cfg mx_of(const igq_scheme_cfg *cfg, int bits)
{
    if (cfg->scheme == IGQ_SCHEME_BFP)
        return (igq_mx_cfg){.element = igq_element_of_integer(bits), .block_length = cfg->bfp_block_length};
    return (igq_mx_cfg){.element = igq_element_of(cfg->mx_element),
                        .block_length = cfg->mx_block_length,
                        .scale_rule = cfg->mx_scale_rule,
                        .ties = cfg->mx_rounding};
}

static void add_part(igq_coded_tensor *coded, const arrays *a, int part, igq_dtype dtype, const void *data, int rank,
                     const int64_t *shape)
{
    coded->part[coded->num_parts++] = igq_tensor_make(a->name[part], dtype, data, rank, shape);
}

igq_status igq_coded_tensor_make(igq_coded_tensor *coded, const igq_tensor *tensor, const float *x,
                                 const igq_scheme_cfg *cfg, int bits, igq_error *error)
{
    enum { MAX_ELEMENTS = 1 << 30 };
    igq_mx_cfg mx = mx_of(cfg, bits);
    int vectors = cfg->scheme == IGQ_SCHEME_VSQUANT, nvfp4 = cfg->scheme == IGQ_SCHEME_NVFP4;
    int groups = cfg->scheme == IGQ_SCHEME_TENDER;
    size_t num = igq_tensor_num_elems(tensor), name_bytes = strlen(tensor->name) + sizeof "/tensor_scale";
    *coded = (igq_coded_tensor){0};
    if (tensor->rank < 1 || num == 0 || num > MAX_ELEMENTS)
        return igq_fail(error,
                        "tensor %s: has %zu elements in %d dimensions; allowed: 1 to %d elements in 1 to %d dimensions",
                        tensor->name, num, tensor->rank, MAX_ELEMENTS, IGQ_TENSOR_MAX_RANK);
    arrays a = {.C = (int)tensor->shape[tensor->rank - 1],
                .block = groups    ? 1
                         : vectors ? igq_vsquant_length(cfg)
                         : nvfp4   ? IGQ_NVFP4_BLOCK
                                   : mx.block_length};
    a.R = (int)(num / (size_t)a.C);
    a.blocks = igq_num_blocks(a.C, a.block);
    igq_arena counter = {0};
    place(&a, &counter, name_bytes);
    igq_arena arena = {.base = coded->memory = malloc(counter.used_bytes)};
    if (!arena.base)
        return igq_out_of_memory(error);
    place(&a, &arena, name_bytes);
    for (int i = 0; i < IGQ_MAX_CODED_PARTS; i++)
        snprintf(a.name[i], name_bytes, "%s/%s", tensor->name, part_names[i]);

    if (groups)
        code_groups(&a, x, cfg, bits);
    else if (vectors)
        code_vectors(&a, x, cfg, bits);
    else if (nvfp4)
        code_nvfp4(&a, x, cfg->nvfp4_variant);
    else
        code_powers(&a, x, &mx);
    int is_signed = vectors || groups || (!nvfp4 && mx.element.exponent_bits == 0);
    int num_tensor_scales = groups || (nvfp4 && cfg->nvfp4_variant != IGQ_NVFP4_VARIANT_ROWS) ? 1 : a.R;
    add_part(coded, &a, 0, is_signed ? IGQ_DTYPE_I8 : IGQ_DTYPE_U8, a.codes, 2, (int64_t[]){a.R, a.C});
    add_part(coded, &a, 1, vectors ? IGQ_DTYPE_U16 : IGQ_DTYPE_U8, vectors ? (const void *)a.wide_scale : a.scale, 2,
             (int64_t[]){groups ? 1 : a.R, a.blocks});
    add_part(coded, &a, 2, IGQ_DTYPE_F32, a.values, tensor->rank, tensor->shape);
    if (vectors || nvfp4 || groups)
        add_part(coded, &a, 3, IGQ_DTYPE_F32, a.tensor_scale, 1, (int64_t[]){num_tensor_scales});
    if (groups && cfg->tender_subtracts_middle)
        add_part(coded, &a, 4, IGQ_DTYPE_F32, a.middle, 1, (int64_t[]){a.C});
    return IGQ_OK;
}

void igq_coded_tensor_free(igq_coded_tensor *coded)
{
    free(coded->memory);
    *coded = (igq_coded_tensor){0};
}
