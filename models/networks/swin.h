// SPDX-License-Identifier: Apache-2.0
// swin.h - a Swin transformer (Liu et al., ICCV 2021). Windows that reach over the edge of a stage are padded, as in
// the published code: attention works on the padded tokens. Weights have timm's names
// (layers.0.blocks.0.attn.qkv.weight); relative positions are read from their table and added to the scores, and so is
// the mask of shifted windows.
#ifndef IGQ_SWIN_H
#define IGQ_SWIN_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_SWIN_STAGES 4

typedef struct igq_swin_shape {
    int image_height, image_width, image_channels;
    int patch_size;             // square
    int dim;                    // channels of the first stage; each stage has twice those of the one before
    int depth[IGQ_SWIN_STAGES]; // blocks of each stage
    int head_dim;               // channels of a head
    int window_size;            // tokens, side of a square window
    int mlp_ratio;              // hidden width of the MLP over dim
    int classes;
} igq_swin_shape;

// Tokens and channels of a stage.
typedef struct igq_feature_map {
    int height, width, channels;
    int value; // [height][width][channels], of a graph
} igq_feature_map;

// Input pixel_values [1][channels][height][width]; layers patch_embed; per block qkv, scores, context, proj, fc1, fc2;
// merge between stages. Gives the stages' results.
void igq_swin_build_stages(igq_feature_map stage[IGQ_SWIN_STAGES], igq_graph *graph, const igq_swin_shape *shape);

// The stages, then head (T = 1): output logits [1][classes]. NULL when memory is short.
igq_graph *igq_swin_graph(const igq_swin_shape *shape);

#ifdef __cplusplus
}
#endif
#endif
