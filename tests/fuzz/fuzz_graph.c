// SPDX-License-Identifier: Apache-2.0
// An ONNX network that the reader takes, executed in full precision. Inputs are whole numbers, small, large and
// negative ones, so that what uses them as places meets all of them.
#include "executor.h"
#include "engine.h"
#include "fuzz.h"
#include "onnx_file.h"
#include "products.h"

enum { MAX_INPUTS = 64, MAX_WORK = 1 << 20 };

// Elements of all values, and products of the matrix products, as far as they are counted.
static double work_of(const igq_graph *graph, const igq_products *products)
{
    double work = 0;
    for (int i = 0; i < graph->num_values; i++)
        work += (double)igq_shape_elements(&graph->value[i].shape);
    for (int k = 0; k < products->network->num_layers; k++) {
        const igq_layer *layer = &products->network->layer[k];
        work += (double)layer->T * layer->C * layer->O;
    }
    return work;
}

static void *input_of(const igq_value *value)
{
    int64_t num = igq_shape_elements(&value->shape);
    void *input = malloc((size_t)num * sizeof(int64_t) + 1);
    for (int64_t k = 0; k < num; k++) {
        int64_t number = (k * 7919 % 257 - 100) * (k % 5 == 4 ? 1000003 : 1);
        if (value->element == IGQ_ELEMENT_FLOAT)
            ((float *)input)[k] = (float)number;
        else
            ((int64_t *)input)[k] = number;
    }
    return input;
}

static void execute(const igq_graph *graph, const igq_products *products)
{
    const void *inputs[MAX_INPUTS];
    igq_executor *executor = igq_executor_new(products);
    igq_fp32_engine *fp32 = igq_fp32_engine_new(products, NULL);
    const igq_engine engine = igq_fp32_engine_get(fp32);
    for (int i = 0; i < graph->num_inputs; i++)
        inputs[i] = input_of(igq_graph_value(graph, graph->input[i]));
    igq_execute(executor, &engine, inputs);
    for (int i = 0; i < graph->num_inputs; i++)
        free((void *)inputs[i]);
    igq_fp32_engine_free(fp32);
    igq_executor_free(executor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    igq_error error = {0};
    igq_onnx onnx;
    igq_status status = igq_onnx_parse(&onnx, data, size, "fuzzed.onnx", NULL, &error);
    fuzz_check(status, &error);
    igq_products *products = status == IGQ_OK ? igq_products_of(onnx.graph) : NULL;
    if (products && onnx.graph->num_inputs <= MAX_INPUTS && work_of(onnx.graph, products) < MAX_WORK)
        execute(onnx.graph, products);
    igq_products_free(products);
    igq_onnx_close(&onnx);
    return 0;
}
