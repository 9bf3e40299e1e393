// SPDX-License-Identifier: Apache-2.0
#include "family.h"
#include "workload_keys.h"

// clang-format off
#define OPEN_DIM(i)                                                                                                    \
    WITH_DEFAULT(IGQ_KEY_INT, "input", "dim" #i, input_dim[i], 0, 1 << 24, "0", "",                                     \
                 "dimension " #i " of inputs whose file leaves it open; 0: it leaves none open")
static const igq_key keys[] = {OPEN_DIM(0), OPEN_DIM(1), OPEN_DIM(2), OPEN_DIM(3), PREPROCESS_KEYS("1")};
// clang-format on

static int classes(const igq_workload *workload)
{
    const igq_graph *graph = workload->onnx.graph;
    const igq_shape *first = &graph->value[graph->output[0]].shape;
    return first->rank > 0 ? (int)first->dim[first->rank - 1] : 1;
}

const igq_family_row igq_family_onnx = {.keys = keys, .num_keys = NUM(keys), .classes = classes};

const igq_family_row igq_family_matmuls = {.num_keys = 0}; // keys that all have, and no others
