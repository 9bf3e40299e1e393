// SPDX-License-Identifier: Apache-2.0
#include "detection.h"
#include <math.h>
#include "../suite.h"

// Two objects, three classes; the second is background.
static float logits[2][3] = {{0, 0, 0}, {1, 2, 3}};
static float boxes[2][3][4] = {{{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}}, {{0}}};
static float masks[2][3][2] = {{{0, 0}, {1, 0}, {0, 1}}, {{0}}};
static const int32_t truth[2] = {1, -1};

static igq_detections all(float class_logits[2][3], float box[2][3][4], float mask[2][3][2])
{
    return (igq_detections){2, 3, class_logits[0], 3, box[0][0], 3, 2, mask[0][0], truth};
}

START_TEST(equal_predictions_have_not_moved)
{
    igq_detections a = all(logits, boxes, masks);
    igq_detection_shift shift;
    igq_detection_shift_of(&shift, &a, &a);
    ck_assert(shift.class_kl == 0 && shift.box == 0 && shift.mask == 0 && shift.psi == 0);
}
END_TEST

START_TEST(the_three_terms_are_those_of_equation_a)
{
    // From (1/3, 1/3, 1/3) to (2, 1, 1)/4: KL = ln(4/3) - ln(2)/3. Offsets of class 1 move by 1, 0, 2, 0; its mask by
    // 0.5, 0.25.
    float other_logits[2][3] = {{(float)log(2), 0, 0}, {1, 2, 3}};
    float other_boxes[2][3][4] = {{{0}, {6, 6, 5, 8}, {0}}, {{7}}};
    float other_masks[2][3][2] = {{{9, 9}, {0.5, 0.25}, {9, 9}}, {{7}}};
    igq_detections a = all(logits, boxes, masks), b = all(other_logits, other_boxes, other_masks);
    igq_detection_shift shift;
    igq_detection_shift_of(&shift, &a, &b);
    ck_assert_double_eq_tol(shift.class_kl, (log(4.0 / 3) - log(2) / 3) / 2, 1e-7);
    ck_assert_double_eq_tol(shift.box, 0.75 / 2, 1e-12);
    ck_assert_double_eq_tol(shift.mask, 0.375 / 2, 1e-12);
    ck_assert_double_eq_tol(shift.psi, shift.class_kl + shift.box + shift.mask, 1e-12);
}
END_TEST

START_TEST(one_box_for_all_classes_and_no_mask)
{
    float box[2][1][4] = {{{1, 2, 3, 4}}, {{0}}}, other_box[2][1][4] = {{{1, 2, 3, 0}}, {{9}}};
    igq_detections a = {2, 3, logits[0], 1, box[0][0], 0, 0, NULL, truth}, b = a;
    b.boxes = other_box[0][0];
    igq_detection_shift shift;
    igq_detection_shift_of(&shift, &a, &b);
    ck_assert(shift.class_kl == 0 && shift.mask == 0);
    ck_assert_double_eq_tol(shift.psi, 0.5, 1e-12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unit.detection");
    TCase *tcase = tcase_create("detection");
    tcase_add_test(tcase, equal_predictions_have_not_moved);
    tcase_add_test(tcase, the_three_terms_are_those_of_equation_a);
    tcase_add_test(tcase, one_box_for_all_classes_and_no_mask);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
