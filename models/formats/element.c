// SPDX-License-Identifier: Apache-2.0
#include "element.h"
#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

static_assert(DBL_MANT_DIG == 53 && FLT_RADIX == 2, "doubles are IEEE 754 binary64");

static igq_element of_float(int exponent_bits, int fraction_bits, int emax, int max_code)
{
    int emin = 2 - (1 << (exponent_bits - 1));
    return (igq_element){.code_bits = 1 + exponent_bits + fraction_bits,
                         .exponent_bits = exponent_bits,
                         .fraction_bits = fraction_bits,
                         .emax = emax,
                         .emin = emin,
                         .max_code = max_code,
                         .unit_log2 = emin - fraction_bits};
}

igq_element igq_element_of_integer(int bits)
{
    assert(bits >= 2 && bits <= 8);
    return (igq_element){
        .code_bits = bits, .fraction_bits = bits - 2, .max_code = (1 << (bits - 1)) - 1, .unit_log2 = -(bits - 2)};
}

igq_element igq_element_of(igq_element_kind kind)
{
    switch (kind) {
    case IGQ_ELEMENT_FP4_E2M1:
        return of_float(2, 1, 2, 0x7); // 6
    case IGQ_ELEMENT_FP6_E2M3:
        return of_float(2, 3, 2, 0x1f); // 7.5
    case IGQ_ELEMENT_FP6_E3M2:
        return of_float(3, 2, 4, 0x1f); // 28
    case IGQ_ELEMENT_FP8_E4M3:
        return of_float(4, 3, 8, 0x7e); // 448; 0x7f is NaN
    case IGQ_ELEMENT_FP8_E5M2:
        return of_float(5, 2, 15, 0x7b); // 57344; 0x7c is infinite
    case IGQ_ELEMENT_INT8:
        return igq_element_of_integer(8);
    default:
        return igq_element_of_integer(4);
    }
}

int igq_floor_log2(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7ff);
    assert(exponent != 0x7ff && v != 0);
    if (exponent > 0)
        return exponent - 1023;
    frexp(v, &exponent); // a subnormal double
    return exponent - 1;
}

// v >= 0 to the nearest whole number.
static int round_magnitude(double v, igq_ties ties)
{
    int below = (int)v;
    double rest = v - below;
    int tie_goes_up = ties == IGQ_TIES_AWAY || below % 2 == 1;
    return below + (rest > 0.5 || (rest == 0.5 && tie_goes_up));
}

static uint8_t with_sign(const igq_element *element, int magnitude_code, int negative)
{
    if (element->exponent_bits > 0)
        return (uint8_t)(magnitude_code | negative << (element->code_bits - 1));
    return (uint8_t)((negative ? -magnitude_code : magnitude_code) & ((1 << element->code_bits) - 1));
}

uint8_t igq_element_encode(const igq_element *element, double y, igq_ties ties)
{
    double magnitude = fabs(y);
    int code = element->max_code, negative = signbit(y) != 0;
    // So far above the largest that it need not be looked at; keeps the whole number below small.
    if (magnitude < ldexp(1, element->emax + 2)) {
        int exponent = element->emin;
        if (element->exponent_bits > 0 && magnitude >= ldexp(1, element->emin))
            exponent = igq_floor_log2(magnitude);
        // A hidden bit adds one to the field of the exponent, a mantissa that is rounded up to 2 another.
        code = ((exponent - element->emin) << element->fraction_bits) +
               round_magnitude(ldexp(magnitude, element->fraction_bits - exponent), ties);
        code = code < element->max_code ? code : element->max_code;
    }
    return with_sign(element, code, negative);
}

int64_t igq_element_integer(const igq_element *element, uint8_t code)
{
    int sign = code >> (element->code_bits - 1) & 1;
    if (element->exponent_bits == 0)
        return sign ? (int64_t)code - ((int64_t)1 << element->code_bits) : code;
    int field = code >> element->fraction_bits & ((1 << element->exponent_bits) - 1);
    int64_t fraction = code & ((1 << element->fraction_bits) - 1);
    int64_t hidden = (int64_t)1 << element->fraction_bits;
    int64_t magnitude = field == 0 ? fraction : (hidden + fraction) << (field - 1);
    return sign ? -magnitude : magnitude;
}

double igq_element_value(const igq_element *element, uint8_t code)
{
    double magnitude = ldexp((double)igq_element_integer(element, code), element->unit_log2);
    int is_negative_zero = magnitude == 0 && code != 0;
    return is_negative_zero ? -magnitude : magnitude;
}

double igq_element_largest(const igq_element *element)
{
    return igq_element_value(element, (uint8_t)element->max_code);
}

uint8_t igq_element_encode_ref(const igq_element *element, double y, igq_ties ties)
{
    int nearest = 0;
    for (int code = 1; code <= element->max_code; code++) {
        double old = fabs(fabs(y) - igq_element_value(element, (uint8_t)nearest));
        double now = fabs(fabs(y) - igq_element_value(element, (uint8_t)code));
        if (now < old || (now == old && (ties == IGQ_TIES_AWAY || code % 2 == 0)))
            nearest = code;
    }
    return with_sign(element, nearest, signbit(y) != 0);
}
