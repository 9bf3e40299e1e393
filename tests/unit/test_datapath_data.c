// SPDX-License-Identifier: Apache-2.0
// DeiT-Tiny and the four photos on the integer datapath: what quantization does to predictions and activations.
#include "calibrate.h"
#include "datapath.h"
#include "metrics.h"
#include <math.h>
#include "photos.h"

enum { NUM_GROUPS = 8 };

typedef struct evaluation {
    int top1_agreement;                   // of NUM_PHOTOS
    double kl;                            // mean over photos
    double sqnr_db[IGQ_LAYER_KIND_COUNT]; // of activations: mean over photos and blocks
} evaluation;

static float image[NUM_PHOTOS][PHOTO_VALUES], reference[NUM_PHOTOS][PHOTO_CLASSES];

// Also leaves images and their FP32 logits.
static igq_calibration *calibrate_on_photos(const igq_vit_weights *weights, int weight_bits, int act_bits,
                                            double epsilon_pct)
{
    igq_real_instance *instances[NUM_PHOTOS];
    for (int p = 0; p < NUM_PHOTOS; p++) {
        igq_range_collector collector = {.instance = real_instance_of_vit(&deit_tiny)};
        igq_observer observer = igq_range_collector_observer(&collector);
        load_photo(image[p], p);
        fp32_photo(reference[p], image[p], weights, &observer);
        instances[p] = collector.instance;
    }
    igq_calibrate_cfg cfg = {.num_groups = NUM_GROUPS,
                             .act_bits = act_bits,
                             .weight_bits = weight_bits,
                             .attn_bits = 8,
                             .edge_bits = 8,
                             .weight_epsilon_pct = epsilon_pct,
                             .distance = IGQ_DISTANCE_L2,
                             .max_iterations = 300};
    igq_calibration *calibration = calibrate_vit(&deit_tiny, instances, NUM_PHOTOS, &cfg);
    for (int p = 0; p < NUM_PHOTOS; p++)
        igq_real_instance_free(instances[p]);
    return calibration;
}

static evaluation evaluate(const igq_vit_weights *weights, const igq_calibration *calibration, igq_scheme scheme)
{
    evaluation result = {0};
    igq_scheme_cfg cfg = {.scheme = scheme,
                          .num_groups = NUM_GROUPS,
                          .acc_bits = 24,
                          .vector_length = 16,
                          .vsquant_act_scale_bits = 8,
                          .vsquant_weight_scale_bits = 8};
    igq_instance *instance = instance_of_vit(&deit_tiny);
    vit_pass pass = vit_pass_new(weights, &deit_tiny);
    igq_datapath *datapath = igq_datapath_new(pass.products, calibration, &cfg, NULL);
    igq_engine engine = igq_datapath_engine(datapath, instance);
    for (int p = 0; p < NUM_PHOTOS; p++) {
        float logits[PHOTO_CLASSES];
        int top, reference_top;
        vit_pass_run(logits, &pass, &engine, image[p]);
        igq_top_k(&top, logits, PHOTO_CLASSES, 1);
        igq_top_k(&reference_top, reference[p], PHOTO_CLASSES, 1);
        result.top1_agreement += top == reference_top;
        result.kl += igq_kl_divergence(reference[p], logits, PHOTO_CLASSES) / NUM_PHOTOS;
        for (int linear = 1; linear < vit_num_linear(&deit_tiny) - 1; linear++) {
            const igq_layer_noise *noise = &instance->linear_noise[linear];
            ck_assert_uint_eq(noise->overflow_count, 0);
            result.sqnr_db[vit_linear(&deit_tiny, linear).kind] +=
                10 * log10(noise->signal / noise->noise) / (deit_tiny.depth * NUM_PHOTOS);
        }
    }
    vit_pass_free(&pass);
    igq_datapath_free(datapath);
    igq_instance_free(instance);
    return result;
}

START_TEST(eight_bits_leave_top_1_of_all_photos_unchanged)
{
    igq_checkpoint *checkpoint = open_deit_tiny();
    const igq_vit_weights *weights = igq_checkpoint_weights(checkpoint);
    igq_calibration *calibration = calibrate_on_photos(weights, 8, 8, 1e-3);
    evaluation igq = evaluate(weights, calibration, IGQ_SCHEME_IGQ);
    ck_assert_int_eq(igq.top1_agreement, NUM_PHOTOS);
    ck_assert_double_lt(igq.kl, 0.1);
    evaluation layerwise = evaluate(weights, calibration, IGQ_SCHEME_LAYERWISE);
    ck_assert_int_eq(layerwise.top1_agreement, NUM_PHOTOS);
    igq_calibration_free(calibration);
    igq_checkpoint_close(checkpoint);
}
END_TEST

START_TEST(finer_schemes_have_more_sqnr_on_every_layer_kind_at_4_bits)
{
    static const igq_scheme order[4] = {IGQ_SCHEME_LAYERWISE, IGQ_SCHEME_CONSECUTIVE, IGQ_SCHEME_IGQ,
                                        IGQ_SCHEME_CHANNELWISE};
    static const igq_layer_kind kinds[4] = {IGQ_LAYER_QKV, IGQ_LAYER_PROJ, IGQ_LAYER_FC1, IGQ_LAYER_FC2};
    igq_checkpoint *checkpoint = open_deit_tiny();
    const igq_vit_weights *weights = igq_checkpoint_weights(checkpoint);
    igq_calibration *calibration = calibrate_on_photos(weights, 4, 4, 5e-2);
    evaluation coarser = evaluate(weights, calibration, order[0]);
    for (int i = 1; i < 4; i++) {
        evaluation finer = evaluate(weights, calibration, order[i]);
        for (int k = 0; k < 4; k++)
            ck_assert_double_lt(coarser.sqnr_db[kinds[k]], finer.sqnr_db[kinds[k]]);
        ck_assert_double_gt(coarser.kl, finer.kl);
        coarser = finer;
    }
    igq_calibration_free(calibration);
    igq_checkpoint_close(checkpoint);
}
END_TEST

int main(void)
{
    if (skip_without_data())
        return 77;
    Suite *suite = suite_create("datapath_data");
    TCase *tests = tcase_create("datapath_data");
    tcase_add_test(tests, eight_bits_leave_top_1_of_all_photos_unchanged);
    tcase_add_test(tests, finer_schemes_have_more_sqnr_on_every_layer_kind_at_4_bits);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
