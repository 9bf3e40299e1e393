// SPDX-License-Identifier: Apache-2.0
#include "finite.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

size_t igq_first_not_finite(const float *values, size_t num)
{
    enum { CHUNK = 4096, EXPONENT = 0x7f800000 };
    for (size_t begin = 0; begin < num; begin += CHUNK) {
        size_t end = num - begin < CHUNK ? num : begin + CHUNK;
        int found = 0;
        for (size_t i = begin; i < end; i++) {
            uint32_t bits;
            memcpy(&bits, &values[i], sizeof bits);
            found |= (bits & EXPONENT) == EXPONENT;
        }
        for (size_t i = begin; found && i < end; i++)
            if (!isfinite(values[i]))
                return i;
    }
    return num;
}

const char *igq_not_finite_text(float value)
{
    return isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}
