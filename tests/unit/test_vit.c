// SPDX-License-Identifier: Apache-2.0
// The forward pass of the graph on the FP32 engine, against a forward written without buffers or engines, in double.
#include "small_vit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../suite.h"

enum { MAX_TOKENS = 18, MAX_DIM = 12, MAX_MLP = 24 };

static void naive_linear(double *y, const double *x, const igq_linear_weights *w, int T, int C, int O)
{
    for (int t = 0; t < T; t++)
        for (int o = 0; o < O; o++) {
            y[t * O + o] = w->bias ? w->bias[o] : 0;
            for (int c = 0; c < C; c++)
                y[t * O + o] += x[t * C + c] * w->weight[o * C + c];
        }
}

static void naive_norm(double *y, const double *x, const igq_norm_weights *w, int T, int C, double epsilon)
{
    for (int t = 0; t < T; t++) {
        double mean = 0, variance = 0;
        for (int c = 0; c < C; c++)
            mean += x[t * C + c] / C;
        for (int c = 0; c < C; c++)
            variance += pow(x[t * C + c] - mean, 2) / C;
        for (int c = 0; c < C; c++)
            y[t * C + c] = (x[t * C + c] - mean) / sqrt(variance + epsilon) * w->gain[c] + w->bias[c];
    }
}

static void naive_attention(double *y, const double *qkv, const igq_vit_shape *shape, int T)
{
    int dim = shape->dim, head_dim = dim / shape->heads;
    for (int h = 0; h < shape->heads; h++)
        for (int t = 0; t < T; t++) {
            double weight[MAX_TOKENS], sum = 0;
            for (int s = 0; s < T; s++) {
                double score = 0;
                for (int i = h * head_dim; i < (h + 1) * head_dim; i++)
                    score += qkv[t * 3 * dim + i] * qkv[s * 3 * dim + dim + i];
                weight[s] = exp(score / sqrt(head_dim));
                sum += weight[s];
            }
            for (int i = h * head_dim; i < (h + 1) * head_dim; i++) {
                y[t * dim + i] = 0;
                for (int s = 0; s < T; s++)
                    y[t * dim + i] += weight[s] / sum * qkv[s * 3 * dim + 2 * dim + i];
            }
        }
}

static void naive_embed(double *x, const small_vit *vit)
{
    const igq_vit_shape *shape = &vit->shape;
    int dim = shape->dim, patch = shape->patch_size, size = shape->image_size, side = size / patch;
    const igq_vit_weights *w = &vit->weights;
    for (int t = 0; t < igq_vit_tokens(shape); t++)
        for (int o = 0; o < dim; o++) {
            double sum;
            int p = t - shape->prefix_tokens;
            if (t == 0)
                sum = w->class_token[o];
            else if (p < 0)
                sum = w->distillation_token[o];
            else {
                sum = w->patch_embed.bias[o];
                for (int channel = 0; channel < shape->image_channels; channel++)
                    for (int row = 0; row < patch; row++)
                        for (int column = 0; column < patch; column++)
                            sum += w->patch_embed
                                       .weight[((o * shape->image_channels + channel) * patch + row) * patch + column] *
                                   vit->image[(channel * size + p / side * patch + row) * size + p % side * patch +
                                              column];
            }
            x[t * dim + o] = sum + w->position[t * dim + o];
        }
}

static void naive_forward(double *logits, const small_vit *vit)
{
    const igq_vit_shape *shape = &vit->shape;
    const igq_vit_weights *w = &vit->weights;
    int T = igq_vit_tokens(shape), dim = shape->dim, mlp = shape->mlp_dim;
    double x[MAX_TOKENS * MAX_DIM], y[MAX_TOKENS * MAX_DIM], qkv[MAX_TOKENS * 3 * MAX_DIM],
        hidden[MAX_TOKENS * MAX_MLP];
    naive_embed(x, vit);
    for (int b = 0; b < shape->depth; b++) {
        const igq_block_weights *block = &w->block[b];
        naive_norm(y, x, &block->norm1, T, dim, shape->layer_norm_epsilon);
        naive_linear(qkv, y, &block->qkv, T, dim, 3 * dim);
        naive_attention(y, qkv, shape, T);
        naive_linear(hidden, y, &block->proj, T, dim, dim);
        for (int i = 0; i < T * dim; i++)
            x[i] += hidden[i];
        naive_norm(y, x, &block->norm2, T, dim, shape->layer_norm_epsilon);
        naive_linear(hidden, y, &block->fc1, T, dim, mlp);
        for (int i = 0; i < T * mlp; i++)
            hidden[i] *= (1 + erf(hidden[i] / sqrt(2))) / 2;
        naive_linear(y, hidden, &block->fc2, T, mlp, dim);
        for (int i = 0; i < T * dim; i++)
            x[i] += y[i];
    }
    naive_norm(y, x, &w->norm, T, dim, shape->layer_norm_epsilon);
    naive_linear(logits, y, &w->head, 1, dim, shape->classes);
    if (shape->prefix_tokens == 2) {
        double other[SMALL_VIT_CLASSES];
        naive_linear(other, y + dim, &w->head_distillation, 1, dim, shape->classes);
        for (int i = 0; i < shape->classes; i++)
            logits[i] = (logits[i] + other[i]) / 2;
    }
}

