// SPDX-License-Identifier: Apache-2.0
// instance.h - what the hardware saw of one input image: the range of every channel of every linear layer's input and
// of every softmax row, on the calibrated grids, and (where whole activations were at hand) quantization noise. The
// datapath fills it, a trace file fills it, or a seeded distribution; timing needs nothing else of an image.
#ifndef IGQ_INSTANCE_H
#define IGQ_INSTANCE_H
#include "network.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_range {
    int num;          // C channels or T rows
    int16_t *lo, *hi; // (num)
} igq_range;

typedef struct igq_layer_noise {
    int known;                // 0: no whole activations were at hand
    double signal, noise;     // grid units squared, see igq_power
    uint64_t overflow_count;  // saturated group sums (0 unless executed)
    uint64_t saturated_count; // wide activations that left the 16-bit grid (0 unless executed or full trace)
} igq_layer_noise;

typedef struct igq_instance {
    int num_linear, num_softmax;    // of the network
    igq_range *linear;              // (num_linear)
    igq_range *softmax;             // (num_softmax) of every product of every attention
    igq_layer_noise *linear_noise;  // (num_linear)
    igq_layer_noise *softmax_noise; // of every attention, all its products together
    int executed;                   // 1: on weights, so that zero_products and zero_weights are known
    uint64_t *zero_products; // (num_layers of the network) multiplications with a zero operand, see zero_products.h
    uint8_t **zero_weights;  // (num_linear) by channel: 1 if all its weights are zero
} igq_instance;

// One block of memory; NULL when memory is short. Ranges are zero, noise unknown.
igq_instance *igq_instance_new(const igq_network *network);
void igq_instance_free(igq_instance *instance);

#ifdef __cplusplus
}
#endif
#endif
