// SPDX-License-Identifier: Apache-2.0
// Co-simulation as a whole: what it reports when all agree, and what it says when they do not.
#include "cosim_batch.h"
#include "cosim_compare.h"
#include "cosim_systemc.h"
#include <unistd.h>
#include <cstdlib>
#include <cstring>
#include "../suite.h"
#undef fail

// libsystemc looks for it; simulations start in sim/cosim/cosim_systemc.cpp.
extern "C" int sc_main(int, char **);
int sc_main(int, char **)
{
    return 0;
}

namespace
{
igq_accelerator machine(int range_lanes, int distance_lanes, igq_distance distance, int num_groups)
{
    igq_accelerator accelerator = {};
    std::strcpy(accelerator.name, "test_machine");
    accelerator.num_groups = num_groups;
    accelerator.scheme.distance = distance;
    accelerator.group_assignment.range_lanes = range_lanes;
    accelerator.group_assignment.distance_lanes = distance_lanes;
    return accelerator;
}

const igq_accelerator small_machine = machine(2, 4, IGQ_DISTANCE_L2, 3);

igq_cosim_cfg random_run(int num_random, uint64_t seed, const char *output_dir)
{
    igq_cosim_cfg cfg = {};
    cfg.accelerator = &small_machine;
    cfg.num_random = num_random;
    cfg.seed = seed;
    cfg.output_dir = output_dir;
    cfg.command = "igqsim cosim -a test.yaml";
    return cfg;
}

// Says a wrong group for one channel; with `asserting`, an assertion of it fails when the entry is taken.
class faulty_unit : public rtl_unit
{
  public:
    faulty_unit(const rtl_point &point, int channel, bool asserting = false)
        : unit_(rtl_unit::make(point)), channel_(channel), asserting_(asserting)
    {
    }
    rtl_outputs outputs() const override
    {
        rtl_outputs out = unit_->outputs();
        if (out.list_channel == channel_)
            out.list_group ^= 1;
        return out;
    }
    int count(int group) const override { return unit_->count(group); }
    void cycle(const rtl_inputs &inputs) override
    {
        rtl_outputs out = outputs();
        failed_ |= asserting_ && inputs.list_ready && out.list_valid && out.list_channel == channel_;
        unit_->cycle(inputs);
    }
    bool failed() const override { return failed_ || unit_->failed(); }
    void open_waveform(const std::string &path) override { unit_->open_waveform(path); }
    void close_waveform() override { unit_->close_waveform(); }

  private:
    std::unique_ptr<rtl_unit> unit_;
    int channel_;
    bool asserting_, failed_ = false;
};

long file_bytes(const char *path)
{
    FILE *file = std::fopen(path, "rb");
    if (file == nullptr)
        return -1;
    std::fseek(file, 0, SEEK_END);
    long bytes = std::ftell(file);
    std::fclose(file);
    return bytes;
}
} // namespace

START_TEST(random_layers_agree_and_every_corner_case_is_hit)
{
    igq_cosim_cfg cfg = random_run(100, 42, ".");
    igq_cosim_result result;
    igq_error error;
    ck_assert_int_eq(igq_cosim_run(&result, &cfg, &error), IGQ_OK);
    ck_assert_msg(!result.mismatch, "%s", result.difference);
    ck_assert_str_eq(result.rtl_point, "small");
    ck_assert_uint_gt(result.layers, 100);
    ck_assert_uint_gt(result.cycles, result.channels);
    ck_assert_int_eq(result.num_corners, COSIM_CORNER_COUNT);
    for (int i = 0; i < result.num_corners; i++)
        ck_assert_msg(result.corner_layers[i] > 0, "no layer was the corner case %s", result.corner_names[i]);
    uint64_t cycles = 0;
    for (const auto &phases : result.phase_cycles) {
        for (uint64_t phase_cycles : phases) {
            ck_assert_uint_gt(phase_cycles, 0); // every phase alone, and with the ranges of the next layer
            cycles += phase_cycles;
        }
    }
    ck_assert_uint_eq(cycles, result.cycles);
}
END_TEST

