// SPDX-License-Identifier: Apache-2.0
// bops.h - work in bit operations (BOPs), the measure in which IGQ-ViT counts the cost of assignment (its Table 1).
// A product of an n-bit and an m-bit number is n*m BOPs; an addition, subtraction or comparison of n-bit numbers is n
// BOPs. The additions of a matrix product are not counted, as is usual.
#ifndef IGQ_BOPS_H
#define IGQ_BOPS_H
#include "params.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// One matrix product [T][C] x [O][C]^T.
uint64_t igq_matmul_bops(int T, int C, int O, int act_bits, int weight_bits);

// One run of the group assignment module: minimum and maximum of every member (two 16-bit comparisons for each value),
// its distance from every group, and the least of them. Differences of 16-bit numbers have 17 bits:
//   l2    two 17-bit subtractions, two 17 x 17-bit squares, one 34-bit addition; distances of 35 bits
//   l1    two 17-bit subtractions, two 17-bit negations, one 17-bit addition;    distances of 18 bits
//   linf  two 17-bit subtractions, two 17-bit negations, one 17-bit comparison;  distances of 17 bits
//   then num_groups - 1 comparisons of distances. num_groups = 0: ranges only (channelwise).
uint64_t igq_assign_bops(int observations, int members, int num_groups, igq_distance distance);

#ifdef __cplusplus
}
#endif
#endif
