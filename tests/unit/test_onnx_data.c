// SPDX-License-Identifier: Apache-2.0
// The ONNX networks of the shared data against the outputs that another framework gave: in full precision, first
// sample.
#include "metrics.h"
#include "onnx_file.h"
#include "photos.h"
#include "products.h"
#include "safetensors.h"
#include <math.h>

static igq_onnx onnx;
static igq_products *products;
static igq_executor *executor;
static igq_error error;

static void open_network(const char *name)
{
    char path[512], file[128];
    snprintf(file, sizeof file, "onnx/%s.onnx", name);
    data_path(path, file);
    ck_assert_msg(igq_onnx_open(&onnx, path, NULL, &error) == IGQ_OK, "%s", error.message);
    products = igq_products_of(onnx.graph);
    executor = igq_executor_new(products);
    ck_assert_ptr_nonnull(executor);
}

static void close_network(void)
{
    igq_executor_free(executor);
    igq_products_free(products);
    igq_onnx_close(&onnx);
}

static void run_fp32(const void *input)
{
    igq_fp32_engine *fp32 = igq_fp32_engine_new(products, NULL);
    const igq_engine engine = igq_fp32_engine_get(fp32);
    const void *const inputs[] = {input};
    igq_execute(executor, &engine, inputs);
    igq_fp32_engine_free(fp32);
}

static const char *const networks[] = {"swin_small_random", "bert_small_random", "detr_small_random",
                                       "stories260k_128"};

START_TEST(outputs_are_those_of_another_framework)
{
    char path[512], file[128];
    igq_safetensors *io;
    snprintf(file, sizeof file, "onnx/%s.io.safetensors", networks[_i]);
    data_path(path, file);
    open_network(networks[_i]);
    ck_assert_msg(igq_safetensors_open(&io, path, &error) == IGQ_OK, "%s", error.message);
    const igq_value *input = igq_graph_value(onnx.graph, onnx.graph->input[0]);
    const igq_tensor *x = igq_safetensors_find(io, input->name);
    ck_assert_ptr_nonnull(x);
    run_fp32(x->data);
    for (int i = 0; i < onnx.graph->num_outputs; i++) {
        const igq_value *output = igq_graph_value(onnx.graph, onnx.graph->output[i]);
        const float *got = igq_executor_output(executor, i), *wanted;
        ck_assert_int_eq(igq_safetensors_floats(&wanted, io, igq_safetensors_find(io, output->name), &error), IGQ_OK);
        double largest = 0, off = 0;
        for (int64_t k = 0; k < igq_shape_elements(&output->shape); k++) {
            largest = fmax(largest, fabs((double)wanted[k]));
            off = fmax(off, fabs((double)got[k] - (double)wanted[k]));
        }
        ck_assert_double_lt(off, 2e-6 * largest); // measured: 3e-7 to 7e-7
    }
    igq_safetensors_close(io);
    close_network();
}
END_TEST

START_TEST(greedy_text_of_the_decoder_follows_from_its_logits)
{
    char path[512];
    igq_safetensors *io;
    data_path(path, "onnx/stories260k_128.io.safetensors");
    open_network("stories260k_128");
    ck_assert_int_eq(igq_safetensors_open(&io, path, &error), IGQ_OK);
    const int64_t *ids = igq_safetensors_find(io, "input_ids")->data;
    run_fp32(ids);
    const float *logits = igq_executor_output(executor, 0);
    for (int t = 0; t < 127; t++) {
        int top;
        igq_top_k(&top, logits + 512 * t, 512, 1);
        ck_assert_int_eq(top, ids[t + 1]);
    }
    igq_safetensors_close(io);
    close_network();
}
END_TEST

// What is written out in it becomes the same operations, so that the bits are the same.
START_TEST(deit_tiny_has_the_logits_of_the_checkpoint)
{
    static float image[PHOTO_VALUES];
    float from_checkpoint[PHOTO_CLASSES];
    igq_checkpoint *checkpoint = open_deit_tiny();
    load_photo(image, _i);
    fp32_photo(from_checkpoint, image, igq_checkpoint_weights(checkpoint), NULL);
    open_network("deit_tiny");
    run_fp32(image);
    ck_assert_mem_eq(igq_executor_output(executor, 0), from_checkpoint, sizeof from_checkpoint);
    ck_assert_int_eq(products->network->num_layers, 74);
    ck_assert_int_eq(products->network->num_attention, 12);
    close_network();
    igq_checkpoint_close(checkpoint);
}
END_TEST

int main(void)
{
    if (skip_without_data())
        return 77;
    Suite *suite = suite_create("onnx_data");
    TCase *tests = tcase_create("onnx_data");
    tcase_add_loop_test(tests, outputs_are_those_of_another_framework, 0, 4);
    tcase_add_test(tests, greedy_text_of_the_decoder_follows_from_its_logits);
    tcase_add_loop_test(tests, deit_tiny_has_the_logits_of_the_checkpoint, 0, NUM_PHOTOS);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
