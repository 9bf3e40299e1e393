// SPDX-License-Identifier: Apache-2.0
// stories260K from its checkpoint, through the cache of keys and values, against its reference outputs.
#include "executor.h"
#include "graph_weights.h"
#include "photos.h"
#include "workload_file.h"
#include <math.h>

enum { TOKENS = 128, WORDS = 512 };

static igq_workload workload;
static igq_error error;
static igq_safetensors *io;

static igq_graph *open_graph(igq_graph_weights **weights)
{
    char path[512];
    igq_graph *graph = igq_llama_graph(&workload.llama);
    data_path(path, "onnx/stories260k.safetensors");
    ck_assert_msg(igq_graph_weights_open(weights, graph, path, igq_plain_dialects, &error) == IGQ_OK, "%s",
                  error.message);
    return graph;
}

static void setup(void)
{
    char path[512];
    data_path(path, "onnx/stories260k_128.io.safetensors");
    ck_assert_msg(igq_workload_load(&workload, "configs/workloads/stories260k.yaml", &error) == IGQ_OK, "%s",
                  error.message);
    ck_assert_msg(igq_safetensors_open(&io, path, &error) == IGQ_OK, "%s", error.message);
}

static void teardown(void)
{
    igq_safetensors_close(io);
    igq_workload_free(&workload);
}

// out: output `output` of one pass in full precision.
static void run(void *out, size_t bytes, const int64_t *ids, int output)
{
    igq_graph_weights *weights;
    igq_graph *graph = open_graph(&weights);
    igq_products *products = igq_products_of(graph);
    igq_executor *executor = igq_executor_new(products);
    igq_fp32_engine *fp32 = igq_fp32_engine_new(products, NULL);
    const igq_engine engine = igq_fp32_engine_get(fp32);
    const void *const inputs[] = {ids};
    igq_execute(executor, &engine, inputs);
    memcpy(out, igq_executor_output(executor, output), bytes);
    igq_fp32_engine_free(fp32);
    igq_executor_free(executor);
    igq_products_free(products);
    igq_graph_free(graph);
    igq_graph_weights_close(weights);
}

START_TEST(greedy_text_through_the_cache_is_that_of_the_reference)
{
    int64_t tokens[TOKENS];
    const int64_t *ids = igq_safetensors_find(io, "input_ids")->data;
    workload.llama.prefill_tokens = 1;
    workload.llama.decode_tokens = TOKENS - 1;
    workload.llama.text = IGQ_TEXT_GREEDY;
    run(tokens, sizeof tokens, ids, 1);
    ck_assert_mem_eq(tokens, ids, sizeof tokens);
}
END_TEST

START_TEST(logits_are_those_of_the_reference)
{
    static const int prompts[] = {1, 64, TOKENS};
    static float logits[TOKENS * WORDS];
    const float *wanted;
    double largest = 0, off = 0;
    ck_assert_int_eq(igq_safetensors_floats(&wanted, io, igq_safetensors_find(io, "logits"), &error), IGQ_OK);
    workload.llama.prefill_tokens = prompts[_i];
    workload.llama.decode_tokens = TOKENS - prompts[_i];
    run(logits, sizeof logits, igq_safetensors_find(io, "input_ids")->data, 0);
    for (int i = 0; i < TOKENS * WORDS; i++) {
        largest = fmax(largest, fabs((double)wanted[i]));
        off = fmax(off, fabs((double)logits[i] - (double)wanted[i]));
    }
    ck_assert_double_lt(off, 2e-6 * largest); // measured: 8e-7
}
END_TEST

int main(void)
{
    if (skip_without_data())
        return 77;
    Suite *suite = suite_create("llama_data");
    TCase *tests = tcase_create("llama_data");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, greedy_text_through_the_cache_is_that_of_the_reference);
    tcase_add_loop_test(tests, logits_are_those_of_the_reference, 0, 3);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
