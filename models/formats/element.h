// SPDX-License-Identifier: Apache-2.0
// element.h - the small numbers that share a scale: floating point of 4 to 8 bits and two's complement fractions.
// Source: OCP Microscaling Formats (MX) v1.0, section 5.3; the rounding follows its authors' reference implementation.
//   floating point: sign | exponent | mantissa, bias 2^(exponent bits - 1) - 1, subnormals, no use of infinities, NaN
//   integer of n bits: code * 2^-(n-2), in [-(2 - 2^-(n-2)), 2 - 2^-(n-2)]; the most negative code is not used
// A code is a byte whose upper bits are zero. Rounding is to nearest; beyond the largest number it saturates. A
// negative number that rounds to zero keeps its sign in floating point.
#ifndef IGQ_ELEMENT_H
#define IGQ_ELEMENT_H
#include "params.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_element {
    int code_bits;
    int exponent_bits; // 0: integer
    int fraction_bits; // stored bits of the mantissa; of an integer n - 2
    int emax;          // exponent of the largest number
    int emin;          // of the least normal number; of an integer 0
    int max_code;      // of the largest number
    int unit_log2;     // every number is a whole multiple of 2^unit_log2
} igq_element;

igq_element igq_element_of(igq_element_kind kind);
igq_element igq_element_of_integer(int bits); // in [2, 8]

double igq_element_largest(const igq_element *element);

// The nearest code of a finite y.
uint8_t igq_element_encode(const igq_element *element, double y, igq_ties ties);
// The same by looking at every code.
uint8_t igq_element_encode_ref(const igq_element *element, double y, igq_ties ties);

// What a code stands for: a whole number of 2^unit_log2, at most 2^32.
int64_t igq_element_integer(const igq_element *element, uint8_t code);
double igq_element_value(const igq_element *element, uint8_t code);

// floor(log2 |v|) of a finite v that is not zero.
int igq_floor_log2(double v);

#ifdef __cplusplus
}
#endif
#endif