START_TEST(layers_of_a_trace_agree)
{
    const int16_t lo[] = {-5, 0, 3}, hi[] = {7, 0, 3}, lower[] = {-4, 0}, upper[] = {4, 1};
    const igq_cosim_layer layers[] = {{"b0.qkv", 4, 3, 2, lo, hi, lower, upper},
                                      {"b0.proj", 1, 2, 1, lo + 1, hi + 1, lower, upper}};
    igq_cosim_cfg cfg = random_run(0, 1, ".");
    igq_cosim_result without, with;
    igq_error error;
    ck_assert_int_eq(igq_cosim_run(&without, &cfg, &error), IGQ_OK);
    cfg.layers = layers;
    cfg.num_layers = 2;
    ck_assert_int_eq(igq_cosim_run(&with, &cfg, &error), IGQ_OK);
    ck_assert(!with.mismatch);
    ck_assert_uint_eq(with.layers, without.layers + 4); // without stalls and with
    ck_assert_uint_eq(with.channels, without.channels + 10);
}
END_TEST

START_TEST(a_mismatch_is_told_in_words_with_command_and_waveform)
{
    char directory[] = "/tmp/igq_cosim_XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(directory));
    igq_cosim_cfg cfg = random_run(32, 7, directory);
    igq_cosim_result result;
    igq_error error;
    auto make = [](const rtl_point &point) { return std::make_unique<faulty_unit>(point, 2); };
    ck_assert_int_eq(cosim_run(&result, &cfg, make, &error), IGQ_OK);
    ck_assert_int_eq(result.mismatch, 1);
    ck_assert_msg(std::strstr(result.difference, "corner cases, no stalls, layer 0, cycle ") != nullptr, "%s",
                  result.difference);
    ck_assert_msg(std::strstr(result.difference,
                              "list entry 2: expected channel 2 in group 0; got channel 2 in group 1; "
                              "channel 2 has the range [0, 0]; distance of group 0 [0, 0]: 0, "
                              "of group 1 [0, 0]: 0") != nullptr,
                  "%s", result.difference);
    std::string command = "igqsim cosim -a test.yaml --random 0 -o " + std::string(directory);
    ck_assert_str_eq(result.reproducer, command.c_str());
    ck_assert_int_gt(file_bytes(result.waveform), 1000);
    unlink(result.waveform);
    rmdir(directory);
}
END_TEST

START_TEST(a_failing_assertion_comes_with_the_difference_that_led_to_it)
{
    const rtl_point *point = rtl_point_for(small_machine, nullptr);
    auto make = [](const rtl_point &p) { return std::make_unique<faulty_unit>(p, 0, true); };
    for (int C : {1, 5}) { // with one channel, the batch is over when the assertion fails
        cosim_random random(3);
        cosim_batch batch;
        batch.name = "faulty";
        batch.layers = {cosim_random_layer(random, 2, C, 3)};
        batch.stalls = [] { return rtl_stalls{}; };
        cosim_totals totals;
        std::string text = cosim_run_batch(totals, *point, batch, make).text;
        ck_assert_msg(text.find("expected channel ") != std::string::npos, "%s", text.c_str());
        ck_assert_msg(text.find("; an assertion of the RTL failed") != std::string::npos, "%s", text.c_str());
    }
}
END_TEST

// A unit that is faulty in the third batch of random layers (seed 9): the reproducer's seed must lead to the same
// layers at once.
START_TEST(the_reproducer_of_a_random_batch_finds_the_same_mismatch)
{
    char directory[] = "/tmp/igq_cosim_XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(directory));
    int units_before_random = 0; // batches
    igq_cosim_cfg cfg = random_run(0, 7, directory);
    igq_cosim_result result;
    igq_error error;
    auto count = [&](const rtl_point &point) {
        units_before_random++;
        return rtl_unit::make(point);
    };
    ck_assert_int_eq(cosim_run(&result, &cfg, count, &error), IGQ_OK);

    auto faulty_from = [](int first) {
        return [first, made = 0](const rtl_point &point) mutable -> std::unique_ptr<rtl_unit> {
            if (made++ < first)
                return rtl_unit::make(point);
            return std::make_unique<faulty_unit>(point, 0);
        };
    };
    cfg.num_random = 64;
    ck_assert_int_eq(cosim_run(&result, &cfg, faulty_from(units_before_random + 2), &error), IGQ_OK);
    ck_assert_int_eq(result.mismatch, 1);
    ck_assert_msg(std::strstr(result.reproducer, " --random 16 --seed 9 ") != nullptr, "%s", result.reproducer);

    igq_cosim_cfg again = random_run(16, 9, directory);
    igq_cosim_result reproduced;
    ck_assert_int_eq(cosim_run(&reproduced, &again, faulty_from(units_before_random), &error), IGQ_OK);
    ck_assert_str_eq(reproduced.difference, result.difference);
    unlink(result.waveform);
    rmdir(directory);
}
END_TEST

