// SPDX-License-Identifier: Apache-2.0
#include "matmuls.h"
#include "layer_name.h"
#include <string.h>

int igq_matmul_slices(const igq_matmuls *matmuls, const igq_matmul *item)
{
    return matmuls->most_channels > 0 ? (item->K + matmuls->most_channels - 1) / matmuls->most_channels : 1;
}

// The first channel of slice i of so many.
static int slice_start(const igq_matmul *item, int i, int slices)
{
    return (int)((int64_t)item->K * i / slices);
}

static void add_item(igq_network *network, const igq_matmul *item, int slices)
{
    int num = item->count * slices;
    for (int k = 0; k < num; k++) {
        int slice = k % slices, channels = slice_start(item, slice + 1, slices) - slice_start(item, slice, slices);
        igq_layer *layer = igq_network_add(network, IGQ_LAYER_LINEAR, -1, item->M, channels, item->N);
        if (num > 1)
            igq_format_name(layer->name, sizeof layer->name, "%s.%d", item->name, k);
        else
            memcpy(layer->name, item->name, sizeof layer->name);
        layer->input = -1;
        layer->read_again = 1;
        layer->residual = slice > 0;
    }
}

igq_network *igq_matmuls_network(const igq_matmuls *matmuls)
{
    igq_network *network = igq_network_new();
    if (!network)
        return NULL;
    network->inputs_apart = 1;
    for (int i = 0; i < matmuls->num; i++)
        add_item(network, &matmuls->item[i], igq_matmul_slices(matmuls, &matmuls->item[i]));
    return igq_network_finish(network);
}
