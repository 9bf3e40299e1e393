// SPDX-License-Identifier: Apache-2.0
// test_random.h - seeded random numbers for tests (splitmix64): the same on every machine.
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H
#include <stddef.h>
#include <stdint.h>

typedef struct test_random {
    uint64_t state;
} test_random;

static inline uint64_t test_random_bits(test_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// In [low, high].
static inline int test_random_int(test_random *random, int low, int high)
{
    return low + (int)(test_random_bits(random) % (uint64_t)(high - low + 1));
}

// In [low, high).
static inline float test_random_float(test_random *random, float low, float high)
{
    return low + (high - low) * (float)(test_random_bits(random) >> 40) * 0x1p-24f;
}

static inline void test_random_fill(test_random *random, float *x, size_t num, float low, float high)
{
    for (size_t i = 0; i < num; i++)
        x[i] = test_random_float(random, low, high);
}

#endif
