// SPDX-License-Identifier: Apache-2.0
#include "range.h"
#include "clones.h"
#include <assert.h>
#include <string.h>

static inline int16_t min16(int16_t a, int16_t b)
{
    return a < b ? a : b;
}
static inline int16_t max16(int16_t a, int16_t b)
{
    return a > b ? a : b;
}

IGQ_CLONES void igq_range_channels(int16_t *restrict lo, int16_t *restrict hi, const int16_t *restrict x, int T, int C)
{
    assert(T >= 1 && C >= 1);
    memcpy(lo, x, (size_t)C * sizeof *lo);
    memcpy(hi, x, (size_t)C * sizeof *hi);
    for (int t = 1; t < T; t++) {
        const int16_t *x_t = x + (size_t)t * (size_t)C;
        for (int c = 0; c < C; c++) {
            lo[c] = min16(lo[c], x_t[c]);
            hi[c] = max16(hi[c], x_t[c]);
        }
    }
}

void igq_range_channels_ref(int16_t *lo, int16_t *hi, const int16_t *x, int T, int C)
{
    for (int c = 0; c < C; c++) {
        lo[c] = hi[c] = x[c];
        for (int t = 1; t < T; t++) {
            lo[c] = min16(lo[c], x[(size_t)t * (size_t)C + (size_t)c]);
            hi[c] = max16(hi[c], x[(size_t)t * (size_t)C + (size_t)c]);
        }
    }
}

IGQ_CLONES void igq_range_rows(int16_t *restrict lo, int16_t *restrict hi, const int16_t *restrict x, int R, int K)
{
    assert(R >= 1 && K >= 1);
    for (int r = 0; r < R; r++) {
        const int16_t *x_r = x + (size_t)r * (size_t)K;
        int16_t least = x_r[0];
        int16_t largest = x_r[0];
        for (int k = 1; k < K; k++) {
            least = min16(least, x_r[k]);
            largest = max16(largest, x_r[k]);
        }
        lo[r] = least;
        hi[r] = largest;
    }
}
