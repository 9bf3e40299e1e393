// SPDX-License-Identifier: Apache-2.0
// The Verilated unit in the place of the C model: same answers, closed-form cycles, layer after layer.
#include "assign.h"
#include "latency.h"
#include "rtl_assign.h"
#include <cstring>
#include <vector>
#include "../suite.h"
#undef fail

namespace
{
igq_accelerator machine(igq_distance distance)
{
    igq_accelerator accelerator = {};
    std::strcpy(accelerator.name, "test_machine");
    accelerator.num_groups = 8;
    accelerator.scheme.distance = distance;
    accelerator.group_assignment.range_lanes = 16;
    accelerator.group_assignment.distance_lanes = 4;
    return accelerator;
}

int16_t value(uint32_t &state) // of a small generator, in [-1000, 1000]
{
    state = state * 1664525 + 1013904223;
    return static_cast<int16_t>(static_cast<int>(state >> 16) % 2001 - 1000);
}
} // namespace

// _i is the distance.
START_TEST(answers_are_those_of_the_c_model_and_cycles_the_closed_forms)
{
    auto distance = static_cast<igq_distance>(_i);
    igq_accelerator accelerator = machine(distance);
    igq_error error;
    igq_rtl_assign *unit = igq_rtl_assign_new(&accelerator, &error);
    ck_assert_msg(unit != nullptr, "%s", error.message);
    uint32_t state = 1;
    for (int layer = 0; layer < 15; layer++) {
        const int members = std::vector<int>{1, 3, 17, 192, 768}[static_cast<size_t>(layer) % 5];
        const int capacity =
            igq_list_capacity(members, 8, std::vector<int>{0, 125, 100}[static_cast<size_t>(layer) / 5], 1);
        const int observations = 7, num_groups = 8;
        auto size = static_cast<size_t>(members);
        std::vector<int16_t> lo(size), hi(size), lower(8), upper(8);
        for (size_t c = 0; c < size; c++) {
            lo[c] = value(state);
            hi[c] = static_cast<int16_t>(lo[c] + 1000 + value(state));
        }
        for (size_t g = 0; g < 8; g++) {
            lower[g] = value(state);
            upper[g] = static_cast<int16_t>(lower[g] + 1000 + value(state));
        }
        std::vector<uint16_t> expected(size), assigned(size, UINT16_MAX);
        int repairs = igq_assign_limited_ref(expected.data(), lo.data(), hi.data(), lower.data(), upper.data(), members,
                                             num_groups, distance, capacity, 4);
        igq_rtl_assign_cycles cycles;
        ck_assert_int_eq(igq_rtl_assign_layer(unit, assigned.data(), &cycles, observations, members, num_groups,
                                              capacity, lo.data(), hi.data(), lower.data(), upper.data(), &error),
                         IGQ_OK);
        ck_assert_mem_eq(assigned.data(), expected.data(), size * sizeof assigned[0]);
        ck_assert_uint_eq(cycles.range, igq_range_cycles(observations, members, 16));
        ck_assert_uint_eq(cycles.score, igq_score_cycles(members, 4, repairs));
        ck_assert_uint_eq(cycles.emit, igq_emit_cycles(members));
    }
    igq_rtl_assign_free(unit);
}
END_TEST

START_TEST(layers_beyond_the_limits_are_refused_with_the_limit)
{
    igq_accelerator accelerator = machine(IGQ_DISTANCE_L2);
    igq_error error;
    igq_rtl_assign *unit = igq_rtl_assign_new(&accelerator, &error);
    ck_assert_int_eq(igq_rtl_assign_check(unit, 2048, 4096, 16, &error), IGQ_OK);
    ck_assert_int_eq(igq_rtl_assign_check(unit, 2049, 1, 1, &error), IGQ_USER_ERROR);
    ck_assert_ptr_nonnull(std::strstr(error.message, "takes 1 to 2048 tokens, this layer has 2049"));
    ck_assert_int_eq(igq_rtl_assign_check(unit, 1, 4097, 1, &error), IGQ_USER_ERROR);
    ck_assert_ptr_nonnull(std::strstr(error.message, "takes 1 to 4096 channels, this layer has 4097"));
    ck_assert_int_eq(igq_rtl_assign_check(unit, 1, 1, 17, &error), IGQ_USER_ERROR);
    ck_assert_ptr_nonnull(std::strstr(error.message, "takes 1 to 16 groups, this layer has 17"));
    igq_rtl_assign_free(unit);
}
END_TEST

START_TEST(a_machine_without_rtl_is_refused)
{
    igq_accelerator accelerator = machine(IGQ_DISTANCE_L2);
    accelerator.group_assignment.distance_lanes = 8;
    igq_error error;
    ck_assert_ptr_null(igq_rtl_assign_new(&accelerator, &error));
    ck_assert_ptr_nonnull(std::strstr(error.message, "distance_lanes 8"));
}
END_TEST

int main()
{
    Suite *suite = suite_create("rtl_assign");
    TCase *tcase = tcase_create("large points");
    tcase_add_loop_test(tcase, answers_are_those_of_the_c_model_and_cycles_the_closed_forms, 0, IGQ_DISTANCE_COUNT);
    tcase_add_test(tcase, layers_beyond_the_limits_are_refused_with_the_limit);
    tcase_add_test(tcase, a_machine_without_rtl_is_refused);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
