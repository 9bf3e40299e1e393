// SPDX-License-Identifier: Apache-2.0
// Small ONNX files: what operators compute, what is fused and found, what is refused.
#include "executor.h"
#include "onnx_builder.h"
#include "onnx_file.h"
#include "../suite.h"
#include <math.h>
#include "temp_dir.h"

static igq_error error;
static igq_onnx onnx;

static igq_status parse(onnx_builder *b)
{
    size_t size;
    uint8_t *bytes = onnx_bytes(b, &size);
    igq_status status = igq_onnx_parse(&onnx, bytes, size, "n.onnx", NULL, &error);
    free(bytes);
    return status;
}

// The network's output y for x.
static void run(float *y, onnx_builder *b, const float *x)
{
    ck_assert_msg(parse(b) == IGQ_OK, "%s", error.message);
    igq_products *products = igq_products_of(onnx.graph);
    igq_executor *executor = igq_executor_new(products);
    igq_fp32_engine *fp32 = igq_fp32_engine_new(products, NULL);
    const igq_engine engine = igq_fp32_engine_get(fp32);
    const void *const inputs[] = {x};
    igq_execute(executor, &engine, inputs);
    const igq_value *out = igq_graph_value(onnx.graph, onnx.graph->output[0]);
    memcpy(y, igq_executor_output(executor, 0),
           (size_t)igq_shape_elements(&out->shape) * igq_element_bytes(out->element));
    igq_fp32_engine_free(fp32);
    igq_executor_free(executor);
    igq_products_free(products);
    igq_onnx_close(&onnx);
}

static void assert_floats(const float *got, const double *wanted, int num)
{
    for (int i = 0; i < num; i++)
        ck_assert_msg(fabs((double)got[i] - wanted[i]) <= 1e-6 * fmax(1, fabs(wanted[i])), "[%d] %g, wanted %g", i,
                      (double)got[i], wanted[i]);
}

static const float six[] = {-3, -0.5f, 0, 0.25f, 1, 2.5f};

START_TEST(elementwise_operators_compute_their_functions)
{
    static const struct {
        const char *op;
        double wanted[6];
    } cases[] = {{"Abs", {3, .5, 0, .25, 1, 2.5}},
                 {"Neg", {3, .5, 0, -.25, -1, -2.5}},
                 {"Relu", {0, 0, 0, .25, 1, 2.5}},
                 {"LeakyRelu", {-.03, -.005, 0, .25, 1, 2.5}},
                 {"HardSigmoid", {0, .4, .5, .55, .7, 1}},
                 {"HardSwish", {0, -.5 * 2.5 / 6, 0, .25 * 3.25 / 6, 4. / 6, 2.5 * 5.5 / 6}},
                 {"Floor", {-3, -1, 0, 0, 1, 2}},
                 {"Ceil", {-3, 0, 0, 1, 1, 3}},
                 {"Round", {-3, 0, 0, 0, 1, 2}},
                 {"Exp", {0.0497870684, 0.6065306597, 1, 1.2840254167, 2.7182818285, 12.1824939607}},
                 {"Tanh", {-0.9950547537, -0.4621171573, 0, 0.2449186624, 0.7615941560, 0.9866142982}},
                 {"Sigmoid", {0.0474258732, 0.3775406688, .5, 0.5621765009, 0.7310585786, 0.9241418200}},
                 {"Erf", {-0.9999779095, -0.5204998778, 0, 0.2763263902, 0.8427007929, 0.9995930480}},
                 {"Sin", {-0.1411200081, -0.4794255386, 0, 0.2474039593, 0.8414709848, 0.5984721441}},
                 {"Cos", {-0.9899924966, 0.8775825619, 1, 0.9689124217, 0.5403023059, -0.8011436155}},
                 {"Softplus", {0.0485873516, 0.4740769842, 0.6931471806, 0.8259394198, 1.3132616875, 2.5788901292}},
                 {"Identity", {-3, -.5, 0, .25, 1, 2.5}}};
    float y[6];
    onnx_builder *b = onnx_new(1, (int64_t[]){6});
    ONNX_NODE(b, cases[_i].op, "y", "x");
    run(y, b, six);
    assert_floats(y, cases[_i].wanted, 6);
}
END_TEST

