// SPDX-License-Identifier: Apache-2.0
// mask_rcnn.h - Mask R-CNN (He et al., ICCV 2017) and Cascade Mask R-CNN (Cai and Vasconcelos, CVPR 2018) on a Swin
// backbone: feature pyramid, region proposals, box and mask heads. Which regions the heads look at depends on sorting
// and on suppressing what overlaps, which a graph of fixed shapes does not do: they are drawn, with a quarter of them
// on each level of the pyramid, and every stage of a cascade looks at the same ones. Weights have the names of
// mmdetection (neck.lateral_convs.0.conv.weight), those of the backbone timm's.
#ifndef IGQ_MASK_RCNN_H
#define IGQ_MASK_RCNN_H
#include "swin.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_mask_rcnn_shape {
    igq_swin_shape backbone; // its classes are those of the detector
    int fpn_channels;        // of each level of the pyramid
    int anchors;             // of the region proposals, at each pixel of each level
    int proposals;           // regions that the box heads look at
    int detections;          // regions that the mask heads look at
    int cascade_stages;      // box and mask heads behind one another; 1: Mask R-CNN
    int box_convs, box_fcs;  // of a box head, before its predictions
    int box_fc_dim;          // outputs of its fully connected layers
    int box_size, mask_size; // pixels, sides of the regions that the heads look at
    int mask_convs;          // of a mask head, before it doubles its resolution
} igq_mask_rcnn_shape;

// Input pixel_values; outputs, for each stage S of a cascade (nothing for Mask R-CNN): class_logitsS [proposals]
// [classes + 1], box_deltasS [proposals][4 classes], masksS [detections][classes][2 mask_size][2 mask_size]; then
// rpn.p2 ... rpn.p6 [1][5 anchors][height][width]. NULL when memory is short.
igq_graph *igq_mask_rcnn_graph(const igq_mask_rcnn_shape *shape);

#ifdef __cplusplus
}
#endif
#endif
