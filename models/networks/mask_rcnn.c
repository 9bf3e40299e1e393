// SPDX-License-Identifier: Apache-2.0
#include "mask_rcnn.h"
#include "layer_name.h"

// Lateral convolutions, the coarsest first; each finer map is added to the one above it, upsampled. Then a convolution
// on each.
static void add_pyramid(igq_network *network, const igq_mask_rcnn_shape *shape,
                        const igq_feature_map map[IGQ_SWIN_STAGES])
{
    int lateral[IGQ_SWIN_STAGES];
    for (int s = IGQ_SWIN_STAGES - 1; s >= 0; s--) {
        const igq_conv conv = {map[s].layer, map[s].height * map[s].width, 1, map[s].channels, shape->fpn_channels};
        igq_network_add_conv(network, IGQ_LAYER_FPN, conv, "p%d.lateral", s + 2)->residual = s < IGQ_SWIN_STAGES - 1;
        lateral[s] = network->num_layers - 1;
    }
    for (int s = 0; s < IGQ_SWIN_STAGES; s++) {
        const igq_conv conv = {lateral[s], map[s].height * map[s].width, 3, shape->fpn_channels, shape->fpn_channels};
        igq_network_add_conv(network, IGQ_LAYER_FPN, conv, "p%d.output", s + 2)->read_again = 1; // by all heads
    }
}

// One head looks at all levels; the fifth level is every other pixel of the fourth.
static void add_region_proposals(igq_network *network, const igq_mask_rcnn_shape *shape,
                                 const igq_feature_map map[IGQ_SWIN_STAGES], int pyramid)
{
    const igq_feature_map *coarsest = &map[IGQ_SWIN_STAGES - 1];
    int pixels = (coarsest->height + 1) / 2 * ((coarsest->width + 1) / 2), channels = shape->fpn_channels;
    for (int s = 0; s < IGQ_SWIN_STAGES; s++)
        pixels += map[s].height * map[s].width;
    igq_network_add_conv(network, IGQ_LAYER_RPN, (igq_conv){pyramid, pixels, 3, channels, channels}, "rpn.conv");
    // Whether there is an object, and the four sides of its box.
    const igq_conv predict = {network->num_layers - 1, pixels, 1, channels, 5 * shape->anchors};
    igq_network_add_conv(network, IGQ_LAYER_HEAD, predict, "rpn.predict");
}

// The first fully connected layer is a convolution over the whole region. stage: "", or its number in a cascade.
static void add_box_head(igq_network *network, const igq_mask_rcnn_shape *shape, const char *stage, int pyramid)
{
    int classes = shape->backbone.classes, region_pixels = shape->box_size * shape->box_size;
    igq_conv conv = {pyramid, shape->proposals * region_pixels, 3, shape->fpn_channels, shape->fpn_channels};
    for (int i = 1; i <= shape->box_convs; i++) {
        igq_network_add_conv(network, IGQ_LAYER_BOX, conv, "box%s.conv%d", stage, i);
        conv.input = network->num_layers - 1;
    }
    igq_conv fc = {conv.input, shape->proposals, shape->box_size, shape->fpn_channels, shape->box_fc_dim};
    for (int i = 1; i <= shape->box_fcs; i++) {
        igq_network_add_conv(network, IGQ_LAYER_BOX, fc, "box%s.fc%d", stage, i);
        fc = (igq_conv){network->num_layers - 1, shape->proposals, 1, shape->box_fc_dim, shape->box_fc_dim};
    }
    fc.out = classes + 1 + 4 * classes; // classes with background, and a box for each class
    igq_network_add_conv(network, IGQ_LAYER_HEAD, fc, "box%s.predict", stage);
}

// Convolutions, one that doubles the resolution (four outputs for each pixel), and a mask for each class.
static void add_mask_head(igq_network *network, const igq_mask_rcnn_shape *shape, const char *stage, int pyramid)
{
    int channels = shape->fpn_channels, pixels = shape->detections * shape->mask_size * shape->mask_size;
    igq_conv conv = {pyramid, pixels, 3, channels, channels};
    for (int i = 1; i <= shape->mask_convs; i++) {
        igq_network_add_conv(network, IGQ_LAYER_MASK, conv, "mask%s.conv%d", stage, i);
        conv.input = network->num_layers - 1;
    }
    igq_network_add_conv(network, IGQ_LAYER_MASK, (igq_conv){conv.input, pixels, 1, channels, 4 * channels},
                         "mask%s.upsample", stage);
    const igq_conv predict = {network->num_layers - 1, 4 * pixels, 1, channels, shape->backbone.classes};
    igq_network_add_conv(network, IGQ_LAYER_HEAD, predict, "mask%s.predict", stage);
}

igq_network *igq_mask_rcnn_network(const igq_mask_rcnn_shape *shape)
{
    igq_feature_map map[IGQ_SWIN_STAGES];
    igq_network *network = igq_network_new();
    if (!network)
        return NULL;
    igq_swin_add_stages(map, network, &shape->backbone);
    add_pyramid(network, shape, map);
    int pyramid = network->num_layers - 1; // its last map; the others were there before it
    add_region_proposals(network, shape, map, pyramid);
    for (int i = 1; i <= shape->cascade_stages; i++) {
        char stage[12] = "";
        if (shape->cascade_stages > 1)
            igq_format_name(stage, sizeof stage, "%d", i);
        add_box_head(network, shape, stage, pyramid);
        add_mask_head(network, shape, stage, pyramid);
    }
    return igq_network_finish(network);
}
