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
} igq_matmuls;

// More channels than the buffers of a machine hold are cut into slices of nearly equal width, layers whose sums are
// added up as a residual, as convolutions are (network.h).
#define IGQ_MOST_MATMUL_CHANNELS 3072
int igq_matmul_slices(const igq_matmul *item);

// A layer for each product and slice, `count` times; where there are several they are named NAME.0, NAME.1, ... NULL
// when memory is short.
igq_network *igq_matmuls_network(const igq_matmuls *matmuls);

#ifdef __cplusplus
}
#endif
#endif
