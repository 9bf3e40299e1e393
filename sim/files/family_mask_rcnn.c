// SPDX-License-Identifier: Apache-2.0
#include "family_swin.h"

// clang-format off
static const igq_key keys[] = {
    SWIN_KEYS(mask_rcnn.backbone),
    INT("network", "fpn_channels", mask_rcnn.fpn_channels, 1, 1024, "channels", "of each level of the feature pyramid"),
    INT("network", "anchors", mask_rcnn.anchors, 1, 64, "", "of the region proposals, at each pixel"),
    INT("network", "proposals", mask_rcnn.proposals, 1, 1 << 14, "", "regions that the box heads look at"),
    INT("network", "detections", mask_rcnn.detections, 1, 1 << 12, "", "regions that the mask heads look at"),
    INT("network", "cascade_stages", mask_rcnn.cascade_stages, 1, 8, "",
        "box and mask heads behind one another; 1: Mask R-CNN"),
    INT("network", "box_convs", mask_rcnn.box_convs, 0, 16, "", "convolutions of a box head"),
    INT("network", "box_fcs", mask_rcnn.box_fcs, 1, 16, "", "its fully connected layers, before the predictions"),
    INT("network", "box_fc_dim", mask_rcnn.box_fc_dim, 1, 4096, "channels", "their outputs"),
    INT("network", "box_size", mask_rcnn.box_size, 1, 64, "pixels", "side of the regions that it looks at"),
    INT("network", "mask_convs", mask_rcnn.mask_convs, 0, 16, "", "convolutions of a mask head"),
    INT("network", "mask_size", mask_rcnn.mask_size, 1, 64, "pixels", "side of the regions that it looks at"),
    PREPROCESS_KEYS("1"),
};
// clang-format on

// Inputs of a box head's first layer.
static igq_status check(igq_workload *workload, igq_key_source *source)
{
    const igq_mask_rcnn_shape *shape = &workload->mask_rcnn;
    igq_status status = igq_swin_check(&shape->backbone, source);
    return status == IGQ_OK ? igq_check_most((long long)shape->box_size * shape->box_size * shape->fpn_channels,
                                             "values of a region", IGQ_MAX_CHANNELS, "network.box_size", source)
                            : status;
}

static igq_graph *graph(const igq_workload *workload)
{
    return igq_mask_rcnn_graph(&workload->mask_rcnn);
}

const igq_family_row igq_family_mask_rcnn = {
    .keys = keys,
    .num_keys = NUM(keys),
    .check = check,
    .graph = graph,
    .dialects = igq_mask_rcnn_dialects,
    .note = "Regions that the box and mask heads look at are drawn: choosing them takes sorting"};
