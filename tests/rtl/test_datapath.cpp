// SPDX-License-Identifier: Apache-2.0
// The RTL of the datapath against the models: tiles of small machines of every organisation and scale, and a rule of
// the timing contract changed in the model alone, which must be noticed.
#include "cosim_datapath.h"
#include "file.h"
#include "rtl_tiles.h"
#include "latency.h"
#include "slices.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>
#include <vector>
#include "../suite.h" // last: check.h defines fail()
#undef fail

namespace
{
std::string folder; // for waveforms

igq_accelerator small_machine(igq_organisation organisation, igq_group_scale scale)
{
    igq_accelerator machine = {};
    std::snprintf(machine.name, sizeof machine.name, "small_%s", igq_organisation_names[organisation]);
    const bool lockstep = igq_works_in_lockstep(organisation);
    const bool temporal = organisation == IGQ_ORGANISATION_TEMPORAL;
    machine.mac_organisation = organisation;
    machine.num_groups = 3;
    machine.scheme.scheme = IGQ_SCHEME_IGQ;
    machine.scheme.group_scale = scale;
    machine.scheme.group_scale_bits = 8;
    machine.mac_array.num_arrays = !lockstep ? 1 : organisation == IGQ_ORGANISATION_ELASTIC ? 4 : 3;
    machine.mac_array.lanes = 3;
    machine.mac_array.vector_length = temporal ? 1 : 3;
    machine.mac_array.token_rows = temporal ? 4 : 1;
    machine.mac_array.tokens_in_flight = 4;
    machine.mac_array.mac_bits = 4;
    machine.mac_array.acc_bits = 16;
    machine.mac_array.accumulator_sets = 2;
    machine.mac_array.rescale_cycles = 1;
    machine.mac_array.pipeline_cycles = IGQ_RTL_MAC_CYCLES;
    machine.row_selector.num_banks = 5;
    machine.row_selector.ports_per_bank = 1;
    machine.row_selector.bank_width_bits = 64;
    machine.row_selector.queue_depth = 2;
    machine.row_selector.setup_cycles = IGQ_RTL_SETUP_CYCLES;
    machine.row_selector.pipeline_cycles = IGQ_RTL_GATHER_CYCLES;
    machine.group_assignment.max_members = 128;
    machine.post_processing.lanes = 4;
    machine.post_processing.latency_cycles = IGQ_RTL_POST_CYCLES;
    machine.post_processing.add_cycles = IGQ_RTL_ADD_CYCLES;
    return machine;
}

igq_cosim_datapath_cfg cfg_of(const igq_accelerator &machine, const igq_accelerator *timing, int tiles)
{
    igq_cosim_datapath_cfg cfg = {};
    cfg.accelerator = &machine;
    cfg.timing = timing;
    cfg.num_tiles = tiles;
    cfg.seed = 1;
    cfg.output_dir = folder.c_str();
    cfg.command = "igqsim cosim";
    return cfg;
}

igq_cosim_datapath_result run(const igq_accelerator &machine, const igq_accelerator *timing, int tiles)
{
    igq_cosim_datapath_result result;
    igq_error error;
    const igq_cosim_datapath_cfg cfg = cfg_of(machine, timing, tiles);
    ck_assert_msg(igq_cosim_datapath_run(&result, &cfg, &error) == IGQ_OK, "%s", error.message);
    return result;
}

void agrees(const igq_accelerator &machine)
{
    igq_cosim_datapath_result result = run(machine, nullptr, 100);
    ck_assert_msg(!result.mismatch, "%s", result.difference);
    ck_assert_uint_eq(result.tiles, 100);
}

// A tile of the accelerator, on the lists of `num_groups` groups: cycles of the model and of the RTL, and its verdict.
igq_status verdict_on(const igq_accelerator &machine, int num_groups, int rows, uint64_t later_cycles, igq_error *error)
{
    const int C = 61, T = 13, O = 11;
    std::vector<uint64_t> memory(igq_grouping_size(C, num_groups) / sizeof(uint64_t) + 1);
    igq_grouping lists;
    igq_grouping_init(&lists, memory.data(), C, num_groups);
    for (int c = 0; c < C; c++)
        lists.group[c] = static_cast<uint16_t>(c * c % 5 % num_groups);
    igq_grouping_build(&lists);
    std::vector<igq_step> step(static_cast<size_t>(C));
    igq_steps steps = {};
    steps.step = step.data();
    igq_array_steps(&steps, &lists, 4, 8, &machine);
    igq_tile_time time;
    igq_array_tile(&time, &steps, T, O, &machine);
    const igq_rtl_tiles_size size = {num_groups, C, 4, 4};
    igq_rtl_tiles *tiles;
    ck_assert_msg(igq_rtl_tiles_new(&tiles, &machine, &size, error) == IGQ_OK, "%s", error->message);
    const igq_rtl_tile tile = {"layer", &lists, T, O, 4, 8, rows};
    for (int i = 0; i < 4; i++) // without stalls, and with those of each side
        ck_assert_uint_eq(igq_rtl_tiles_work(tiles, &tile, &machine, time.cycles + later_cycles),
                          time.cycles + later_cycles);
    igq_status status = igq_rtl_tiles_verdict(tiles, error);
    igq_rtl_tiles_free(tiles);
    return status;
}

void works_tiles(const igq_accelerator &machine)
{
    igq_error error;
    ck_assert_msg(verdict_on(machine, 3, 0, 0, &error) == IGQ_OK, "%s", error.message);
    ck_assert_msg(verdict_on(machine, 1, 1, 0, &error) == IGQ_OK, "%s", error.message);
    ck_assert_int_eq(verdict_on(machine, 3, 0, 1, &error), IGQ_MISMATCH);
    ck_assert_ptr_nonnull(std::strstr(error.message, "layer (13 tokens x 11 outputs x 61 channels in 3 lists, "));
    ck_assert_ptr_nonnull(std::strstr(error.message, "the tile takes "));
}
} // namespace

