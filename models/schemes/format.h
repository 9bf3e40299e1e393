// SPDX-License-Identifier: Apache-2.0
// format.h - how a number is coded, whoever shares its scale. A scheme says who shares (scheme.h); its format is a row
// of the table here, with a file of its own: format_affine.c (unsigned codes with zero points, one quantizer a group),
// format_tender.c (signed codes, groups a power of two apart), format_vector.c (VS-Quant: signed codes, an integer
// scale a vector), format_block.c (MX, BFP, NVFP4). Activations and weights each have a format; how two formats meet in
// a product is a pairing.
#ifndef IGQ_FORMAT_H
#define IGQ_FORMAT_H
#include "activation_codes.h"
#include "code_product.h"
#include "scheme.h"
#include "storage.h"

#ifdef __cplusplus
extern "C" {
#endif

// The parameters mean what code_product.h, activation_codes.h and zero_products.h say of the functions that come here.
typedef struct igq_format {
    const char *name;
    int has_zero_points;
    // Weights [O][C]; O, C, bits of `weights` are set.
    void (*place_weights)(igq_code_weights *weights, igq_arena *arena, const igq_scheme_cfg *cfg);
    void (*fill_weights)(igq_code_weights *weights, const float *values, int num_groups, double epsilon_pct,
                         const igq_scheme_cfg *cfg, float *scratch);
    void (*fill_operand)(igq_code_weights *weights, const int16_t *fixed, int lower, int upper, int exponent,
                         const igq_scheme_cfg *cfg, float *scratch);
    // zeros[c] += 1 where weight c of output channel o is zero. (C)
    void (*count_weight_zeros)(uint32_t *zeros, const igq_code_weights *weights, int o, const igq_scheme_cfg *cfg);
    // How codes `bits` wide lie in memory, with the scales that lie beside them.
    igq_storage (*weight_storage)(const igq_scheme_cfg *cfg, int bits);
    igq_storage (*act_storage)(const igq_scheme_cfg *cfg, int bits);
    // Width of the integer that enters the multipliers for a code `bits` wide, but for zero points.
    int (*weight_operand_bits)(const igq_scheme_cfg *cfg, int bits);
    int (*act_operand_bits)(const igq_scheme_cfg *cfg, int bits);
    // Activations: codes and what belongs to them; returns signal and noise.
    igq_power (*fill_acts)(igq_activation_codes *codes, const igq_range *range, int T, int C, igq_members members,
                           const igq_group_bounds *bounds, const igq_scheme_cfg *cfg);
    // The same of channels of token t.
    void (*count_act_zeros)(uint32_t *zeros, const igq_activation_codes *act, int t, int C, igq_members members,
                            const igq_scheme_cfg *cfg);
    const struct igq_pairing *pairing; // of such activations, whatever the weights that they can meet
} igq_format;

extern const igq_format igq_format_affine, igq_format_tender, igq_format_vector, igq_format_block;

const igq_format *igq_act_format(const igq_scheme_cfg *cfg);
const igq_format *igq_weight_format(const igq_scheme_cfg *cfg);

// Where and how sums are scaled.
typedef enum igq_scaling {
    IGQ_SCALING_GROUPS,  // the sums of groups leave the arrays and are scaled on their way out
    IGQ_SCALING_INTEGER, // the sum of each vector of channels times an integer scale, on its way into the accumulator
    IGQ_SCALING_FP32     // the sum of each block of channels times its scales, on its way into an FP32 accumulator
} igq_scaling;

// How activations of one format meet weights of another.
typedef struct igq_pairing {
    igq_scaling scaling;
    int least_acc_bits, most_acc_bits; // accumulators that it is defined for
    uint64_t (*product)(float *y, const igq_activation_codes *act, int first_token, int T,
                        const igq_code_weights *weights, const float *bias, int exponent, int tile_channels,
                        const igq_scheme_cfg *cfg, void *scratch);
    uint64_t (*product_rows)(float *y, const igq_activation_codes *act, int R, const igq_code_weights *weights,
                             int exponent, int tile_channels, const igq_scheme_cfg *cfg, void *scratch);
    size_t (*scratch_bytes)(int T, int C, int O, int G, const igq_scheme_cfg *cfg);
} igq_pairing;

extern const igq_pairing igq_pairing_affine, igq_pairing_tender, igq_pairing_scaled, igq_pairing_vector,
    igq_pairing_block;

// NULL: there is no hardware for the two, for the reason that igq_pairing_refusal gives (NULL: there is).
const igq_pairing *igq_pairing_of(const igq_scheme_cfg *cfg);
const char *igq_pairing_refusal(const igq_scheme_cfg *cfg);

// Width of the codes where calibration says `bits`: formats with elements of their own do not ask it.
int igq_act_code_bits(const igq_scheme_cfg *cfg, int bits);
int igq_weight_code_bits(const igq_scheme_cfg *cfg, int bits);

// Scales that lie beside the codes of an output channel of C weights, and their bits; 0 where a quantizer belongs to
// one or several output channels.
int igq_num_weight_scales(const igq_scheme_cfg *cfg, int C);
int igq_weight_scale_bits(const igq_scheme_cfg *cfg, int C);

// Channels that share a scale of vsquant: vsquant_vector_length, or those of a vector MAC (0), or, of
// weights alone, 16 where it has one.
int igq_vsquant_length(const igq_scheme_cfg *cfg);

// For formats whose codes are the integers that enter the multipliers.
int igq_same_bits(const igq_scheme_cfg *cfg, int bits);

// Of all calibrated members, in grid units.
int igq_largest_magnitude(const igq_group_bounds *bounds);

// Calibrated b, m of a member and M (at least 1) of tender.h, in grid units; b is rounded down.
int igq_tender_middle(const igq_scheme_cfg *cfg, const igq_group_bounds *bounds, int member);
int igq_tender_magnitude(const igq_scheme_cfg *cfg, const igq_group_bounds *bounds, int member);
int igq_tender_largest(const igq_scheme_cfg *cfg, const igq_group_bounds *bounds);

// zeros[c] += 1 where codes[c] is the zero point. (C)
void igq_count_equal(uint32_t *zeros, const uint8_t *codes, uint8_t zero_point, int C);

#ifdef __cplusplus
}
#endif
#endif
