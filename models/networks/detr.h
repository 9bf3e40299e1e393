// SPDX-License-Identifier: Apache-2.0
// detr.h - DETR (Carion et al., ECCV 2020): a ResNet (He et al., CVPR 2016) of bottleneck blocks, an encoder and a
// decoder with cross attention, and predictions for each query.
#ifndef IGQ_DETR_H
#define IGQ_DETR_H
#include "network.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_RESNET_STAGES 4

typedef struct igq_detr_shape {
    int image_height, image_width, image_channels;
    int depth[IGQ_RESNET_STAGES]; // bottleneck blocks of each stage of the ResNet
    int dim, heads, mlp_dim;      // of the transformer; dim is a multiple of heads
    int encoder_depth, decoder_depth, queries, classes;
} igq_detr_shape;

// Blocks of the transformer are b0, b1, ...: the encoder's, then the decoder's, whose cross attention is named "bN.x".
// Positions are added by the vector unit, and left out.
igq_network *igq_detr_network(const igq_detr_shape *shape);

#ifdef __cplusplus
}
#endif
#endif
