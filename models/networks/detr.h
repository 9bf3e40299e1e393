// SPDX-License-Identifier: Apache-2.0
// detr.h - DETR (Carion et al., ECCV 2020): a ResNet (He et al., CVPR 2016) of bottleneck blocks, an encoder and a
// decoder with cross attention, and predictions for each query. Weights have Hugging Face's names for the transformer
// (encoder.layers.0.self_attn.q_proj.weight), torchvision's for the ResNet behind "backbone." (layer1.0.conv1.weight).
#ifndef IGQ_DETR_H
#define IGQ_DETR_H
#include "graph.h"

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

// Input pixel_values [1][channels][height][width], outputs logits [1][queries][classes + 1] and pred_boxes
// [1][queries][4]. Queries and keys see positions (sines of them, as the authors' with normalization), values do not.
// Blocks of the transformer are b0, b1, ...: the encoder's, then the decoder's, whose cross attention is named "bN.x".
// NULL when memory is short.
igq_graph *igq_detr_graph(const igq_detr_shape *shape);

// Its parts. A ResNet whose stem has `width` channels: x [1][C][H][W] to the last stage's results.
int igq_detr_build_resnet(igq_graph *graph, int x, const int depth[IGQ_RESNET_STAGES], int width);
// A block of it: 1 x 1, 3 x 3, 1 x 1 to four times `width`, whose output is added to the block's input. The first block
// of a stage projects that input, before; stages but the first halve the resolution there, in the 3 x 3 convolution.
int igq_detr_build_bottleneck(igq_graph *graph, int x, int stage, int block, int width);
// Sines of the places of an image, [height * width][dim]; dim is a multiple of 4.
int igq_detr_build_positions(igq_graph *graph, int height, int width, int dim);
// Encoder, decoder and predictions of x [1][dim][height][width] at `positions`; adds the outputs.
void igq_detr_build_transformer(igq_graph *graph, int x, int positions, const igq_detr_shape *shape);

#ifdef __cplusplus
}
#endif
#endif
