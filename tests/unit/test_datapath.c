// SPDX-License-Identifier: Apache-2.0
// The integer datapath on small random networks: against FP32, against itself, and what its observer sees.
#include "metrics.h"
#include "datapath_fixture.h"
#include <math.h>
#include "../suite.h"

static void assert_same_instance(const igq_instance *a, const igq_instance *b, const igq_vit_shape *shape)
{
    for (int linear = 0; linear < vit_num_linear(shape); linear++) {
        size_t bytes = (size_t)a->linear[linear].num * sizeof(int16_t);
        ck_assert_mem_eq(a->linear[linear].lo, b->linear[linear].lo, bytes);
        ck_assert_mem_eq(a->linear[linear].hi, b->linear[linear].hi, bytes);
        ck_assert_double_eq(a->linear_noise[linear].signal, b->linear_noise[linear].signal);
        ck_assert_double_eq(a->linear_noise[linear].noise, b->linear_noise[linear].noise);
        ck_assert_int_eq(a->linear_noise[linear].known, b->linear_noise[linear].known);
    }
    for (int h = 0; h < shape->depth * shape->heads; h++) {
        size_t bytes = (size_t)a->softmax[h].num * sizeof(int16_t);
        ck_assert_mem_eq(a->softmax[h].lo, b->softmax[h].lo, bytes);
        ck_assert_mem_eq(a->softmax[h].hi, b->softmax[h].hi, bytes);
    }
    for (int block = 0; block < shape->depth; block++) {
        ck_assert_double_eq(a->softmax_noise[block].signal, b->softmax_noise[block].signal);
        ck_assert_double_eq(a->softmax_noise[block].noise, b->softmax_noise[block].noise);
        ck_assert_int_eq(a->softmax_noise[block].known, b->softmax_noise[block].known);
    }
}

/// Against FP32 and against itself ///

START_TEST(eight_bits_come_close_to_full_precision)
{
    igq_scheme scheme = (igq_scheme)(_i % IGQ_SCHEME_COUNT);
    fixture f = make_fixture(_i + 1, 1 + _i % 2, scheme, 8, 6);
    f.cfg.group_scale = (igq_group_scale)(_i / IGQ_SCHEME_COUNT);
    if (f.cfg.group_scale == IGQ_GROUP_SCALE_INT) // with weights that are not coded as activations are, too
        f.cfg.weight_scheme = IGQ_WEIGHT_SCHEME_PER_CHANNEL;
    float reference[SMALL_VIT_CLASSES], logits[SMALL_VIT_CLASSES];
    vit_pass_fp32(reference, &f.pass, f.vit->image, NULL);
    datapath_forward(logits, &f, NULL);
    // FP4 has 8 magnitudes whatever the calibration says.
    if (scheme == IGQ_SCHEME_NVFP4) {
        ck_assert_double_gt(igq_sqnr_db(reference, logits, SMALL_VIT_CLASSES), 5);
        free_fixture(&f);
        return;
    }
    // Most schemes only round. igq keeps the mean range of a group and so clips its wider channels; vsquant multiplies
    // by rounded scales, which are coarse where a vector is small beside the largest of the layer.
    int only_rounds = scheme != IGQ_SCHEME_IGQ && scheme != IGQ_SCHEME_IGQ_FIXED && scheme != IGQ_SCHEME_VSQUANT;
    ck_assert_double_gt(igq_sqnr_db(reference, logits, SMALL_VIT_CLASSES), only_rounds ? 25 : 8);
    free_fixture(&f);
}
END_TEST

