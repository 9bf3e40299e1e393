// SPDX-License-Identifier: Apache-2.0
// matmuls.h - a list of matrix products as a network: [M][K] times [K][N], with weights [N][K]. No product reads what
// another one made: every input comes from DRAM, every result goes there.
#ifndef IGQ_MATMULS_H
#define IGQ_MATMULS_H
#include "network.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_matmul {
    char name[IGQ_LAYER_NAME_BYTES];
    int M, N, K;               // tokens, outputs, channels
    int count;                 // how often
    int act_bits, weight_bits; // 0: not said
} igq_matmul;

typedef struct igq_matmuls {
    int num;
    igq_matmul *item;
    int most_channels; // that the lists of a machine hold; 0: any number
} igq_matmuls;

// More channels than a machine has lists for are cut into slices of nearly equal width, layers whose sums are added up
// as a residual, as convolutions are (network.h). (More than its buffers hold are cut into tiles, tiling.h.)
int igq_matmul_slices(const igq_matmuls *matmuls, const igq_matmul *item);

// A layer for each product and slice, `count` times; where there are several they are named NAME.0, NAME.1, ... NULL
// when memory is short.
igq_network *igq_matmuls_network(const igq_matmuls *matmuls);

#ifdef __cplusplus
}
#endif
#endif
