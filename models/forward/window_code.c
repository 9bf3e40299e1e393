// SPDX-License-Identifier: Apache-2.0
// Windows of images, and products that no array does.
#include "operation_walk.h"
#include <math.h>

/// Windows ///

// The largest, or the mean, of one window; pads count where the node says so.
static float pool_window(const igq_operands *with, const float *x, int64_t top, int64_t left)
{
    const igq_attributes *of = &with->node->attributes;
    const igq_shape *shape = &input_of(with, 0)->shape;
    int is_max = with->node->op == IGQ_OP_MAX_POOL, num = 0;
    float result = is_max ? -INFINITY : 0;
    for (int i = 0; i < of->kernel[0]; i++)
        for (int j = 0; j < of->kernel[1]; j++) {
            int64_t row = top + (int64_t)i * of->dilation[0], column = left + (int64_t)j * of->dilation[1];
            if (row < 0 || row >= shape->dim[2] || column < 0 || column >= shape->dim[3])
                continue;
            float value = x[row * shape->dim[3] + column];
            result = is_max ? LARGEST(result, value) : result + value;
            num++;
        }
    if (is_max)
        return result;
    return result / (float)(of->allow_zero ? of->kernel[0] * of->kernel[1] : num > 0 ? num : 1);
}

static void pool(const igq_operands *with)
{
    const igq_attributes *of = &with->node->attributes;
    const igq_shape *x = &input_of(with, 0)->shape, *y = &output_of(with)->shape;
    const float *plane = with->in[0];
    float *out = with->out[0];
    for (int64_t p = 0; p < x->dim[0] * x->dim[1]; p++, plane += x->dim[2] * x->dim[3])
        for (int64_t i = 0; i < y->dim[2]; i++)
            for (int64_t j = 0; j < y->dim[3]; j++)
                *out++ = pool_window(with, plane, i * of->stride[0] - of->pad[0], j * of->stride[1] - of->pad[1]);
}

// A sample between pixels, whose centres lie at whole numbers; beyond the edge pixels it is 0 from one pixel on.
static float sample(const float *x, int64_t height, int64_t width, float row, float column)
{
    if (row < -1 || row > (float)height || column < -1 || column > (float)width)
        return 0;
    row = row < 0 ? 0 : row;
    column = column < 0 ? 0 : column;
    int64_t top = (int64_t)row, left = (int64_t)column;
    top = top < height - 1 ? top : height - 1;
    left = left < width - 1 ? left : width - 1;
    int64_t below = top < height - 1 ? top + 1 : top, right = left < width - 1 ? left + 1 : left;
    float down = below > top ? row - (float)top : 0, across = right > left ? column - (float)left : 0;
    float upper = x[top * width + left] * (1 - across) + x[top * width + right] * across;
    float lower = x[below * width + left] * (1 - across) + x[below * width + right] * across;
    return upper * (1 - down) + lower * down;
}

// He et al., ICCV 2017, with the half pixel that later code corrects: a box of one pixel's size at that pixel gives it.
static void roi_align(const igq_operands *with)
{
    enum { SAMPLES = 2 };
    const igq_attributes *of = &with->node->attributes;
    const igq_shape *x = &input_of(with, 0)->shape, *y = &output_of(with)->shape;
    const float *box = with->in[1];
    float *out = with->out[0], scale = (float)of->alpha;
    for (int64_t r = 0; r < y->dim[0]; r++, box += 4) {
        float left = box[0] * scale - 0.5f, top = box[1] * scale - 0.5f;
        float across = (box[2] - box[0]) * scale / (float)y->dim[3],
              down = (box[3] - box[1]) * scale / (float)y->dim[2];
        const float *plane = with->in[0];
        for (int64_t c = 0; c < y->dim[1]; c++, plane += x->dim[2] * x->dim[3])
            for (int64_t i = 0; i < y->dim[2] * y->dim[3]; i++) {
                float sum = 0;
                for (int s = 0; s < SAMPLES * SAMPLES; s++) {
                    float row = (float)(i / y->dim[3]) + ((float)(s / SAMPLES) + 0.5f) / SAMPLES;
                    float column = (float)(i % y->dim[3]) + ((float)(s % SAMPLES) + 0.5f) / SAMPLES;
                    sum += sample(plane, x->dim[2], x->dim[3], top + row * down, left + column * across);
                }
                *out++ = sum / (SAMPLES * SAMPLES);
            }
    }
}

/// Products that no array does: convolutions in groups, products of two activations without a softmax ///

