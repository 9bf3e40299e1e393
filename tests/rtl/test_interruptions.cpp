// SPDX-License-Identifier: Apache-2.0
// A short layer, exhaustively: a stall at every subset of its beats and list entries, a reset in every one of its
// cycles.
#include "cosim_compare.h"
#include "cosim_layers.h"
#include "../suite.h"
#undef fail

namespace
{
const rtl_point &point_named(const std::string &name)
{
    for (const rtl_point &point : rtl_points()) {
        if (name == point.name)
            return point;
    }
    ck_abort_msg("no point of this name");
}

void compare(const rtl_point &point, const std::vector<rtl_layer> &layers, rtl_driver &driver)
{
    ck_assert_msg(driver.run(), "cycle %llu: %s", static_cast<unsigned long long>(driver.cycle()),
                  driver.what().c_str());
    for (size_t i = 0; i < layers.size(); i++) {
        uint64_t cycle;
        std::string difference = cosim_difference(layers[i], driver.results()[i], point.distance, &cycle);
        ck_assert_msg(difference.empty(), "layer %zu: %s", i, difference.c_str());
    }
}

// Two layers, so that stalls of one meet the phases of the other. 2 tokens of 5 channels: 6 beats of 2 lanes, 5
// entries.
std::vector<rtl_layer> two_short_layers()
{
    cosim_random random(11);
    return {cosim_random_layer(random, 2, 5, 3), cosim_random_layer(random, 2, 5, 2)};
}
const int num_beats = 6, num_entries = 5;
} // namespace

// _i bit b: wait before beat b, bit num_beats + e: wait before entry e; twice with waits of 1 and 2 cycles.
START_TEST(a_stall_at_every_subset_of_positions_changes_no_list)
{
    const rtl_point &point = point_named("small");
    auto layers = two_short_layers();
    auto unit = rtl_unit::make(point);
    for (int subset = 0; subset < 1 << (num_beats + num_entries); subset++) {
        for (int wait = 1; wait <= 2; wait++) {
            rtl_stalls stalls;
            stalls.before_beat = [=](int, int beat) { return (subset >> beat & 1) * wait; };
            stalls.before_entry = [=](int, int entry) { return (subset >> (num_beats + entry) & 1) * wait; };
            rtl_reset(*unit, point);
            rtl_driver driver(*unit, point, layers, stalls);
            compare(point, layers, driver);
        }
    }
}
END_TEST

START_TEST(a_late_layer_handshake_at_every_distance_changes_no_list)
{
    const rtl_point &point = point_named("small");
    auto layers = two_short_layers();
    auto unit = rtl_unit::make(point);
    for (int wait = 0; wait < 60; wait++) {
        rtl_stalls stalls;
        stalls.before_layer = [=](int layer, int) { return layer * wait; };
        rtl_reset(*unit, point);
        rtl_driver driver(*unit, point, layers, stalls);
        compare(point, layers, driver);
    }
}
END_TEST

START_TEST(a_reset_in_every_cycle_leaves_nothing_behind)
{
    const rtl_point &point = point_named("small");
    auto layers = two_short_layers();
    auto unit = rtl_unit::make(point);
    for (uint64_t at = 0;; at++) {
        rtl_reset(*unit, point);
        rtl_driver interrupted(*unit, point, layers, {});
        while (!interrupted.done() && interrupted.cycle() < at)
            ck_assert(interrupted.step());
        rtl_reset(*unit, point);
        rtl_driver driver(*unit, point, layers, {});
        compare(point, layers, driver);
        if (interrupted.done()) {
            ck_assert_uint_gt(at, 20);
            break;
        }
    }
}
END_TEST

START_TEST(a_failed_assertion_is_reported_and_not_the_end_of_the_process)
{
    const rtl_point &point = point_named("small");
    auto unit = rtl_unit::make(point);
    rtl_reset(*unit, point);
    rtl_inputs in = {};
    in.act.resize(static_cast<size_t>(point.range_lanes));
    in.layer_valid = true; // with no channels, which the RTL asserts against
    in.num_tokens = in.num_groups = 1;
    ck_assert(!unit->failed());
    unit->cycle(in);
    unit->cycle(in);
    ck_assert(unit->failed());
}
END_TEST

START_TEST(bounds_that_nobody_wrote_are_zero)
{
    // Channel [1, 1]: as far from 0 as from the bounds 2 that group 1 gets, so group 0 has it.
    const rtl_point &point = point_named("small");
    auto unit = rtl_unit::make(point);
    rtl_reset(*unit, point);
    rtl_inputs in = {};
    in.act.resize(static_cast<size_t>(point.range_lanes));
    in.bound_we = true;
    in.bound_group = 1;
    in.bound_lower = in.bound_upper = 2;
    unit->cycle(in);
    in.bound_we = false;
    in.layer_valid = true;
    in.num_tokens = in.num_channels = 1;
    in.num_groups = 2;
    unit->cycle(in);
    in.layer_valid = false;
    in.act_valid = true;
    in.act[0] = 1;
    unit->cycle(in);
    in.act_valid = false;
    for (int cycle = 0; cycle < 20 && !unit->outputs().list_valid; cycle++)
        unit->cycle(in);
    ck_assert(unit->outputs().list_valid);
    ck_assert_int_eq(unit->outputs().list_group, 0);
}
END_TEST

int main()
{
    Suite *suite = suite_create("interruptions");
    TCase *tcase = tcase_create("short layers");
    tcase_add_test(tcase, a_stall_at_every_subset_of_positions_changes_no_list);
    tcase_add_test(tcase, a_late_layer_handshake_at_every_distance_changes_no_list);
    tcase_add_test(tcase, a_reset_in_every_cycle_leaves_nothing_behind);
    tcase_add_test(tcase, bounds_that_nobody_wrote_are_zero);
    tcase_add_test(tcase, a_failed_assertion_is_reported_and_not_the_end_of_the_process);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