START_TEST(shared_agrees)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED, IGQ_GROUP_SCALE_FP32);
    agrees(machine);
    works_tiles(machine);
}
END_TEST

START_TEST(per_group_with_integer_scales_and_one_set_agrees)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_PER_GROUP, IGQ_GROUP_SCALE_INT);
    machine.mac_array.accumulator_sets = 1;
    machine.mac_array.wide_rate = IGQ_WIDE_RATE_HALF;
    machine.row_selector.ports_per_bank = 2;
    agrees(machine);
    works_tiles(machine);
}
END_TEST

START_TEST(elastic_with_few_post_processing_lanes_agrees)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_ELASTIC, IGQ_GROUP_SCALE_FP32);
    machine.post_processing.lanes = 2;
    machine.post_processing.latency_cycles = IGQ_RTL_POST_CYCLES + 3;
    machine.mac_array.mac_bits = 3;
    agrees(machine);
    works_tiles(machine);
}
END_TEST

START_TEST(temporal_with_shifts_in_place_agrees)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_TEMPORAL, IGQ_GROUP_SCALE_POW2);
    machine.mac_array.rescale_cycles = 2;
    agrees(machine);
    works_tiles(machine);
}
END_TEST

// Rows of the contract, each changed in the model and not in the RTL.
namespace
{
struct rule {
    const char *name;
    void (*change)(igq_accelerator &machine);
};

const rule rules[] = {
    {"accumulator sets", [](igq_accelerator &machine) { machine.mac_array.accumulator_sets = 1; }},
    {"queue depth", [](igq_accelerator &machine) { machine.row_selector.queue_depth = 1; }},
    {"ports of the banks", [](igq_accelerator &machine) { machine.row_selector.ports_per_bank = 2; }},
    {"number of banks", [](igq_accelerator &machine) { machine.row_selector.num_banks = 6; }},
    {"words of a channel", [](igq_accelerator &machine) { machine.row_selector.bank_width_bits = 12; }},
    {"first read", [](igq_accelerator &machine) { machine.row_selector.setup_cycles++; }},
    {"pipeline of the gather", [](igq_accelerator &machine) { machine.row_selector.pipeline_cycles--; }},
    {"pipeline of the arrays", [](igq_accelerator &machine) { machine.mac_array.pipeline_cycles--; }},
    {"hand-over lanes", [](igq_accelerator &machine) { machine.post_processing.lanes = 6; }},
    {"visits to a running sum", [](igq_accelerator &machine) { machine.post_processing.add_cycles = 1; }},
    {"latency of post-processing", [](igq_accelerator &machine) { machine.post_processing.latency_cycles++; }},
    {"passes of wide codes", [](igq_accelerator &machine) { machine.mac_array.wide_rate = IGQ_WIDE_RATE_HALF; }},
    {"organisation", [](igq_accelerator &machine) { machine.mac_organisation = IGQ_ORGANISATION_TEMPORAL; }},
};
} // namespace

