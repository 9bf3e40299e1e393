// SPDX-License-Identifier: Apache-2.0
// rng.h - seeded random numbers for tests: splitmix64 (Steele, Lea, Flood 2014), the same on every machine.
#ifndef IGQ_TEST_RNG_H
#define IGQ_TEST_RNG_H
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct rng {
    uint64_t state; // the seed at first
} rng;

// What a test draws from: its own seed, or $IGQSIM_TEST_SEED where somebody wants other cases.
static inline uint64_t test_seed(uint64_t seed)
{
    const char *text = getenv("IGQSIM_TEST_SEED");
    return text ? strtoull(text, NULL, 10) : seed;
}

static inline uint64_t rng_next(rng *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// Integer in [min, max]. (The bias of the remainder is far below what a test could see.)
static inline int rng_int(rng *random, int min, int max)
{
    return (int)((int64_t)min + (int64_t)(rng_next(random) % (uint64_t)((int64_t)max - min + 1)));
}

// Real number in [min, max).
static inline double rng_real(rng *random, double min, double max)
{
    return min + (max - min) * ((double)(rng_next(random) >> 11) * 0x1p-53);
}

static inline void rng_fill_int16(int16_t *values, size_t num, int min, int max, rng *random)
{
    for (size_t i = 0; i < num; i++)
        values[i] = (int16_t)rng_int(random, min, max);
}

static inline void rng_fill_uint8(uint8_t *values, size_t num, int min, int max, rng *random)
{
    for (size_t i = 0; i < num; i++)
        values[i] = (uint8_t)rng_int(random, min, max);
}

static inline void rng_fill_float(float *values, size_t num, double min, double max, rng *random)
{
    for (size_t i = 0; i < num; i++)
        values[i] = (float)rng_real(random, min, max);
}

#endif
