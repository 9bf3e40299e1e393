// SPDX-License-Identifier: Apache-2.0
// small_llama.h - a small decoder with random weights, for tests.
#ifndef SMALL_LLAMA_H
#define SMALL_LLAMA_H
#include "executor.h"
#include "llama.h"
#include "rng.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_LLAMA_WORDS = 19 };

static const igq_llama_shape small_llama = {.vocabulary = SMALL_LLAMA_WORDS,
                                            .dim = 24,
                                            .depth = 2,
                                            .heads = 6,
                                            .kv_heads = 2,
                                            .mlp_dim = 20,
                                            .norm_epsilon = 1e-5,
                                            .rotary_base = 100,
                                            .prefill_tokens = 9,
                                            .logits = IGQ_LOGITS_ALL};

typedef struct llama_pass {
    igq_graph *graph;
    igq_products *products;
    igq_executor *executor;
    igq_fp32_engine *fp32;
} llama_pass;

// Every weight has values of its own, whatever the number of passes.
static inline llama_pass llama_pass_new(const igq_llama_shape *shape)
{
    llama_pass pass = {.graph = igq_llama_graph(shape)};
    ck_assert_ptr_nonnull(pass.graph);
    rng random = {7};
    for (int v = 0; v < pass.graph->num_values; v++) {
        igq_value *value = &pass.graph->value[v];
        size_t num = (size_t)igq_shape_elements(&value->shape);
        if (!value->is_constant || value->data)
            continue;
        float *own = igq_graph_take(pass.graph, num * sizeof *own);
        rng_fill_float(own, num, value->shape.rank == 1 ? 0.5 : -0.4, value->shape.rank == 1 ? 1.5 : 0.4, &random);
        value->data = own;
    }
    pass.products = igq_products_of(pass.graph);
    pass.executor = igq_executor_new(pass.products);
    pass.fp32 = igq_fp32_engine_new(pass.products, NULL);
    ck_assert_ptr_nonnull(pass.executor);
    ck_assert_ptr_nonnull(pass.fp32);
    return pass;
}

static inline const void *llama_pass_run(const llama_pass *pass, const int64_t *ids, int output)
{
    const igq_engine engine = igq_fp32_engine_get(pass->fp32);
    const void *const inputs[] = {ids};
    igq_execute(pass->executor, &engine, inputs);
    return igq_executor_output(pass->executor, output);
}

static inline void llama_pass_free(llama_pass *pass)
{
    igq_fp32_engine_free(pass->fp32);
    igq_executor_free(pass->executor);
    igq_products_free(pass->products);
    igq_graph_free(pass->graph);
}

#endif