START_TEST(operands_broadcast)
{
    static const struct {
        const char *op;
        double wanted[6];
    } cases[] = {{"Add", {-1, 2.5, 2, 3.25, 3, 5.5}},
                 {"Sub", {-5, -3.5, -2, -2.75, -1, -.5}},
                 {"Mul", {-6, -1.5, 0, .75, 2, 7.5}},
                 {"Div", {-1.5, -.5 / 3, 0, .25 / 3, .5, 2.5 / 3}},
                 {"Max", {2, 3, 2, 3, 2, 3}},
                 {"Min", {-3, -.5, 0, .25, 1, 2.5}},
                 {"Pow", {9, -.125, 0, .015625, 1, 15.625}}};
    float y[6], two[] = {2, 3};
    int64_t dim[] = {2};
    onnx_builder *b = onnx_new(2, (int64_t[]){3, 2});
    onnx_floats(b, "b", 1, dim, two);
    ONNX_NODE(b, cases[_i].op, "y", "x", "b");
    run(y, b, six);
    assert_floats(y, cases[_i].wanted, 6);
}
END_TEST

START_TEST(values_are_moved)
{
    float y[12];
    int64_t two[] = {2}, three[] = {3}, shape[] = {3, 2}, starts[] = {2, 0}, ends[] = {-4, 2}, axes[] = {1, 0},
            steps[] = {-2, 1}, pads[] = {0, 1, 1, 0}, indices[] = {1, -1, 0};
    int64_t four[] = {4};
    onnx_builder *b = onnx_new(2, (int64_t[]){2, 3});
    onnx_list(b, ONNX_NODE(b, "Transpose", "y", "x"), "perm", 2, axes);
    run(y, b, six);
    assert_floats(y, (double[]){-3, .25, -.5, 1, 0, 2.5}, 6);

    b = onnx_new(2, (int64_t[]){2, 3});
    onnx_ints(b, "s", two, shape);
    ONNX_NODE(b, "Reshape", "y", "x", "s");
    run(y, b, six);
    assert_floats(y, (double[]){-3, -.5, 0, .25, 1, 2.5}, 6);

    b = onnx_new(2, (int64_t[]){2, 3});
    onnx_ints(b, "starts", two, starts);
    onnx_ints(b, "ends", two, ends);
    onnx_ints(b, "axes", two, axes);
    onnx_ints(b, "steps", two, steps);
    ONNX_NODE(b, "Slice", "y", "x", "starts", "ends", "axes", "steps");
    run(y, b, six);
    assert_floats(y, (double[]){0, -3, 2.5, .25}, 4);

    b = onnx_new(2, (int64_t[]){2, 3});
    onnx_ints(b, "p", four, pads);
    ONNX_NODE(b, "Pad", "y", "x", "p");
    run(y, b, six);
    assert_floats(y, (double[]){0, -3, -.5, 0, 0, .25, 1, 2.5, 0, 0, 0, 0}, 12);

    b = onnx_new(2, (int64_t[]){2, 3});
    onnx_ints(b, "i", three, indices);
    onnx_int(b, ONNX_NODE(b, "Gather", "y", "x", "i"), "axis", 1);
    run(y, b, six);
    assert_floats(y, (double[]){-.5, 0, -3, 1, 2.5, .25}, 6);

    b = onnx_new(2, (int64_t[]){2, 3});
    onnx_int(b, ONNX_NODE(b, "Concat", "y", "x", "x"), "axis", 1);
    run(y, b, six);
    assert_floats(y, (double[]){-3, -.5, 0, -3, -.5, 0, .25, 1, 2.5, .25, 1, 2.5}, 12);
}
END_TEST

START_TEST(reductions_and_softmax_follow_their_axes)
{
    float y[6];
    int64_t axis[] = {0}, last[] = {1};
    onnx_builder *b = onnx_new(2, (int64_t[]){2, 3});
    onnx_list(b, ONNX_NODE(b, "ReduceMean", "y", "x"), "axes", 1, axis);
    run(y, b, six);
    assert_floats(y, (double[]){-1.375, .25, 1.25}, 3);
    b = onnx_new(2, (int64_t[]){2, 3});
    onnx_list(b, ONNX_NODE(b, "ReduceMax", "y", "x"), "axes", 1, last);
    run(y, b, six);
    assert_floats(y, (double[]){0, 2.5}, 2);
    b = onnx_new(2, (int64_t[]){2, 3});
    onnx_int(b, ONNX_NODE(b, "Softmax", "y", "x"), "axis", 0);
    run(y, b, six);
    for (int i = 0; i < 3; i++) {
        double a = exp((double)six[i]), c = exp((double)six[3 + i]);
        assert_floats(&y[i], (double[]){a / (a + c)}, 1);
        assert_floats(&y[3 + i], (double[]){c / (a + c)}, 1);
    }
}
END_TEST

