// SPDX-License-Identifier: Apache-2.0
// Perturbations of single layers, on small random networks, against whole forward passes with one layer quantized.
#include "calibrate.h"
#include "datapath.h"
#include "metrics.h"
#include "perturbation.h"
#include "small_vit.h"
#include "../suite.h"

enum { HEADS = 3, PER_BLOCK = 4 + HEADS, NUM_GROUPED = PER_BLOCK * SMALL_VIT_DEPTH };

static const igq_scheme_cfg scheme = {.scheme = IGQ_SCHEME_IGQ, .distance = IGQ_DISTANCE_L2, .acc_bits = 32};

static igq_calibration *calibrated(const small_vit *vit, int bits, int num_groups)
{
    float logits[SMALL_VIT_CLASSES];
    igq_range_collector collector = {.instance = real_instance_of_vit(&vit->shape)};
    igq_observer observer = igq_range_collector_observer(&collector);
    vit_pass pass = vit_pass_new(&vit->weights, &vit->shape);
    const igq_calibrate_cfg cfg = {.num_groups = num_groups,
                                   .act_bits = bits,
                                   .weight_bits = bits,
                                   .attn_bits = bits,
                                   .edge_bits = bits,
                                   .max_iterations = 300};
    vit_pass_fp32(logits, &pass, vit->image, &observer);
    vit_pass_free(&pass);
    igq_calibration *calibration = calibrate_vit(&vit->shape, &collector.instance, 1, &cfg);
    igq_real_instance_free(collector.instance);
    return calibration;
}

static void measure_wanted(double *psi, const small_vit *vit, const igq_calibration *calibration,
                           const unsigned char *wanted)
{
    vit_pass pass = vit_pass_new(&vit->weights, &vit->shape);
    igq_perturbation *perturbation = igq_perturbation_new(pass.products, calibration, &scheme);
    const void *const inputs[] = {vit->image};
    igq_perturbation_of(psi, perturbation, inputs, wanted);
    igq_perturbation_free(perturbation);
    vit_pass_free(&pass);
}

static void measure(double *psi, const small_vit *vit, const igq_calibration *calibration)
{
    measure_wanted(psi, vit, calibration, NULL);
}

// Two engines and the one product that the second does.
typedef struct mixed {
    igq_engine exact, quantized;
    int linear, block, head; // linear, block: -1: none
} mixed;

static void mixed_linear(void *context, const igq_graph_product *product, float *y, const float *x)
{
    const mixed *m = context;
    const igq_engine *engine = product->layer->linear == m->linear ? &m->quantized : &m->exact;
    engine->linear(engine->context, product, y, x);
}

static void mixed_matmul(void *context, const igq_graph_product *product, float *y, const float *a, const float *b)
{
    const mixed *m = context;
    const igq_layer *layer = product->layer;
    float exact[HEADS * 18 * 18], quantized[HEADS * 18 * 18];
    m->exact.matmul(m->exact.context, product, exact, a, b);
    m->quantized.matmul(m->quantized.context, product, quantized, a, b);
    for (int i = 0; i < layer->products * layer->T * layer->O; i++)
        y[i] = layer->block == m->block && i / (layer->T * layer->O) == m->head ? quantized[i] : exact[i];
}

START_TEST(each_layer_is_measured_as_a_whole_forward_pass_measures_it)
{
    small_vit *vit = small_vit_new(_i, 1 + _i % 2);
    igq_calibration *calibration = calibrated(vit, 4, 3);
    double psi[NUM_GROUPED];
    measure(psi, vit, calibration);
    vit_pass pass = vit_pass_new(&vit->weights, &vit->shape);
    ck_assert_int_eq(igq_num_grouped(pass.products->network), NUM_GROUPED);

    igq_fp32_engine *fp32 = igq_fp32_engine_new(pass.products, NULL);
    igq_datapath *datapath = igq_datapath_new(pass.products, calibration, &scheme, NULL);
    igq_instance *instance = instance_of_vit(&vit->shape);
    mixed m = {igq_fp32_engine_get(fp32), igq_datapath_engine(datapath, instance), -1, -1, 0};
    const igq_engine engine = {&m, mixed_linear, mixed_matmul};
    float reference[SMALL_VIT_CLASSES], logits[SMALL_VIT_CLASSES];
    vit_pass_run(reference, &pass, &engine, vit->image);
    for (int i = 0; i < NUM_GROUPED; i++) {
        static const int linear_of[PER_BLOCK] = {1, -1, -1, -1, 2, 3, 4}; // qkv, softmax of three heads, proj, fc1, fc2
        int block = i / PER_BLOCK, place = i % PER_BLOCK;
        m.linear = linear_of[place] >= 0 ? 4 * block + linear_of[place] : -1;
        m.block = linear_of[place] >= 0 ? -1 : block;
        m.head = place - 1;
        vit_pass_run(logits, &pass, &engine, vit->image);
        ck_assert(psi[i] == igq_kl_divergence(reference, logits, SMALL_VIT_CLASSES));
        ck_assert(psi[i] > 0);
    }
    igq_instance_free(instance);
    igq_datapath_free(datapath);
    igq_fp32_engine_free(fp32);
    vit_pass_free(&pass);
    igq_calibration_free(calibration);
    small_vit_free(vit);
}
END_TEST

START_TEST(only_what_is_wanted_is_measured)
{
    small_vit *vit = small_vit_new(3, 1);
    igq_calibration *calibration = calibrated(vit, 4, 3);
    double all[NUM_GROUPED], some[NUM_GROUPED];
    unsigned char wanted[NUM_GROUPED];
    measure(all, vit, calibration);
    for (int i = 0; i < NUM_GROUPED; i++)
        wanted[i] = i % 3 == 1;
    measure_wanted(some, vit, calibration, wanted);
    for (int i = 0; i < NUM_GROUPED; i++)
        ck_assert(some[i] == (wanted[i] ? all[i] : 0));
    igq_calibration_free(calibration);
    small_vit_free(vit);
}
END_TEST

START_TEST(more_bits_perturb_less)
{
    small_vit *vit = small_vit_new(7, 1);
    igq_calibration *coarse = calibrated(vit, 3, 12), *fine = calibrated(vit, 8, 12);
    double coarse_psi[NUM_GROUPED], fine_psi[NUM_GROUPED], coarse_sum = 0, fine_sum = 0;
    measure(coarse_psi, vit, coarse);
    measure(fine_psi, vit, fine);
    for (int i = 0; i < NUM_GROUPED; i++) {
        coarse_sum += coarse_psi[i];
        fine_sum += fine_psi[i];
    }
    ck_assert(fine_sum < coarse_sum / 10);
    igq_calibration_free(coarse);
    igq_calibration_free(fine);
    small_vit_free(vit);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unit.perturbation");
    TCase *tcase = tcase_create("perturbation");
    tcase_add_loop_test(tcase, each_layer_is_measured_as_a_whole_forward_pass_measures_it, 0, 4);
    tcase_add_test(tcase, only_what_is_wanted_is_measured);
    tcase_add_test(tcase, more_bits_perturb_less);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