static void fp32_forward(float *logits, const small_vit *vit, const igq_observer *observer)
{
    vit_pass pass = vit_pass_new(&vit->weights, &vit->shape);
    vit_pass_fp32(logits, &pass, vit->image, observer);
    vit_pass_free(&pass);
}

START_TEST(fp32_forward_matches_a_naive_double_forward)
{
    small_vit *vit = small_vit_new(_i + 1, _i % 2 ? 2 : 1);
    float logits[SMALL_VIT_CLASSES];
    double expected[SMALL_VIT_CLASSES], largest = 0;
    fp32_forward(logits, vit, NULL);
    naive_forward(expected, vit);
    for (int i = 0; i < SMALL_VIT_CLASSES; i++)
        largest = fmax(largest, fabs(expected[i]));
    for (int i = 0; i < SMALL_VIT_CLASSES; i++)
        ck_assert_double_eq_tol(logits[i], expected[i], 2e-6 * largest); // float sums of a dozen layers
    small_vit_free(vit);
}
END_TEST

START_TEST(missing_biases_count_as_zero)
{
    small_vit *vit = small_vit_new(3, 1);
    float with_zero[SMALL_VIT_CLASSES], without[SMALL_VIT_CLASSES];
    memset((float *)vit->weights.block[1].qkv.bias, 0, 3 * (size_t)vit->shape.dim * sizeof(float));
    fp32_forward(with_zero, vit, NULL);
    vit->weights.block[1].qkv.bias = NULL;
    fp32_forward(without, vit, NULL);
    ck_assert_mem_eq(with_zero, without, sizeof without);
    small_vit_free(vit);
}
END_TEST

// What the observer was shown, in the order in which it came.
typedef struct log_of_calls {
    const igq_vit_shape *shape;
    int num_linear, num_qkv, num_softmax;
    float class_token_input[MAX_DIM]; // of b0.qkv
} log_of_calls;

static void see_linear(void *context, const igq_layer *layer, const float *x)
{
    log_of_calls *log = context;
    ck_assert_int_eq(layer->linear, log->num_linear++);
    if (layer->linear == 1)
        memcpy(log->class_token_input, x, (size_t)layer->C * sizeof *x);
}

static void see_attention(void *context, const igq_layer *layer, int product, igq_operand operand, const float *x)
{
    log_of_calls *log = context;
    ck_assert_int_eq(layer->heads, log->shape->heads);
    if (operand != IGQ_OPERAND_SOFTMAX) {
        log->num_qkv++;
        return;
    }
    ck_assert_int_eq(layer->first_product + product, log->num_softmax++);
    for (int r = 0; r < layer->T; r++) {
        float sum = 0;
        for (int k = 0; k < layer->C; k++)
            sum += x[r * layer->C + k];
        ck_assert_float_eq_tol(sum, 1.0f, 1e-5f);
    }
}

START_TEST(observer_sees_every_input_once_in_order)
{
    small_vit *vit = small_vit_new(5, 1);
    log_of_calls log = {.shape = &vit->shape};
    igq_observer observer = {.context = &log, .linear_input = see_linear, .attention_input = see_attention};
    float observed[SMALL_VIT_CLASSES], plain[SMALL_VIT_CLASSES];
    fp32_forward(observed, vit, &observer);
    fp32_forward(plain, vit, NULL);
    ck_assert_mem_eq(observed, plain, sizeof plain);
    ck_assert_int_eq(log.num_linear, vit_num_linear(&vit->shape));
    ck_assert_int_eq(log.num_qkv, 3 * vit->shape.depth * vit->shape.heads);
    ck_assert_int_eq(log.num_softmax, vit->shape.depth * vit->shape.heads);

    double token[MAX_DIM] = {0}, expected[MAX_DIM];
    for (int i = 0; i < vit->shape.dim; i++)
        token[i] = (double)vit->weights.class_token[i] + vit->weights.position[i];
    naive_norm(expected, token, &vit->weights.block[0].norm1, 1, vit->shape.dim, vit->shape.layer_norm_epsilon);
    for (int i = 0; i < vit->shape.dim; i++)
        ck_assert_double_eq_tol(log.class_token_input[i], expected[i], 1e-5);
    small_vit_free(vit);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vit");
    TCase *tests = tcase_create("vit");
    tcase_add_loop_test(tests, fp32_forward_matches_a_naive_double_forward, 0, 6);
    tcase_add_test(tests, missing_biases_count_as_zero);
    tcase_add_test(tests, observer_sees_every_input_once_in_order);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
