// SPDX-License-Identifier: Apache-2.0
// tender.h - Tender's decomposition of a tensor (Lee et al., ISCA 2024): channels are dealt to groups by their largest
// magnitude, once and for all, and the scales of neighbouring groups are a factor of two apart, so that an accumulator
// goes on from group to group after a shift. The middle of a channel may be taken from it before. Signed codes:
//   m(c) = max_t |x(t,c) - b(c)|,  M = max_c m(c),  b(c) = (max_t x(t,c) + min_t x(t,c)) / 2 or 0
//   group(c) = g with M / 2^(g+1) < m(c) <= M / 2^g; the last, G - 1, takes all that are smaller
//   s_g = M / ((2^(N-1)-1) 2^g),  q = clip(floor((x - b) / s_g + 1/2), +-(2^(N-1)-1))
//   y(t,o) = s_(G-1) sum_g 2^(G-1-g) sum_(c in g) q(t,c) w(o,c) + sum_c b(c) w(o,c)
// The last sum depends on weights and calibration alone and joins the bias of the layer.
#ifndef IGQ_TENDER_H
#define IGQ_TENDER_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_TENDER_MAX_GROUPS 16 // the finest group has 2^-15 of the coarsest one's scale

// Group of a channel. magnitude >= 0, largest >= magnitude, G in [1, IGQ_TENDER_MAX_GROUPS].
int igq_tender_group(double magnitude, double largest, int G);

// s_g; largest > 0, bits N in [2, 8].
double igq_tender_step(double largest, int group, int bits);

// q of one value of group g, x without its b: exactly, since x and largest are floats (24 bits), whose quotient is
// further from a tie than double rounds.
int igq_tender_code(double x, double largest, int group, int bits);

// Whose groups they are.
typedef enum igq_tender_groups_of { IGQ_TENDER_CHANNELS, IGQ_TENDER_ROWS } igq_tender_groups_of;

// Codes [R][C] plus 2^(N-1), that is unsigned with that zero point, of x [R][C] and middle b (C). group: (C) of the
// channels or (R) of the rows. largest in [1, 32768]. scratch (C).
void igq_tender_codes(uint8_t *codes, const int16_t *x, const int16_t *middle, const uint16_t *group,
                      igq_tender_groups_of of, int R, int C, int largest, int bits, double *scratch);
void igq_tender_codes_ref(uint8_t *codes, const int16_t *x, const int16_t *middle, const uint16_t *group,
                          igq_tender_groups_of of, int R, int C, int largest, int bits);

#ifdef __cplusplus
}
#endif
#endif
