// SPDX-License-Identifier: Apache-2.0
// Of every machine: what it has is used by some product, and what a product asks for is there. One list makes both, so
// that the only way to break this is a condition on one side of it.
#include "slices.h"
#include "layer_lists.h"
#include "units.h"
#include "../suite.h"

enum { MEMBERS = 10 };

static igq_accelerator machine_of(igq_scheme scheme, igq_organisation organisation)
{
    int several = igq_works_in_lockstep(organisation) || organisation == IGQ_ORGANISATION_UNBOUND;
    return (igq_accelerator){
        .mac_organisation = organisation,
        .num_groups = 2,
        .scheme = {.scheme = scheme,
                   .group_scale_bits = 8,
                   .vsquant_act_scale_bits = 4,
                   .vsquant_weight_scale_bits = 4,
                   .mx_block_length = 16,
                   .bfp_block_length = 16},
        .mac_array = {.num_arrays = several ? 2 : 1,
                      .lanes = 2,
                      .vector_length = organisation == IGQ_ORGANISATION_TEMPORAL ? 1 : 4,
                      .token_rows = 1,
                      .tokens_in_flight = 2,
                      .mac_bits = 4,
                      .acc_bits = 20,
                      .accumulator_sets = 1},
        .output_buffer = {.capacity_bytes = 64},
        .tiling = {.batch_images = 1},
        .row_selector = {.num_banks = 2, .ports_per_bank = 1, .bank_width_bits = 32, .queue_depth = 1},
        .group_assignment = {.range_lanes = 4, .distance_lanes = 2, .max_members = 16, .list_sets = 2},
        .post_processing = {.lanes = 2},
        .vector_unit = {.lanes = 4},
    };
}

// A product with two lists where the scheme makes lists, and one with a single list.
static void count_products(igq_events *sum, const igq_accelerator *machine)
{
    const uint16_t two[MEMBERS] = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, one[MEMBERS] = {0};
    igq_scheme scheme = machine->scheme.scheme;
    igq_group_count groups = igq_schemes[scheme].groups;
    int has_groups = groups == IGQ_GROUPS_MEMBERS || (groups != IGQ_GROUPS_ONE && machine->num_groups > 1);
    int ranges = igq_scheme_needs_ranges(scheme);
    for (int lists = has_groups ? 2 : 1; lists > 0; lists--) {
        layer_lists grouping;
        igq_events events;
        layer_lists_init(&grouping, MEMBERS, lists, lists == 2 ? two : one);
        igq_work work = {
            .product =
                {.images = 1, .T = 3, .C = MEMBERS, .O = 2, .weight_bits = 4, .weight_dram_bits = 4, .tile_passes = 1},
            .tiling = {.tile_tokens = 3, .tile_outputs = 2, .num_token_tiles = 1, .num_output_tiles = 1},
            .act_bits = 4,
            .scheme = scheme,
            .weight_scheme = machine->scheme.weight_scheme,
            .grouping = &grouping.grouping,
            .selects = igq_scheme_permutes(scheme),
            .assign_members = ranges ? MEMBERS : 0,
            .assign_observations = ranges ? 3 : 0,
            .assign_groups = igq_scheme_assigns(scheme) ? lists : 0,
            .cycles = 1,
        };
        igq_events_count(&events, &work, machine);
        igq_events_add(sum, &events);
    }
}

static int has_unit(igq_event event)
{
    return event != IGQ_EVENT_GATED_MULTIPLY && event != IGQ_EVENT_REGISTER_CYCLE &&
           event < IGQ_EVENT_WEIGHT_BUFFER_READ;
}

static void check_machine(const igq_accelerator *machine)
{
    igq_units units;
    igq_events events = {0};
    igq_units_of(&units, machine);
    count_products(&events, machine);
    for (int event = 0; event < IGQ_EVENT_COUNT; event++)
        ck_assert_msg(!has_unit(event) || (units.of[event].count > 0) == (events.of[event].count > 0),
                      "%s, %s: %s of %llu units happens %llu times", igq_scheme_names[machine->scheme.scheme],
                      igq_organisation_names[machine->mac_organisation], igq_event_names[event],
                      (unsigned long long)units.of[event].count, (unsigned long long)events.of[event].count);
}

START_TEST(what_a_machine_has_is_used_and_what_is_used_it_has)
{
    int num = 0;
    for (int organisation = 0; organisation < IGQ_ORGANISATION_COUNT; organisation++)
        for (int choices = 0; choices < 3 * 2 * 2 * 2; choices++) {
            igq_accelerator machine = machine_of((igq_scheme)_i, (igq_organisation)organisation);
            machine.scheme.group_scale = (igq_group_scale)(choices % 3);
            machine.zero_point = choices / 3 % 2 ? IGQ_ZERO_POINT_CORRECT : IGQ_ZERO_POINT_SUBTRACT;
            machine.row_selector.zero_skip = choices / 6 % 2;
            machine.num_groups = 1 + choices / 12;
            check_machine(&machine);
            machine.scheme.weight_scheme = IGQ_WEIGHT_SCHEME_PER_CHANNEL;
            check_machine(&machine);
            num++;
        }
    ck_assert_int_eq(num, IGQ_ORGANISATION_COUNT * 24);
}
END_TEST

START_TEST(a_product_of_scales_is_rounded_only_where_bits_go)
{
    igq_accelerator machine = machine_of(IGQ_SCHEME_VSQUANT, IGQ_ORGANISATION_SHARED);
    igq_units units;
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(units.of[IGQ_EVENT_SCALE_ADD].count, 0); // all 8 bits are kept
    machine.scheme.vsquant_scale_product_bits = 6;
    check_machine(&machine);
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(units.of[IGQ_EVENT_SCALE_ADD].count, 2);
    ck_assert_uint_eq(units.of[IGQ_EVENT_SCALE_ADD].bits, 2 * 6);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operations");
    TCase *cases = tcase_create("both sides");
    tcase_add_loop_test(cases, what_a_machine_has_is_used_and_what_is_used_it_has, 0, IGQ_SCHEME_COUNT);
    tcase_add_test(cases, a_product_of_scales_is_rounded_only_where_bits_go);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
