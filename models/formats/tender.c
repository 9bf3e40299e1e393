// SPDX-License-Identifier: Apache-2.0
#include "tender.h"
#include "clones.h"
#include "fixed.h"
#include <assert.h>
#include <math.h>

int igq_tender_group(double magnitude, double largest, int G)
{
    assert(magnitude <= largest && G >= 1 && G <= IGQ_TENDER_MAX_GROUPS);
    int group = 0;
    while (group < G - 1 && ldexp(magnitude, group + 1) <= largest)
        group++;
    return group;
}

static int largest_code(int bits)
{
    return (1 << (bits - 1)) - 1;
}

double igq_tender_step(double largest, int group, int bits)
{
    return ldexp(largest / largest_code(bits), -group);
}

// x / s_g with one rounding: x times a whole number of at most 22 bits is exact.
static double codes_per_largest(int group, int bits)
{
    return ldexp(largest_code(bits), group);
}

int igq_tender_code(double x, double largest, int group, int bits)
{
    const double limit = largest_code(bits), code = x * codes_per_largest(group, bits) / largest;
    return (int)igq_round(code > limit ? limit : code < -limit ? -limit : code);
}

IGQ_CLONES static void code_row(uint8_t *restrict codes, const int16_t *restrict x, const int16_t *restrict middle,
                                const double *restrict factor, int num, double largest, int bits)
{
    const double limit = largest_code(bits);
    const int zero_point = 1 << (bits - 1);
    for (int c = 0; c < num; c++) {
        const double code = (x[c] - middle[c]) * factor[c] / largest;
        const double low = code > -limit ? code : -limit;
        const double clipped = low < limit ? low : limit;
        // Truncation goes down, since nothing is below zero here. No quotient of numbers of 39 and 16 bits is so near
        // to a tie that the sum rounds to it.
        codes[c] = (uint8_t)(int)(clipped + (zero_point + 0.5));
    }
}

void igq_tender_codes(uint8_t *codes, const int16_t *x, const int16_t *middle, const uint16_t *group,
                      igq_tender_groups_of of, int R, int C, int largest, int bits, double *scratch)
{
    for (int c = 0; of == IGQ_TENDER_CHANNELS && c < C; c++)
        scratch[c] = codes_per_largest(group[c], bits);
    for (int r = 0; r < R; r++) {
        for (int c = 0; of == IGQ_TENDER_ROWS && c < C; c++)
            scratch[c] = codes_per_largest(group[r], bits);
        code_row(codes + (size_t)r * (size_t)C, x + (size_t)r * (size_t)C, middle, scratch, C, largest, bits);
    }
}

/// Naive ///

// floor((2 n + d) / 2 d): n / d rounded half up, in whole numbers.
static int64_t rounded_quotient(int64_t n, int64_t d)
{
    const int64_t sum = 2 * n + d, quotient = sum / (2 * d);
    return quotient - (sum % (2 * d) < 0);
}

void igq_tender_codes_ref(uint8_t *codes, const int16_t *x, const int16_t *middle, const uint16_t *group,
                          igq_tender_groups_of of, int R, int C, int largest, int bits)
{
    const int64_t limit = largest_code(bits);
    for (int r = 0; r < R; r++)
        for (int c = 0; c < C; c++) {
            const size_t i = (size_t)r * (size_t)C + (size_t)c;
            const int g = group[of == IGQ_TENDER_ROWS ? r : c];
            int64_t code = rounded_quotient((x[i] - middle[c]) * limit * ((int64_t)1 << g), largest);
            code = code > limit ? limit : code < -limit ? -limit : code;
            codes[i] = (uint8_t)(code + limit + 1);
        }
}