START_TEST(the_systemc_module_is_compared_in_lists_and_cycles)
{
    const rtl_point *point = rtl_point_for(small_machine, nullptr);
    cosim_random random(3);
    std::vector<rtl_layer> layers = {cosim_random_layer(random, 2, 9, 3), cosim_random_layer(random, 1, 10, 2)};
    auto unit = rtl_unit::make(*point);
    rtl_reset(*unit, *point);
    rtl_driver driver(*unit, *point, layers, {});
    ck_assert(driver.run());
    std::vector<rtl_layer_result> rtl = driver.results();
    ck_assert_str_eq(cosim_compare_systemc(*point, layers, rtl, false).text.c_str(), "");

    rtl[1].last_entry_cycle++;
    auto late = cosim_compare_systemc(*point, layers, rtl, false);
    ck_assert_uint_eq(late.layer, 1);
    ck_assert_ptr_nonnull(std::strstr(late.text.c_str(), "the lists of the SystemC module are complete in cycle "));
    ck_assert_str_eq(cosim_compare_systemc(*point, layers, rtl, true).text.c_str(),
                     ""); // as a stalled reader leaves it
    rtl[1].last_entry_cycle--;

    rtl[0].first_beat_cycle = 0; // the first bank is free in cycle 0
    ck_assert_str_eq(cosim_compare_systemc(*point, layers, rtl, false).text.c_str(), "");

    rtl[0].entries[3].group ^= 1;
    auto other = cosim_compare_systemc(*point, layers, rtl, true);
    ck_assert_uint_eq(other.layer, 0);
    ck_assert_ptr_nonnull(std::strstr(other.text.c_str(), "list entry 3: the SystemC module has channel "));
}
END_TEST

START_TEST(a_machine_without_rtl_is_refused_with_what_is_built)
{
    igq_accelerator wide = machine(32, 4, IGQ_DISTANCE_L1, 8);
    igq_cosim_cfg cfg = random_run(0, 1, ".");
    cfg.accelerator = &wide;
    igq_cosim_result result;
    igq_error error;
    ck_assert_int_eq(igq_cosim_run(&result, &cfg, &error), IGQ_USER_ERROR);
    ck_assert_ptr_nonnull(std::strstr(error.message, "test_machine: no RTL of the group assignment unit is built for "
                                                     "group_assignment.range_lanes 32, distance_lanes 4, "
                                                     "scheme.distance l1 and num_groups 8. Built are: "));
    ck_assert_ptr_nonnull(std::strstr(error.message, "large_l1 (range_lanes 16, distance_lanes 4, distance l1"));
}
END_TEST

START_TEST(a_trace_beyond_the_limits_is_refused_with_the_limit)
{
    const int16_t zeros[11] = {};
    const igq_cosim_layer layer = {"b0.fc2", 2, 11, 1, zeros, zeros, zeros, zeros};
    igq_cosim_cfg cfg = random_run(0, 1, ".");
    cfg.layers = &layer;
    cfg.num_layers = 1;
    igq_cosim_result result;
    igq_error error;
    ck_assert_int_eq(igq_cosim_run(&result, &cfg, &error), IGQ_USER_ERROR);
    ck_assert_str_eq(error.message, "b0.fc2: the RTL of the group assignment unit (small) takes 1 to 10 channels, "
                                    "this layer has 11");
}
END_TEST

int main()
{
    Suite *suite = suite_create("cosim");
    TCase *tcase = tcase_create("small");
    tcase_add_test(tcase, random_layers_agree_and_every_corner_case_is_hit);
    tcase_add_test(tcase, layers_of_a_trace_agree);
    tcase_add_test(tcase, a_mismatch_is_told_in_words_with_command_and_waveform);
    tcase_add_test(tcase, a_failing_assertion_comes_with_the_difference_that_led_to_it);
    tcase_add_test(tcase, the_reproducer_of_a_random_batch_finds_the_same_mismatch);
    tcase_add_test(tcase, the_systemc_module_is_compared_in_lists_and_cycles);
    tcase_add_test(tcase, a_machine_without_rtl_is_refused_with_what_is_built);
    tcase_add_test(tcase, a_trace_beyond_the_limits_is_refused_with_the_limit);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
