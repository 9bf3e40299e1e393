// SPDX-License-Identifier: Apache-2.0
// The FP32 engine of engine.h.
#include "engine.h"
#include "fp32_gemm.h"
#include <stdlib.h>
#include <string.h>

struct igq_fp32_engine {
    igq_observer observer;
    float *packed; // keys or values of one product, for the observer
    void *gemm_scratch;
};

void igq_product_pack(float *packed, const igq_graph_product *product, int p, const float *b)
{
    size_t O = (size_t)product->layer->O;
    b += product->b_offset[p];
    for (size_t c = 0; c < (size_t)product->layer->C; c++)
        memcpy(packed + c * O, b + c * product->b_channel_stride, O * sizeof *packed);
}

void igq_product_pack_turned(float *packed, const igq_graph_product *product, int p, const float *b)
{
    size_t C = (size_t)product->layer->C, O = (size_t)product->layer->O;
    b += product->b_offset[p];
    for (size_t c = 0; c < C; c++)
        for (size_t o = 0; o < O; o++)
            packed[o * C + c] = b[c * product->b_channel_stride + o];
}

static void fp32_linear(void *context, const igq_graph_product *product, float *y, const float *x)
{
    const igq_fp32_engine *engine = context;
    const igq_layer *layer = product->layer;
    if (engine->observer.linear_input)
        engine->observer.linear_input(engine->observer.context, layer, x);
    for (int set = 0; set < product->num_sets; set++) {
        const igq_product_weights *weights = &product->weights[set];
        const igq_fp32_operands operands = {.x = x + (size_t)set * (size_t)layer->C,
                                            .x_token_stride = (size_t)layer->C,
                                            .w = weights->data,
                                            .w_output_stride = weights->output_stride,
                                            .w_channel_stride = weights->channel_stride,
                                            .bias = weights->bias,
                                            .scale = 1,
                                            .T = layer->T / product->num_sets,
                                            .C = layer->C,
                                            .O = layer->O};
        igq_fp32_gemm(y + (size_t)set * (size_t)layer->O, (size_t)layer->O, &operands, engine->gemm_scratch);
    }
}

static void show_operands(const igq_fp32_engine *engine, const igq_graph_product *product, int p, const float *a,
                          const float *b)
{
    const igq_observer *observer = &engine->observer;
    int is_scores = product->layer->kind == IGQ_LAYER_SCORES;
    observer->attention_input(observer->context, product->layer, p, is_scores ? IGQ_OPERAND_QUERY : IGQ_OPERAND_SOFTMAX,
                              a + product->a_offset[p]);
    if (is_scores)
        igq_product_pack_turned(engine->packed, product, p, b);
    else
        igq_product_pack(engine->packed, product, p, b);
    observer->attention_input(observer->context, product->layer, p, is_scores ? IGQ_OPERAND_KEY : IGQ_OPERAND_VALUE,
                              engine->packed);
}

static void fp32_matmul(void *context, const igq_graph_product *product, float *y, const float *a, const float *b)
{
    const igq_fp32_engine *engine = context;
    const igq_layer *layer = product->layer;
    for (int p = 0; p < layer->products; p++, y += (size_t)layer->T * (size_t)layer->O) {
        const igq_fp32_operands operands = {.x = a + product->a_offset[p],
                                            .x_token_stride = (size_t)layer->C,
                                            .w = b + product->b_offset[p],
                                            .w_output_stride = 1,
                                            .w_channel_stride = product->b_channel_stride,
                                            .scale = 1,
                                            .T = layer->T,
                                            .C = layer->C,
                                            .O = layer->O};
        if (engine->observer.attention_input)
            show_operands(engine, product, p, a, b);
        igq_fp32_gemm(y, (size_t)layer->O, &operands, engine->gemm_scratch);
    }
}

igq_fp32_engine *igq_fp32_engine_new(const igq_products *products, const igq_observer *observer)
{
    size_t scratch_bytes = 1, packed = 1;
    for (int k = 0; k < products->network->num_layers; k++) {
        const igq_layer *layer = &products->network->layer[k];
        size_t bytes = igq_fp32_gemm_scratch(layer->T, layer->C), values = (size_t)layer->C * (size_t)layer->O;
        scratch_bytes = bytes > scratch_bytes ? bytes : scratch_bytes;
        packed = layer->linear < 0 && values > packed ? values : packed;
    }
    igq_fp32_engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return NULL;
    engine->gemm_scratch = malloc(scratch_bytes);
    engine->packed = observer ? malloc(packed * sizeof *engine->packed) : NULL;
    if (!engine->gemm_scratch || (observer && !engine->packed)) {
        igq_fp32_engine_free(engine);
        return NULL;
    }
    if (observer)
        engine->observer = *observer;
    return engine;
}

void igq_fp32_engine_free(igq_fp32_engine *engine)
{
    if (!engine)
        return;
    free(engine->packed);
    free(engine->gemm_scratch);
    free(engine);
}

igq_engine igq_fp32_engine_get(igq_fp32_engine *engine)
{
    return (igq_engine){.context = engine, .linear = fp32_linear, .matmul = fp32_matmul};
}
