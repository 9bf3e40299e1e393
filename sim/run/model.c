// SPDX-License-Identifier: Apache-2.0
#include "model.h"

igq_status igq_model_open(igq_model *model, const igq_workload *workload, const char *weights_path, igq_error *error)
{
    *model = (igq_model){NULL};
    igq_status status = igq_checkpoint_open(&model->checkpoint, weights_path, &workload->shape, error);
    if (status != IGQ_OK)
        return status;
    model->graph = igq_vit_graph(&workload->shape, igq_checkpoint_weights(model->checkpoint));
    model->products = model->graph ? igq_products_of(model->graph) : NULL;
    model->executor = model->products ? igq_executor_new(model->products) : NULL;
    if (model->executor)
        return IGQ_OK;
    igq_model_close(model);
    return igq_out_of_memory(error);
}

void igq_model_close(igq_model *model)
{
    igq_executor_free(model->executor);
    igq_products_free(model->products);
    igq_graph_free(model->graph);
    igq_checkpoint_close(model->checkpoint);
    *model = (igq_model){NULL};
}

size_t igq_model_inputs(const igq_model *model)
{
    return (size_t)igq_shape_elements(&model->graph->value[model->graph->input[0]].shape);
}

int igq_model_outputs(const igq_model *model)
{
    return (int)igq_shape_elements(&model->graph->value[model->graph->output[0]].shape);
}

const float *igq_model_run(const igq_model *model, const igq_engine *engine, const float *input)
{
    const void *const inputs[] = {input};
    igq_execute(model->executor, engine, inputs);
    return igq_executor_output(model->executor, 0);
}
