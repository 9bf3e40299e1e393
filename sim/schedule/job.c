// SPDX-License-Identifier: Apache-2.0
#include "job.h"
#include <assert.h>

const char *const igq_traffic_names[IGQ_TRAFFIC_COUNT] = {
    [IGQ_TRAFFIC_WEIGHTS_READ] = "weights_read",     [IGQ_TRAFFIC_ACTIVATIONS_READ] = "activations_read",
    [IGQ_TRAFFIC_RANGES_READ] = "ranges_read",       [IGQ_TRAFFIC_RESIDUAL_READ] = "residual_read",
    [IGQ_TRAFFIC_RESIDUAL_WRITE] = "residual_write", [IGQ_TRAFFIC_OUTPUTS_WRITE] = "outputs_write",
};
static_assert(IGQ_TRAFFIC_COUNT == 6, "a name for every kind of traffic");