static float convolve_window(const igq_operands *with, const float *x, const float *w, int64_t top, int64_t left)
{
    const igq_attributes *of = &with->node->attributes;
    const igq_shape *shape = &input_of(with, 0)->shape, *kernel = &input_of(with, 1)->shape;
    float sum = 0;
    for (int64_t c = 0; c < kernel->dim[1]; c++, x += shape->dim[2] * shape->dim[3])
        for (int64_t i = 0; i < kernel->dim[2]; i++)
            for (int64_t j = 0; j < kernel->dim[3]; j++, w++) {
                int64_t row = top + i * of->dilation[0], column = left + j * of->dilation[1];
                if (row >= 0 && row < shape->dim[2] && column >= 0 && column < shape->dim[3])
                    sum += x[row * shape->dim[3] + column] * *w;
            }
    return sum;
}

static void convolution(const igq_operands *with)
{
    const igq_attributes *of = &with->node->attributes;
    const igq_shape *x = &input_of(with, 0)->shape, *w = &input_of(with, 1)->shape, *y = &output_of(with)->shape;
    const float *in = with->in[0], *bias = with->node->num_inputs > 2 ? with->in[2] : NULL;
    float *out = with->out[0];
    int64_t each = y->dim[1] / of->groups, plane = x->dim[2] * x->dim[3];
    for (int64_t image = 0; image < x->dim[0]; image++)
        for (int64_t o = 0; o < y->dim[1]; o++) {
            const float *channels = in + (image * x->dim[1] + o / each * w->dim[1]) * plane;
            const float *weights = (const float *)with->in[1] + o * w->dim[1] * w->dim[2] * w->dim[3];
            for (int64_t i = 0; i < y->dim[2]; i++)
                for (int64_t j = 0; j < y->dim[3]; j++)
                    *out++ = convolve_window(with, channels, weights, i * of->stride[0] - of->pad[0],
                                             j * of->stride[1] - of->pad[1]) +
                             (bias ? bias[o] : 0);
        }
}

static void matrix_product(const igq_operands *with)
{
    igq_shape a = input_of(with, 0)->shape, b = input_of(with, 1)->shape, batch = output_of(with)->shape;
    int64_t M = a.dim[a.rank - 2], C = a.dim[a.rank - 1], N = b.dim[b.rank - 1];
    const float *bias = with->node->num_inputs > 2 ? with->in[2] : NULL;
    size_t matrix[2] = {(size_t)(M * C), (size_t)(C * N)}, num = elements(output_of(with));
    float *y = with->out[0];
    walk w = {.offset = {0}};
    a.rank -= 2;
    b.rank -= 2;
    batch.rank -= 2;
    broadcast_strides(w.stride[0], &a, &batch);
    broadcast_strides(w.stride[1], &b, &batch);
    batch.dim[batch.rank++] = 1; // a row of one matrix
    for (size_t at = 0; at < num; at += (size_t)(M * N), next_row(&w, &batch)) {
        const float *x = (const float *)with->in[0] + w.offset[0] * matrix[0];
        const float *v = (const float *)with->in[1] + w.offset[1] * matrix[1];
        for (int64_t m = 0; m < M; m++)
            for (int64_t n = 0; n < N; n++) {
                float sum = 0;
                for (int64_t c = 0; c < C; c++)
                    sum += x[m * C + c] * v[c * N + n];
                *y++ = sum + (bias ? bias[n] : 0);
            }
    }
}

// Weights [O][C] of a linear layer that is folded.
static void linear_product(const igq_operands *with)
{
    const igq_shape *w = &input_of(with, 1)->shape;
    size_t O = (size_t)w->dim[0], C = (size_t)w->dim[1], rows = elements(output_of(with)) / (O ? O : 1);
    const float *x = with->in[0], *weights = with->in[1], *bias = with->node->num_inputs > 2 ? with->in[2] : NULL;
    float *y = with->out[0];
    for (size_t t = 0; t < rows; t++)
        for (size_t o = 0; o < O; o++) {
            float sum = 0;
            for (size_t c = 0; c < C; c++)
                sum += x[t * C + c] * weights[o * C + c];
            *y++ = sum + (bias ? bias[o] : 0);
        }
}

const igq_op_code igq_window_codes[IGQ_OP_COUNT] = {
    [IGQ_OP_CONV] = convolution, [IGQ_OP_LINEAR] = linear_product, [IGQ_OP_MATMUL] = matrix_product,
    [IGQ_OP_MAX_POOL] = pool,    [IGQ_OP_AVERAGE_POOL] = pool,     [IGQ_OP_ROI_ALIGN] = roi_align,
};
