// SPDX-License-Identifier: Apache-2.0
// ONNX operators over windows of images, and products.
#include "onnx_operator.h"

// Attributes of windows of two dimensions. 0: refused.
static int read_windows(operator_ *op, igq_attributes *with, const int64_t kernel[2])
{
    static const char *const names[] = {"strides", "dilations", "pads"};
    int64_t ints[3][2 * IGQ_MAX_RANK] = {{1, 1}, {1, 1}, {0}};
    for (int k = 0; k < 3; k++) {
        int num, wanted = k == 2 ? 4 : 2;
        if (!read_ints(op, ints[k], &num, names[k], -1))
            return 0;
        for (int i = 0; i < num && i < wanted; i++)
            if (num != wanted || ints[k][i] < (k < 2) || ints[k][i] > 1 << 16) {
                igq_onnx_refuse(op, "its %s are not %d numbers of at least %d; supported: images [N][C][H][W]",
                                names[k], wanted, k < 2);
                return 0;
            }
    }
    const igq_shape *x = &value_of(op, 0)->shape;
    if (x->rank != 4 || kernel[0] < 1 || kernel[1] < 1 || kernel[0] > 1 << 16 || kernel[1] > 1 << 16) {
        igq_onnx_refuse(op, "is not over images [N][C][H][W]");
        return 0;
    }
    int same_upper = text_is(op, "auto_pad", "SAME_UPPER", "NOTSET"),
        same_lower = text_is(op, "auto_pad", "SAME_LOWER", "NOTSET");
    for (int i = 0; i < 2; i++) {
        with->kernel[i] = (int)kernel[i];
        with->stride[i] = (int)ints[0][i];
        with->dilation[i] = (int)ints[1][i];
        with->pad[i] = (int)ints[2][i];
        with->pad[i + 2] = (int)ints[2][i + 2];
        if (same_upper || same_lower) {
            int64_t size = x->dim[2 + i], stride = ints[0][i];
            int64_t all = ((size + stride - 1) / stride - 1) * stride + ints[1][i] * (kernel[i] - 1) + 1 - size;
            all = all > 0 ? all : 0;
            with->pad[i] = (int)(same_upper ? all / 2 : all - all / 2);
            with->pad[i + 2] = (int)(all - with->pad[i]);
        }
    }
    return 1;
}

static void convolution(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {.groups = (int)int_attribute(op, "group", 1)};
    if (!need_inputs(op, least, most))
        return;
    const igq_shape *w = &value_of(op, 1)->shape;
    if (w->rank != 4) {
        igq_onnx_refuse(op, "has weights of %d dimensions; supported: 4", w->rank);
        return;
    }
    if (has_input(op, 2) && igq_shape_elements(&value_of(op, 2)->shape) != w->dim[0]) {
        igq_onnx_refuse(op, "its bias does not fit its weights");
        return;
    }
    if (read_windows(op, &with, &w->dim[2]))
        finish(op, emit(op, kind, &with, has_input(op, 2) ? 3 : 2, op->input));
}

static void pool(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {.ceil_mode = int_attribute(op, "ceil_mode", 0) != 0,
                           .allow_zero = int_attribute(op, "count_include_pad", 0) != 0};
    int64_t kernel[2 * IGQ_MAX_RANK];
    int num;
    if (!need_inputs(op, least, most) || !read_ints(op, kernel, &num, "kernel_shape", -1))
        return;
    if (num != 2) {
        igq_onnx_refuse(op, "has a window of %d dimensions; supported: 2", num);
        return;
    }
    if (value_of(op, 0)->element != IGQ_ELEMENT_FLOAT)
        igq_onnx_refuse(op, "its input is not float");
    if (read_windows(op, &with, kernel))
        finish(op, emit(op, kind, &with, 1, op->input));
}

static int transposed(operator_ *op, int value)
{
    const igq_attributes with = {.num_ints = 2, .ints = {1, 0}};
    return emit(op, IGQ_OP_TRANSPOSE, &with, 1, &value);
}

// alpha A B + beta C. Weights as they lie ([O][C]) where nothing else is asked for.
static void gemm(operator_ *op, igq_op kind, int least, int most)
{
    if (!need_inputs(op, least, most))
        return;
    float alpha = (float)float_attribute(op, "alpha", 1), beta = (float)float_attribute(op, "beta", 1);
    int turn_b = int_attribute(op, "transB", 0) != 0, a = op->input[0], b = op->input[1];
    const igq_shape *shape = &value_of(op, 1)->shape;
    if (value_of(op, 0)->shape.rank != 2 || shape->rank != 2) {
        igq_onnx_refuse(op, "is not a product of matrices");
        return;
    }
    if (int_attribute(op, "transA", 0))
        a = transposed(op, a);
    int64_t outputs = shape->dim[turn_b ? 0 : 1];
    int is_bias = has_input(op, 2) && value_of(op, 2)->is_constant &&
                  igq_shape_elements(&value_of(op, 2)->shape) == outputs && beta == 1 && alpha == 1 && turn_b &&
                  value_of(op, 1)->is_constant;
    int y;
    if (turn_b && value_of(op, 1)->is_constant)
        y = emit(op, IGQ_OP_LINEAR, &(igq_attributes){0}, is_bias ? 3 : 2, (int[]){a, b, is_bias ? op->input[2] : -1});
    else
        y = emit(op, kind, &(igq_attributes){0}, 2, (int[]){a, turn_b ? transposed(op, b) : b});
    if (alpha != 1)
        y = emit(op, IGQ_OP_MUL, &(igq_attributes){0}, 2, (int[]){y, number(op, alpha)});
    if (has_input(op, 2) && !is_bias) {
        int c = op->input[2];
        if (beta != 1)
            c = emit(op, IGQ_OP_MUL, &(igq_attributes){0}, 2, (int[]){c, number(op, beta)});
        y = emit(op, IGQ_OP_ADD, &(igq_attributes){0}, 2, (int[]){y, c});
    }
    finish(op, y);
}

const igq_onnx_known igq_onnx_windows[] = {
    {"AveragePool", pool, IGQ_OP_AVERAGE_POOL, 1, 1},
    {"Conv", convolution, IGQ_OP_CONV, 2, 3},
    {"Gemm", gemm, IGQ_OP_MATMUL, 2, 3},
    {"MaxPool", pool, IGQ_OP_MAX_POOL, 1, 1},
    {NULL, NULL, IGQ_OP_COUNT, 0, 0},
};
