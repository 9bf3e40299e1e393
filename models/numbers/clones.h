// SPDX-License-Identifier: Apache-2.0
// clones.h - IGQ_CLONES before a function compiles it twice, for AVX2 and for the baseline processor; the loader picks
// one. Both give the same bits: neither may contract a product and a sum (-ffp-contract=off, and AVX2 alone has no
// FMA). Clang only gets the baseline: its version 14 names the dispatcher so that other files cannot find it. So does
// ThreadSanitizer, which has not begun when the loader picks.
#ifndef IGQ_CLONES_H
#define IGQ_CLONES_H
#include <stdint.h> // brings __GLIBC__: other C libraries have no dispatch at load time

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) &&                           \
    !defined(__SANITIZE_THREAD__)
#define IGQ_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define IGQ_CLONES
#endif

#endif