START_TEST(a_changed_rule_of_the_contract_is_noticed)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED, IGQ_GROUP_SCALE_FP32);
    machine.mac_array.tokens_in_flight = 3; // hand-overs and gathers take longer than steps now and then
    machine.post_processing.lanes = 3;
    agrees(machine);
    const rule &one = rules[_i];
    igq_accelerator changed = machine;
    one.change(changed);
    if (std::strcmp(one.name, "organisation") == 0)
        changed.mac_array.vector_length = 1;
    igq_cosim_datapath_result result = run(machine, &changed, 100);
    ck_assert_msg(result.mismatch, "%s", one.name);
    ck_assert_ptr_nonnull(std::strstr(result.difference, "cycles, the model "));
    ck_assert_ptr_nonnull(std::strstr(result.reproducer, "igqsim cosim --random 1 --seed "));
    ck_assert(igq_file_exists(result.waveform));
}
END_TEST

START_TEST(machines_without_rtl_are_refused)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED, IGQ_GROUP_SCALE_FP32);
    igq_cosim_datapath_result result;
    igq_error error;
    machine.post_processing.latency_cycles = 8;
    const igq_cosim_datapath_cfg cfg = cfg_of(machine, nullptr, 1);
    ck_assert_int_eq(igq_cosim_datapath_run(&result, &cfg, &error), IGQ_USER_ERROR);
    ck_assert_str_eq(error.message,
                     "small_shared: post_processing.latency_cycles is 8; the RTL of the datapath takes 10 or more");
    machine = small_machine(IGQ_ORGANISATION_SHARED, IGQ_GROUP_SCALE_FP32);
    machine.mac_array.systolic = 1;
    ck_assert_int_eq(igq_cosim_datapath_run(&result, &cfg, &error), IGQ_USER_ERROR);
    ck_assert_str_eq(error.message, "small_shared: mac_array.systolic is 1; the RTL of the datapath has 0");
}
END_TEST

int main()
{
    char pattern[] = "/tmp/igq_datapath_XXXXXX";
    folder = mkdtemp(pattern);
    setenv("IGQSIM_CACHE", folder.c_str(), 1);
    Suite *suite = suite_create("datapath");
    TCase *cases = tcase_create("datapath");
    tcase_add_test(cases, shared_agrees);
    tcase_add_test(cases, per_group_with_integer_scales_and_one_set_agrees);
    tcase_add_test(cases, elastic_with_few_post_processing_lanes_agrees);
    tcase_add_test(cases, temporal_with_shifts_in_place_agrees);
    tcase_add_loop_test(cases, a_changed_rule_of_the_contract_is_noticed, 0, sizeof rules / sizeof rules[0]);
    tcase_add_test(cases, machines_without_rtl_are_refused);
    suite_add_tcase(suite, cases);
    int failed = run_suite(suite);
    igq_remove_dir(folder.c_str());
    return failed;
}
