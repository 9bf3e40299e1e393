// SPDX-License-Identifier: Apache-2.0
// The RTL against the C model at every parameter point: lists, flags, counts and every cycle of the handshakes.
#include "cosim_compare.h"
#include "cosim_layers.h"
#include "latency.h"
#include <algorithm>
#include "../suite.h"
#undef fail

namespace
{
// Runs layers on a fresh unit and fails the test with the first difference.
std::vector<rtl_layer_result> run_and_compare(const rtl_point &point, const std::vector<rtl_layer> &layers,
                                              const rtl_stalls &stalls)
{
    auto unit = rtl_unit::make(point);
    rtl_reset(*unit, point);
    rtl_driver driver(*unit, point, layers, stalls);
    bool ran = driver.run();
    ck_assert_msg(ran, "%s, layer %zu, cycle %llu: %s", point.name, driver.layer(),
                  static_cast<unsigned long long>(driver.cycle()), driver.what().c_str());
    for (size_t i = 0; i < layers.size(); i++) {
        uint64_t cycle;
        std::string difference = cosim_difference(layers[i], driver.results()[i], point.distance, &cycle);
        ck_assert_msg(difference.empty(), "%s, layer %zu: %s", point.name, i, difference.c_str());
    }
    return driver.results();
}

std::vector<rtl_layer> random_layers(cosim_random &random, const rtl_point &point, int num)
{
    std::vector<rtl_layer> layers;
    for (int i = 0; i < num; i++)
        layers.push_back(cosim_random_layer(random, point));
    return layers;
}
} // namespace

// _i is the index of the point in every test of this file.

START_TEST(corner_cases_equal_the_c_model)
{
    const rtl_point &point = rtl_points()[static_cast<size_t>(_i)];
    cosim_random random(1);
    auto layers = cosim_corner_layers(random, point);
    auto results = run_and_compare(point, layers, {});
    cosim_corners corners(COSIM_CORNER_COUNT);
    for (size_t i = 0; i < layers.size(); i++)
        cosim_count_corners(corners, point, layers, results, i);
    for (int corner = 0; corner < COSIM_RESET; corner++) { // the last two are not about one layer's values
        bool many_groups = point.max_groups > 1;
        bool possible =
            ((corner != COSIM_TIE && corner != COSIM_EMPTY_GROUP && corner != COSIM_SINGLE_LIST) || many_groups) &&
            (corner != COSIM_PARTIAL_BEAT || point.range_lanes > 1) &&
            (corner != COSIM_PARTIAL_STEP || point.distance_lanes > 1) &&
            (corner < COSIM_FULL_LIST || corner > COSIM_REPAIR || point.has_capacity) &&
            (corner != COSIM_REPAIR || point.distance_lanes > 1);
        ck_assert_msg(!possible || corners[static_cast<size_t>(corner)] > 0, "%s: no layer is the corner case %s",
                      point.name, cosim_corner_names[corner]);
    }
}
END_TEST

START_TEST(random_layers_without_stalls_equal_the_c_model)
{
    const rtl_point &point = rtl_points()[static_cast<size_t>(_i)];
    cosim_random random(2);
    run_and_compare(point, random_layers(random, point, 60), {});
}
END_TEST

START_TEST(random_layers_with_stalls_equal_the_c_model)
{
    const rtl_point &point = rtl_points()[static_cast<size_t>(_i)];
    for (int kind = 1; kind <= 3; kind++) {
        auto seed = static_cast<uint64_t>(kind) + 2;
        cosim_random random(seed);
        run_and_compare(point, random_layers(random, point, 40), cosim_random_stalls(seed, kind));
    }
}
END_TEST

