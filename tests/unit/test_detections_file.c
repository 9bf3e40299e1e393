// SPDX-License-Identifier: Apache-2.0
// Files of predictions, written here as a user would from a detector of 3 classes: 2 objects, a box for each class and
// masks of 2 x 2.
#include "detections_file.h"
#include "safetensors.h"
#include <math.h>
#include <check.h>
#include "temp_dir.h"

enum { OBJECTS = 2, CLASSES = 3 };

typedef struct example {
    float class_logits[OBJECTS * CLASSES], boxes[OBJECTS * CLASSES * 4], masks[OBJECTS * CLASSES * 4];
    int32_t truth[OBJECTS];
    int has_masks;
} example;

static example predictions(void)
{
    example e = {.truth = {2, 0}, .has_masks = 1};
    for (int i = 0; i < OBJECTS * CLASSES; i++)
        e.class_logits[i] = (float)i;
    for (int i = 0; i < OBJECTS * CLASSES * 4; i++) {
        e.boxes[i] = (float)i / 8;
        e.masks[i] = (float)(i % 2);
    }
    return e;
}

static const char *write(const char *name, const example *e, int num_tensors)
{
    igq_error error;
    const char *path = temp_path(name);
    igq_tensor tensors[4] = {
        igq_tensor_make("class_logits", IGQ_DTYPE_F32, e->class_logits, 2, (int64_t[]){OBJECTS, CLASSES}),
        igq_tensor_make("boxes", IGQ_DTYPE_F32, e->boxes, 3, (int64_t[]){OBJECTS, CLASSES, 4}),
        igq_tensor_make("truth", IGQ_DTYPE_I32, e->truth, 1, (int64_t[]){OBJECTS}),
        igq_tensor_make("masks", IGQ_DTYPE_F32, e->masks, 4, (int64_t[]){OBJECTS, CLASSES, 2, 2})};
    int num = num_tensors ? num_tensors : 3 + e->has_masks;
    ck_assert_int_eq(igq_safetensors_write(path, tensors, num, NULL, 0, &error), IGQ_OK);
    return path;
}

START_TEST(terms_are_of_the_ground_truth_class)
{
    igq_error error;
    igq_detection_shift shift;
    example reference = predictions(), quantized = predictions();
    quantized.boxes[2 * 4] += 2;           // object 0, class 2
    quantized.boxes[0] += 100;             // object 0, class 0: does not count
    quantized.masks[CLASSES * 4 + 1] -= 1; // object 1, class 0
    ck_assert_int_eq(igq_detections_shift(&shift, write("a", &reference, 0), write("b", &quantized, 0), &error),
                     IGQ_OK);
    ck_assert_double_eq_tol(shift.box, 0.25, 1e-7);
    ck_assert_double_eq_tol(shift.mask, 0.125, 1e-7);
    ck_assert(shift.class_kl == 0);
    ck_assert_double_eq_tol(shift.psi, 0.375, 1e-7);
}
END_TEST

START_TEST(masks_may_be_missing_from_both)
{
    igq_error error;
    igq_detection_shift shift;
    example e = predictions();
    e.has_masks = 0;
    const char *path = write("a", &e, 0);
    ck_assert_int_eq(igq_detections_shift(&shift, path, path, &error), IGQ_OK);
    ck_assert(shift.psi == 0);
}
END_TEST

START_TEST(files_that_do_not_match_are_refused)
{
    igq_error error;
    igq_detection_shift shift;
    example reference = predictions(), other = predictions();
    char path[512]; // temp_path's results do not live long enough
    strcpy(path, write("a", &reference, 0));
    other.has_masks = 0;
    ASSERT_REFUSED(igq_detections_shift(&shift, path, write("b", &other, 0), &error), &error, "b:", "masks differ");
    other = predictions();
    other.truth[1] = 1;
    ASSERT_REFUSED(igq_detections_shift(&shift, path, write("b", &other, 0), &error), &error, "b:", "truth differ");
    other.truth[1] = 3;
    ASSERT_REFUSED(igq_detections_shift(&shift, path, write("b", &other, 0), &error), &error, "truth[1]: 3", "0 to 2");
    ASSERT_REFUSED(igq_detections_shift(&shift, path, write("b", &other, 1), &error), &error, "no tensor boxes");
    igq_tensor stray = igq_tensor_make("mask", IGQ_DTYPE_I32, other.truth, 1, (int64_t[]){OBJECTS});
    ck_assert_int_eq(igq_safetensors_write(temp_path("s"), &stray, 1, NULL, 0, &error), IGQ_OK);
    ASSERT_REFUSED(igq_detections_shift(&shift, path, temp_path("s"), &error), &error, "tensor mask", "allowed");
    ASSERT_REFUSED(igq_detections_shift(&shift, path, temp_path("none"), &error), &error, "none");
}
END_TEST

START_TEST(boxes_of_a_wrong_shape_are_refused)
{
    igq_error error;
    igq_detection_shift shift;
    example e = predictions();
    igq_tensor tensors[3] = {
        igq_tensor_make("class_logits", IGQ_DTYPE_F32, e.class_logits, 2, (int64_t[]){OBJECTS, CLASSES}),
        igq_tensor_make("boxes", IGQ_DTYPE_F32, e.boxes, 3, (int64_t[]){OBJECTS, 2, 4}),
        igq_tensor_make("truth", IGQ_DTYPE_I32, e.truth, 1, (int64_t[]){OBJECTS})};
    const char *path = temp_path("a");
    ck_assert_int_eq(igq_safetensors_write(path, tensors, 3, NULL, 0, &error), IGQ_OK);
    ASSERT_REFUSED(igq_detections_shift(&shift, path, path, &error), &error, "boxes: shape [2][2][4]", "allowed");
}
END_TEST

START_TEST(predictions_that_are_not_finite_are_refused)
{
    igq_error error;
    igq_detection_shift shift;
    example fine = predictions(), bad = predictions();
    char path[512];
    strcpy(path, write("a", &fine, 0));
    bad.class_logits[4] = NAN;
    ASSERT_REFUSED(igq_detections_shift(&shift, path, write("b", &bad, 0), &error), &error, "b:", "class_logits",
                   "element 4 is nan");
    bad = predictions();
    bad.masks[5] = -INFINITY;
    ASSERT_REFUSED(igq_detections_shift(&shift, path, write("b", &bad, 0), &error), &error, "masks",
                   "element 5 is -inf");
}
END_TEST

START_TEST(a_divergence_that_rounding_makes_negative_is_zero)
{
    igq_error error;
    igq_detection_shift shift;
    example a = predictions(), b = predictions();
    for (int trial = 0; trial < 1000; trial++) {
        for (int i = 0; i < OBJECTS * CLASSES; i++) {
            a.class_logits[i] = (float)((trial * 7 + i * 13) % 41) * 0.37f;
            b.class_logits[i] = a.class_logits[i] + (float)(trial % 5) * 0.11f; // the same softmax
        }
        ck_assert_int_eq(igq_detections_shift(&shift, write("a", &a, 0), write("b", &b, 0), &error), IGQ_OK);
        ck_assert(shift.class_kl >= 0);
    }
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("unit.detections_file", terms_are_of_the_ground_truth_class, masks_may_be_missing_from_both,
                            files_that_do_not_match_are_refused, boxes_of_a_wrong_shape_are_refused,
                            predictions_that_are_not_finite_are_refused,
                            a_divergence_that_rounding_makes_negative_is_zero);
}