START_TEST(igq_with_one_covering_group_is_layerwise)
{
    fixture f = make_fixture(_i + 1, 1, IGQ_SCHEME_LAYERWISE, 4, 1);
    igq_instance *layerwise_instance = f.instance;
    float layerwise[SMALL_VIT_CLASSES], igq[SMALL_VIT_CLASSES];
    datapath_forward(layerwise, &f, NULL);
    for (int i = 0; i < vit_num_linear(&f.vit->shape) + f.vit->shape.depth * HEADS; i++) {
        int num_linear = vit_num_linear(&f.vit->shape);
        igq_group_bounds *bounds =
            i < num_linear ? &f.calibration->linear[i].act : &f.calibration->head[i - num_linear].softmax;
        bounds->lower[0] = INT16_MAX;
        bounds->upper[0] = INT16_MIN;
        for (int m = 0; m < bounds->num_members; m++) {
            bounds->lower[0] = bounds->member_lo[m] < bounds->lower[0] ? bounds->member_lo[m] : bounds->lower[0];
            bounds->upper[0] = bounds->member_hi[m] > bounds->upper[0] ? bounds->member_hi[m] : bounds->upper[0];
        }
    }
    f.cfg.scheme = IGQ_SCHEME_IGQ;
    f.instance = instance_of_vit(&f.vit->shape);
    datapath_forward(igq, &f, NULL);
    ck_assert_mem_eq(layerwise, igq, sizeof igq);
    assert_same_instance(layerwise_instance, f.instance, &f.vit->shape);
    igq_instance_free(layerwise_instance);
    free_fixture(&f);
}
END_TEST

START_TEST(an_instance_may_be_used_again)
{
    fixture f = make_fixture(1, 1, IGQ_SCHEME_IGQ, 4, 3);
    float first[SMALL_VIT_CLASSES], second[SMALL_VIT_CLASSES];
    igq_instance *fresh = f.instance;
    datapath_forward(first, &f, NULL);
    f.instance = instance_of_vit(&f.vit->shape);
    datapath_forward(second, &f, NULL);
    datapath_forward(second, &f, NULL);
    ck_assert_mem_eq(first, second, sizeof first);
    assert_same_instance(fresh, f.instance, &f.vit->shape);
    igq_instance_free(fresh);
    free_fixture(&f);
}
END_TEST

START_TEST(second_head_reads_the_second_prefix_token)
{
    fixture f = make_fixture(1, 2, IGQ_SCHEME_IGQ, 8, 3);
    int head = vit_num_linear(&f.vit->shape) - 1;
    igq_datapath *datapath = igq_datapath_new(f.pass.products, f.calibration, &f.cfg, NULL);
    igq_engine engine = igq_datapath_engine(datapath, f.instance);
    const igq_linear_weights *w[2] = {&f.vit->weights.head, &f.vit->weights.head_distillation};
    float x[2 * DIM], y[2 * SMALL_VIT_CLASSES];
    rng random = {3};
    rng_fill_float(x, 2 * DIM, -1, 1, &random);
    engine.linear(engine.context, vit_product(&f.pass, head), y, x);
    for (int row = 0; row < 2; row++) {
        float expected[SMALL_VIT_CLASSES];
        for (int o = 0; o < SMALL_VIT_CLASSES; o++) {
            expected[o] = w[row]->bias[o];
            for (int c = 0; c < DIM; c++)
                expected[o] += x[row * DIM + c] * w[row]->weight[o * DIM + c];
        }
        ck_assert_double_gt(igq_sqnr_db(expected, y + row * SMALL_VIT_CLASSES, SMALL_VIT_CLASSES), 30);
    }
    igq_datapath_free(datapath);
    free_fixture(&f);
}
END_TEST

START_TEST(narrow_accumulators_and_narrow_grids_are_counted)
{
    fixture f = make_fixture(1, 1, IGQ_SCHEME_IGQ, 8, 2);
    float logits[SMALL_VIT_CLASSES];
    datapath_forward(logits, &f, NULL);
    ck_assert_uint_eq(f.instance->linear_noise[1].overflow_count, 0);
    ck_assert_uint_eq(f.instance->softmax_noise[0].overflow_count, 0);
    ck_assert_uint_eq(f.instance->linear_noise[0].saturated_count, 0);
    f.cfg.acc_bits = 10;
    f.vit->image[0] = 1e6f;
    f.calibration->qkv_exponent[0] -= 6;
    datapath_forward(logits, &f, NULL);
    ck_assert_uint_gt(f.instance->linear_noise[1].overflow_count, 0);
    ck_assert_uint_gt(f.instance->softmax_noise[0].overflow_count, 0);
    ck_assert_uint_eq(f.instance->linear_noise[0].saturated_count, 1);
    ck_assert_uint_gt(f.instance->softmax_noise[0].saturated_count, 0);
    free_fixture(&f);
}
END_TEST

