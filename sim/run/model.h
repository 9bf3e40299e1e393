// SPDX-License-Identifier: Apache-2.0
// model.h - a network that can be executed: its weights, its graph, its products and room for a pass.
#ifndef IGQ_MODEL_H
#define IGQ_MODEL_H
#include "checkpoint.h"
#include "error.h"
#include "executor.h"
#include "graph_weights.h"
#include "workload_file.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_model {
    igq_checkpoint *checkpoint; // of family vit
    igq_graph_weights *weights; // of other families
    igq_graph *own_graph;       // NULL: the workload's, from its file
    igq_graph *graph;
    igq_products *products;
    igq_executor *executor;
} igq_model;

// Refuses what a network cannot be executed with: `option` (--images, --inputs) for a list of products or a vision
// transformer without weights, weights for an ONNX file.
igq_status igq_model_check(const igq_workload *workload, const char *weights_path, const char *option,
                           igq_error *error);

// The network of a workload, with the weights of a checkpoint (safetensors); an ONNX file has its own. weights_path
// NULL: drawn with the workload's seed. Not for lists of products. The model is empty where it fails.
igq_status igq_model_open(igq_model *model, const igq_workload *workload, const char *weights_path, igq_error *error);
void igq_model_close(igq_model *model); // an empty one is fine

// Elements of the first input, of the first output, and of its last dimension: logits.
size_t igq_model_inputs(const igq_model *model);
int igq_model_outputs(const igq_model *model);
int igq_model_classes(const igq_model *model);
// A pass on a pointer for each input: the first output, until the next one.
const float *igq_model_run(const igq_model *model, const igq_engine *engine, const void *const *inputs);

#ifdef __cplusplus
}
#endif
#endif