START_TEST(windows_are_convolved_and_pooled)
{
    float x[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, y[9], kernel[4] = {1, 0, 0, -1}, bias[1] = {10};
    int64_t shape[] = {1, 1, 2, 2}, one[] = {1}, pads[] = {1, 1, 0, 0}, two[] = {2, 2};
    onnx_builder *b = onnx_new(4, (int64_t[]){1, 1, 3, 3});
    onnx_floats(b, "w", 4, shape, kernel);
    onnx_floats(b, "b", 1, one, bias);
    onnx_list(b, ONNX_NODE(b, "Conv", "y", "x", "w", "b"), "pads", 4, pads);
    run(y, b, x);
    assert_floats(y, (double[]){9, 8, 7, 6, 6, 6, 3, 6, 6}, 9);
    b = onnx_new(4, (int64_t[]){1, 1, 3, 3});
    onnx_list(b, ONNX_NODE(b, "MaxPool", "y", "x"), "kernel_shape", 2, two);
    run(y, b, x);
    assert_floats(y, (double[]){5, 6, 8, 9}, 4);
    b = onnx_new(4, (int64_t[]){1, 1, 3, 3});
    onnx_list(b, ONNX_NODE(b, "AveragePool", "y", "x"), "kernel_shape", 2, two);
    run(y, b, x);
    assert_floats(y, (double[]){3, 4, 6, 7}, 4);
}
END_TEST

// LayerNorm as exporters write it out; the numbers are those of a plain computation.
START_TEST(a_layer_norm_that_is_written_out_becomes_one)
{
    float gain[] = {1, 2, -1}, bias[] = {.5f, 0, 1}, two[] = {2}, epsilon[] = {1e-5f};
    int64_t three[] = {3}, last[] = {-1};
    onnx_builder *b = onnx_new(2, (int64_t[]){2, 3});
    onnx_floats(b, "gain", 1, three, gain);
    onnx_floats(b, "bias", 1, three, bias);
    onnx_floats(b, "two", 0, NULL, two);
    onnx_floats(b, "epsilon", 0, NULL, epsilon);
    onnx_list(b, ONNX_NODE(b, "ReduceMean", "mean", "x"), "axes", 1, last);
    ONNX_NODE(b, "Sub", "centred", "x", "mean");
    ONNX_NODE(b, "Pow", "square", "centred", "two");
    onnx_list(b, ONNX_NODE(b, "ReduceMean", "variance", "square"), "axes", 1, last);
    ONNX_NODE(b, "Add", "safe", "variance", "epsilon");
    ONNX_NODE(b, "Sqrt", "deviation", "safe");
    ONNX_NODE(b, "Div", "normal", "centred", "deviation");
    ONNX_NODE(b, "Mul", "scaled", "normal", "gain");
    ONNX_NODE(b, "Add", "y", "scaled", "bias");
    size_t size;
    uint8_t *bytes = onnx_bytes(b, &size);
    ck_assert_msg(igq_onnx_parse(&onnx, bytes, size, "n.onnx", NULL, &error) == IGQ_OK, "%s", error.message);
    ck_assert_int_eq(onnx.graph->num_nodes, 1);
    ck_assert_int_eq(onnx.graph->node[0].op, IGQ_OP_LAYER_NORM);
    igq_onnx_close(&onnx);
    free(bytes);
}
END_TEST

START_TEST(products_are_found_with_what_is_done_to_them)
{
    float w[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, bias[4] = {1, 2, 3, 4};
    int64_t shape[] = {3, 4}, four[] = {4};
    onnx_builder *b = onnx_new(2, (int64_t[]){2, 3});
    onnx_floats(b, "w", 2, shape, w);
    onnx_floats(b, "b", 1, four, bias);
    ONNX_NODE(b, "MatMul", "p", "x", "w")->name = "/block.0/fc/MatMul";
    ONNX_NODE(b, "Add", "q", "p", "b")->name = "/block.0/fc/Add";
    ONNX_NODE(b, "Sigmoid", "s", "q");
    ONNX_NODE(b, "Mul", "y", "q", "s");
    size_t size;
    uint8_t *bytes = onnx_bytes(b, &size);
    ck_assert_msg(igq_onnx_parse(&onnx, bytes, size, "n.onnx", NULL, &error) == IGQ_OK, "%s", error.message);
    igq_products *products = igq_products_of(onnx.graph);
    ck_assert_int_eq(products->network->num_layers, 1);
    const igq_layer *layer = products->network->layer;
    ck_assert_str_eq(layer->name, "block.0/fc");
    ck_assert_int_eq(layer->kind, IGQ_LAYER_HEAD);
    ck_assert_int_eq(layer->T, 2);
    ck_assert_int_eq(layer->C, 3);
    ck_assert_int_eq(layer->O, 4);
    ck_assert_int_eq(layer->post_op, IGQ_VECTOR_OP_GELU); // SiLU costs as much
    igq_products_free(products);
    igq_onnx_close(&onnx);
    free(bytes);
}
END_TEST

// Opset 9: bounds of a slice are attributes.
START_TEST(slices_of_opset_9_have_attributes)
{
    const float x[6] = {1, 2, 3, 4, 5, 6};
    float y[2] = {0};
    int64_t one[] = {1}, three[] = {3}, minus[] = {-1};
    onnx_builder *b = onnx_new(2, (int64_t[]){2, 3});
    b->opset.version = 9;
    Onnx__NodeProto *node = ONNX_NODE(b, "Slice", "y", "x");
    onnx_list(b, node, "starts", 1, one);
    onnx_list(b, node, "ends", 1, three);
    onnx_list(b, node, "axes", 1, minus);
    float wide[4];
    run(wide, b, x);
    ck_assert_mem_eq(wide, ((float[]){2, 3, 5, 6}), sizeof wide);
    b = onnx_new(2, (int64_t[]){2, 3});
    b->opset.version = 9;
    node = ONNX_NODE(b, "Slice", "row", "x");
    onnx_list(b, node, "starts", 1, one);
    onnx_list(b, node, "ends", 1, three);
    node = ONNX_NODE(b, "Slice", "y", "row");
    onnx_list(b, node, "starts", 1, one);
    onnx_list(b, node, "ends", 1, three);
    onnx_list(b, node, "axes", 1, one);
    run(y, b, x);
    ck_assert_mem_eq(y, ((float[]){5, 6}), sizeof y);
}
END_TEST

START_TEST(dimensions_that_the_file_leaves_open_can_be_said)
{
    size_t size;
    onnx_builder *b = onnx_new(2, (int64_t[]){2, 3});
    b->dim[0].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    b->dim[0].dim_param = "batch";
    ONNX_NODE(b, "Relu", "y", "x");
    uint8_t *bytes = onnx_bytes(b, &size);
    ASSERT_REFUSED(igq_onnx_parse(&onnx, bytes, size, "n.onnx", (int[]){0, 5, 0, 0}, &error), &error, "batch",
                   "input.dim0");
    ck_assert_msg(igq_onnx_parse(&onnx, bytes, size, "n.onnx", (int[]){4, 5, 0, 0}, &error) == IGQ_OK, "%s",
                  error.message);
    const igq_shape *shape = &igq_graph_value(onnx.graph, onnx.graph->input[0])->shape;
    ck_assert_int_eq(shape->dim[0], 4);
    ck_assert_int_eq(shape->dim[1], 3); // the file says it
    igq_onnx_close(&onnx);
    free(bytes);
}
END_TEST

START_TEST(what_is_not_known_is_refused_by_node_and_file)
{
    onnx_builder *b = onnx_new(2, (int64_t[]){2, 3});
    ONNX_NODE(b, "NonMaxSuppression", "y", "x")->name = "boxes";
    ASSERT_REFUSED(parse(b), &error, "n.onnx", "boxes", "NonMaxSuppression", "supported:", "MatMul");
    b = onnx_new(2, (int64_t[]){2, 3});
    ONNX_NODE(b, "Relu", "y", "z");
    ASSERT_REFUSED(parse(b), &error, "node y (Relu)", "z");
    b = onnx_new(2, (int64_t[]){2, 3});
    ONNX_NODE(b, "Relu", "z", "x");
    ASSERT_REFUSED(parse(b), &error, "output y");
    b = onnx_new(2, (int64_t[]){2, 3});
    ONNX_NODE(b, "Relu", "y", "x", "x");
    ASSERT_REFUSED(parse(b), &error, "2 inputs");
    b = onnx_new(2, (int64_t[]){2, 3});
    b->opset.version = 99;
    ONNX_NODE(b, "Relu", "y", "x");
    ASSERT_REFUSED(parse(b), &error, "opset 99", "9 to 18");
    b = onnx_new(2, (int64_t[]){2, 3});
    b->dim[0].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    b->dim[0].dim_param = "batch";
    ONNX_NODE(b, "Relu", "y", "x");
    ASSERT_REFUSED(parse(b), &error, "input x", "\"batch\"", "fixed");
    b = onnx_new(2, (int64_t[]){2, 3});
    ONNX_NODE(b, "MatMul", "y", "x", "x");
    ASSERT_REFUSED(parse(b), &error, "node y (MatMul)", "do not fit");
    b = onnx_new(2, (int64_t[]){2, 3});
    ONNX_NODE(b, "Reshape", "y", "x", "x");
    ASSERT_REFUSED(parse(b), &error, "Reshape", "constants");
    b = onnx_new(2, (int64_t[]){2, 3});
    ONNX_NODE(b, "Concat", "y", "x", "", "x");
    ASSERT_REFUSED(parse(b), &error, "node y (Concat)", "misses an input");
    ASSERT_REFUSED(igq_onnx_parse(&onnx, "no message", 10, "n.onnx", NULL, &error), &error, "n.onnx", "damaged");
    ck_assert_ptr_null(onnx.graph);
}
END_TEST

START_TEST(weights_that_are_no_numbers_are_refused)
{
    float nan_mask[3] = {0, NAN, 0}, weights[12] = {[7] = -INFINITY}, mask[3] = {0, -INFINITY, 0}, y[6];
    int64_t three[] = {3}, shape[] = {3, 4};
    onnx_builder *b = onnx_new(2, (int64_t[]){2, 3});
    onnx_floats(b, "m", 1, three, nan_mask);
    ONNX_NODE(b, "Mul", "y", "x", "m");
    ASSERT_REFUSED(parse(b), &error, "n.onnx", "tensor m", "element 1 is nan");
    b = onnx_new(2, (int64_t[]){2, 3});
    onnx_floats(b, "w", 2, shape, weights);
    ONNX_NODE(b, "MatMul", "y", "x", "w");
    ASSERT_REFUSED(parse(b), &error, "n.onnx", "tensor w", "node y", "element 7 is -inf");
    b = onnx_new(2, (int64_t[]){2, 3}); // a mask
    onnx_floats(b, "m", 1, three, mask);
    ONNX_NODE(b, "Add", "s", "x", "m");
    onnx_int(b, ONNX_NODE(b, "Softmax", "y", "s"), "axis", -1);
    run(y, b, six);
    ck_assert_msg(y[1] < 1e-30f && y[4] < 1e-30f, "%g %g", (double)y[1], (double)y[4]);
}
END_TEST

// Bytes of a good file, each in turn another: refused or read, never more.
START_TEST(damaged_files_do_no_harm)
{
    float w[12] = {1}, bias[4] = {1};
    int64_t shape[] = {3, 4}, four[] = {4}, one[] = {1}, minus[] = {-1};
    onnx_builder *b = onnx_new(2, (int64_t[]){2, 3});
    onnx_floats(b, "w", 2, shape, w);
    onnx_floats(b, "b", 1, four, bias);
    onnx_ints(b, "s", one, minus);
    ONNX_NODE(b, "MatMul", "p", "x", "w");
    ONNX_NODE(b, "Add", "q", "p", "b");
    onnx_int(b, ONNX_NODE(b, "Softmax", "r", "q"), "axis", -1);
    ONNX_NODE(b, "Reshape", "y", "r", "s");
    size_t size;
    int num_read = 0;
    uint8_t *bytes = onnx_bytes(b, &size);
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (uint8_t)(1 << bit);
            if (igq_onnx_parse(&onnx, bytes, size, "n.onnx", NULL, &error) == IGQ_OK) {
                igq_products *products = igq_products_of(onnx.graph);
                ck_assert_ptr_nonnull(products);
                igq_products_free(products);
                num_read++;
            }
            igq_onnx_close(&onnx);
            bytes[i] ^= (uint8_t)(1 << bit);
        }
    for (size_t length = 0; length < size; length++) {
        igq_status status = igq_onnx_parse(&onnx, bytes, length, "n.onnx", NULL, &error);
        ck_assert_int_eq(status == IGQ_OK, onnx.graph != NULL);
        igq_onnx_close(&onnx);
    }
    ck_assert_int_gt(num_read, 0);
    free(bytes);
}
END_TEST

// y = x + w, where w lies in a file beside the network.
static igq_status open_external(const char *const *entries)
{
    int64_t three[] = {3};
    size_t size;
    onnx_builder *b = onnx_new(2, (int64_t[]){2, 3});
    onnx_external_floats(b, "w", 1, three, entries);
    ONNX_NODE(b, "Add", "y", "x", "w");
    uint8_t *bytes = onnx_bytes(b, &size);
    put_bytes(temp_path("n.onnx"), bytes, size);
    igq_status status = igq_onnx_parse(&onnx, bytes, size, temp_path("n.onnx"), NULL, &error);
    ASSERT_REFUSED(status, &error, "tensor w", "lies in another file", "in the file itself");
    free(bytes);
    return igq_onnx_open(&onnx, temp_path("n.onnx"), NULL, &error);
}

START_TEST(tensors_in_a_file_beside_are_mapped)
{
    static const char *const entries[][8] = {
        {"location", "n.data"}, {"location", "n.data", "offset", "8"}, {"offset", "2", "location", "n.data"}};
    static const size_t first[] = {0, 8, 2}; // the last is aligned to nothing
    const float values[] = {1, -2, 3.5f};
    uint8_t bytes[sizeof values + 8] = {0};
    make_temp_dir();
    for (size_t i = 0; i < 3; i++) {
        memcpy(bytes + first[i], values, sizeof values);
        put_bytes(temp_path("n.data"), bytes, sizeof values + first[i]);
        ck_assert_msg(open_external(entries[i]) == IGQ_OK, "%s", error.message);
        ck_assert_int_eq(onnx.num_data, 1);
        for (int v = 0; v < onnx.graph->num_values; v++)
            if (strcmp(onnx.graph->value[v].name, "w") == 0)
                ck_assert_mem_eq(onnx.graph->value[v].data, values, sizeof values);
        igq_onnx_close(&onnx);
    }
    remove_temp_dir();
}
END_TEST

START_TEST(files_beside_that_do_not_fit_are_refused)
{
    static const char *const entries[][10] = {{"location", "../n.data"},
                                              {"location", "/n.data"},
                                              {"offset", "0"},
                                              {"location", "missing.data"},
                                              {"location", "n.data", "offset", "20"},
                                              {"location", "n.data", "offset", "8", "length", "12"},
                                              {"location", "n.data", "length", "8"},
                                              {"location", "n.data"},
                                              {"location", "n.data", "offset", "-4"}};
    static const char *const why[] = {"lies in \"../n.data\"",
                                      "lies in \"/n.data\"",
                                      "lies in \"\"",
                                      "missing.data: cannot open",
                                      "ends behind the file, which has 16 bytes",
                                      "ends behind",
                                      "2 values; allowed: 3",
                                      "4 values; allowed: 3",
                                      "offset is \"-4\"; allowed: a whole number"};
    make_temp_dir();
    put_bytes(temp_path("n.data"), (char[16]){0}, 16);
    ck_assert_int_eq(open_external(entries[_i]), IGQ_USER_ERROR);
    ck_assert_msg(strstr(error.message, why[_i]) != NULL, "%s", error.message);
    ck_assert_ptr_null(onnx.graph);
    remove_temp_dir();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("onnx_file");
    TCase *tests = tcase_create("onnx_file");
    tcase_add_loop_test(tests, elementwise_operators_compute_their_functions, 0, 17);
    tcase_add_loop_test(tests, operands_broadcast, 0, 7);
    tcase_add_test(tests, values_are_moved);
    tcase_add_test(tests, reductions_and_softmax_follow_their_axes);
    tcase_add_test(tests, windows_are_convolved_and_pooled);
    tcase_add_test(tests, a_layer_norm_that_is_written_out_becomes_one);
    tcase_add_test(tests, products_are_found_with_what_is_done_to_them);
    tcase_add_test(tests, slices_of_opset_9_have_attributes);
    tcase_add_test(tests, dimensions_that_the_file_leaves_open_can_be_said);
    tcase_add_test(tests, what_is_not_known_is_refused_by_node_and_file);
    tcase_add_test(tests, weights_that_are_no_numbers_are_refused);
    tcase_add_test(tests, tensors_in_a_file_beside_are_mapped);
    tcase_add_loop_test(tests, files_beside_that_do_not_fit_are_refused, 0, 9);
    tcase_add_test(tests, damaged_files_do_no_harm);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