/// What the observer sees ///

typedef struct replay {
    const fixture *f;
    igq_instance *instance;
    int num_qkv;
} replay;

static void replay_linear(void *context, const igq_layer *layer, const float *x)
{
    replay *r = context;
    igq_scheme_cfg cfg = igq_scheme_of_layer(&r->f->cfg, layer->kind);
    void *scratch = malloc(igq_observe_scratch(layer->T, layer->C));
    igq_observe_linear(&r->instance->linear[layer->linear], &r->instance->linear_noise[layer->linear], x, layer->T,
                       layer->C, &r->f->calibration->linear[layer->linear].act, &cfg, scratch);
    free(scratch);
}

static void replay_attention(void *context, const igq_layer *layer, int product, igq_operand operand, const float *x)
{
    replay *r = context;
    if (operand == IGQ_OPERAND_SOFTMAX) {
        void *scratch = malloc(igq_observe_scratch(layer->T, layer->C));
        igq_observe_softmax(&r->instance->softmax[layer->first_product + product],
                            &r->instance->softmax_noise[layer->attention], x, layer->T, layer->C,
                            igq_softmax_bounds(r->f->calibration, layer, product), &r->f->cfg, scratch);
        free(scratch);
        return;
    }
    int exponent = r->f->calibration->qkv_exponent[layer->attention];
    int num = operand == IGQ_OPERAND_QUERY ? layer->T * layer->C : layer->O * layer->C;
    for (int i = 0; i < num; i++) { // multiples of the grid's step
        float units = ldexpf(x[i], -exponent);
        ck_assert_float_eq(units, floorf(units));
    }
    r->num_qkv++;
}

START_TEST(what_the_observer_records_gives_the_same_instance_back)
{
    fixture f = make_fixture(_i + 1, 1 + _i % 2, (igq_scheme)(_i % IGQ_SCHEME_COUNT), 4, 3);
    replay r = {.f = &f, .instance = instance_of_vit(&f.vit->shape)};
    igq_observer observer = {.context = &r, .linear_input = replay_linear, .attention_input = replay_attention};
    float observed[SMALL_VIT_CLASSES], plain[SMALL_VIT_CLASSES];
    datapath_forward(observed, &f, &observer);
    assert_same_instance(f.instance, r.instance, &f.vit->shape);
    ck_assert_int_eq(r.num_qkv, 3 * f.vit->shape.depth * f.vit->shape.heads);
    ck_assert_int_eq(r.instance->linear_noise[0].known, 1);
    datapath_forward(plain, &f, NULL);
    ck_assert_mem_eq(observed, plain, sizeof plain);
    igq_instance_free(r.instance);
    free_fixture(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("datapath");
    TCase *whole = tcase_create("whole"), *observer = tcase_create("observer");
    tcase_add_loop_test(whole, eight_bits_come_close_to_full_precision, 0, IGQ_SCHEME_COUNT * IGQ_GROUP_SCALE_COUNT);
    tcase_add_loop_test(whole, igq_with_one_covering_group_is_layerwise, 0, 3);
    tcase_add_test(whole, an_instance_may_be_used_again);
    tcase_add_test(whole, second_head_reads_the_second_prefix_token);
    tcase_add_test(whole, narrow_accumulators_and_narrow_grids_are_counted);
    tcase_add_loop_test(observer, what_the_observer_records_gives_the_same_instance_back, 0, 2 * IGQ_SCHEME_COUNT);
    suite_add_tcase(suite, whole);
    suite_add_tcase(suite, observer);
    return run_suite(suite);
}
