// SPDX-License-Identifier: Apache-2.0
#include "model.h"
#include "draw_weights.h"
#include "family.h"
#include "fold_norms.h"

igq_status igq_model_check(const igq_workload *workload, const char *weights_path, const char *option, igq_error *error)
{
    const char *family = igq_family_names[workload->family];
    if (workload->family == IGQ_FAMILY_MATMULS)
        return igq_fail(error, "%s with workload %s of family %s; allowed: a run on shapes alone", option,
                        workload->name, family);
    if (workload->family == IGQ_FAMILY_ONNX && weights_path)
        return igq_fail(error, "--weights with workload %s of family %s, which has its own; allowed: without",
                        workload->name, family);
    if (workload->family == IGQ_FAMILY_VIT && !weights_path)
        return igq_fail(error, "%s without --weights; allowed: both together", option);
    return IGQ_OK;
}

static igq_status open_vit(igq_model *model, const igq_workload *workload, const char *weights_path, igq_error *error)
{
    igq_status status = igq_checkpoint_open(&model->checkpoint, weights_path, &workload->shape, error);
    if (status != IGQ_OK)
        return status;
    model->own_graph = igq_vit_graph(&workload->shape, igq_checkpoint_weights(model->checkpoint));
    return model->own_graph ? IGQ_OK : igq_out_of_memory(error);
}

static igq_status open_family(igq_model *model, const igq_workload *workload, const char *weights_path,
                              igq_error *error)
{
    const igq_dialect *dialects = igq_family_of(workload->family)->dialects;
    igq_status status = IGQ_OK;
    model->own_graph = igq_workload_graph(workload);
    if (!model->own_graph)
        return igq_out_of_memory(error);
    if (weights_path)
        status = igq_graph_weights_open(&model->weights, model->own_graph, weights_path,
                                        dialects ? dialects : igq_plain_dialects, error);
    else if (!igq_graph_draw_weights(model->own_graph, (uint64_t)workload->synthetic_ranges.seed))
        status = igq_out_of_memory(error);
    if (status == IGQ_OK && !igq_graph_fold_batch_norms(model->own_graph))
        status = igq_out_of_memory(error);
    return status;
}

igq_status igq_model_open(igq_model *model, const igq_workload *workload, const char *weights_path, igq_error *error)
{
    *model = (igq_model){NULL};
    igq_status status = workload->family == IGQ_FAMILY_ONNX  ? IGQ_OK
                        : workload->family == IGQ_FAMILY_VIT ? open_vit(model, workload, weights_path, error)
                                                             : open_family(model, workload, weights_path, error);
    model->graph = model->own_graph ? model->own_graph : workload->onnx.graph;
    if (status == IGQ_OK) {
        model->products = igq_products_of(model->graph);
        model->executor = model->products ? igq_executor_new(model->products) : NULL;
        status = model->executor ? IGQ_OK : igq_out_of_memory(error);
    }
    if (status != IGQ_OK)
        igq_model_close(model);
    return status;
}

void igq_model_close(igq_model *model)
{
    igq_executor_free(model->executor);
    igq_products_free(model->products);
    igq_graph_free(model->own_graph);
    igq_graph_weights_close(model->weights);
    igq_checkpoint_close(model->checkpoint);
    *model = (igq_model){NULL};
}

size_t igq_model_inputs(const igq_model *model)
{
    return (size_t)igq_shape_elements(&model->graph->value[model->graph->input[0]].shape);
}

static const igq_shape *first_output(const igq_model *model)
{
    return &model->graph->value[model->graph->output[0]].shape;
}

int igq_model_outputs(const igq_model *model)
{
    return (int)igq_shape_elements(first_output(model));
}

int igq_model_classes(const igq_model *model)
{
    const igq_shape *shape = first_output(model);
    return shape->rank > 0 ? (int)shape->dim[shape->rank - 1] : 1;
}

const float *igq_model_run(const igq_model *model, const igq_engine *engine, const void *const *inputs)
{
    igq_execute(model->executor, engine, inputs);
    return igq_executor_output(model->executor, 0);
}