START_TEST(a_lone_layer_takes_the_cycles_of_the_closed_forms)
{
    const rtl_point &point = rtl_points()[static_cast<size_t>(_i)];
    cosim_random random(6);
    for (const rtl_layer &layer : random_layers(random, point, 20)) {
        rtl_layer_result result = run_and_compare(point, {layer}, {})[0];
        uint64_t range_end = result.first_beat_cycle + igq_range_cycles(layer.T, layer.C, point.range_lanes) - 1;
        uint64_t score_end =
            range_end + igq_score_cycles(layer.C, point.distance_lanes, rtl_answer_of(layer, point).repairs);
        ck_assert_uint_eq(result.last_beat_cycle, range_end);
        ck_assert_uint_eq(result.first_entry_cycle, score_end + 1);
        ck_assert_uint_eq(result.last_entry_cycle, score_end + igq_emit_cycles(layer.C));
    }
}
END_TEST

START_TEST(layers_whose_ranges_take_longest_follow_each_other_without_a_gap)
{
    const rtl_point &point = rtl_points()[static_cast<size_t>(_i)];
    cosim_random random(7);
    int T = point.max_tokens, C = 1 + point.max_channels / 4; // ranges hide score, emission and bounds of a layer
    std::vector<rtl_layer> layers;
    for (int i = 0; i < 4; i++)
        layers.push_back(cosim_random_layer(random, T, C, point.max_groups));
    auto results = run_and_compare(point, layers, {});
    uint64_t range_cycles = igq_range_cycles(T, C, point.range_lanes);
    if (range_cycles <= igq_score_cycles(C, point.distance_lanes, 0) + igq_emit_cycles(C))
        return;
    for (size_t i = 1; i < results.size(); i++)
        ck_assert_uint_eq(results[i].first_beat_cycle, results[i - 1].last_beat_cycle + 1);
}
END_TEST

START_TEST(layers_whose_lists_take_longest_follow_each_other_after_score)
{
    const rtl_point &point = rtl_points()[static_cast<size_t>(_i)];
    cosim_random random(8);
    int C = point.max_channels;
    std::vector<rtl_layer> layers;
    for (int i = 0; i < 4; i++)
        layers.push_back(cosim_random_layer(random, 1, C, point.max_groups));
    auto results = run_and_compare(point, layers, {});
    for (size_t i = 1; i < results.size(); i++) {
        if (results[i].last_beat_cycle < results[i - 1].last_entry_cycle)
            ck_assert_uint_eq(results[i].first_entry_cycle,
                              results[i - 1].last_entry_cycle + igq_score_cycles(C, point.distance_lanes, 0) + 1);
    }
}
END_TEST

// The third layer waits for the bank of the first, whose score has to end.
START_TEST(a_bank_is_free_in_the_cycle_after_the_score_of_its_layer)
{
    const rtl_point &point = rtl_points()[static_cast<size_t>(_i)];
    cosim_random random(9);
    int C = point.max_channels;
    std::vector<rtl_layer> layers;
    for (int i = 0; i < 3; i++)
        layers.push_back(cosim_random_layer(random, 1, C, 1));
    auto results = run_and_compare(point, layers, {});
    uint64_t score_end = results[0].last_beat_cycle + igq_score_cycles(C, point.distance_lanes, 0);
    ck_assert_uint_eq(results[2].first_beat_cycle, std::max(results[1].last_beat_cycle, score_end) + 1);
}
END_TEST

int main()
{
    Suite *suite = suite_create("layers");
    TCase *tcase = tcase_create("every point");
    int points = static_cast<int>(rtl_points().size());
    tcase_add_loop_test(tcase, corner_cases_equal_the_c_model, 0, points);
    tcase_add_loop_test(tcase, random_layers_without_stalls_equal_the_c_model, 0, points);
    tcase_add_loop_test(tcase, random_layers_with_stalls_equal_the_c_model, 0, points);
    tcase_add_loop_test(tcase, a_lone_layer_takes_the_cycles_of_the_closed_forms, 0, points);
    tcase_add_loop_test(tcase, layers_whose_ranges_take_longest_follow_each_other_without_a_gap, 0, points);
    tcase_add_loop_test(tcase, layers_whose_lists_take_longest_follow_each_other_after_score, 0, points);
    tcase_add_loop_test(tcase, a_bank_is_free_in_the_cycle_after_the_score_of_its_layer, 0, points);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
