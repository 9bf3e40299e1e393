// SPDX-License-Identifier: Apache-2.0
#include "reference_machine.h"
#include "../suite.h"

static igq_accelerator machine_of(igq_organisation organisation, igq_mac_array_cfg array)
{
    return (igq_accelerator){
        .mac_organisation = organisation,
        .scheme = {.scheme = IGQ_SCHEME_IGQ, .acc_bits = array.acc_bits, .vector_length = array.vector_length},
        .mac_array = array,
        .tiling = {.choice = IGQ_TILING_CHOICE_FIXED},
        .row_selector = {.num_banks = 8, .bank_width_bits = 64, .zero_skip = 1},
    };
}

START_TEST(arrays_for_groups_become_one_of_the_same_peak)
{
    static const struct {
        igq_organisation organisation;
        igq_mac_array_cfg array;
        int lanes, vector_length;
    } cases[] = {
        {IGQ_ORGANISATION_PER_GROUP, {.num_arrays = 8, .lanes = 8, .vector_length = 16, .token_rows = 1}, 64, 16},
        {IGQ_ORGANISATION_ELASTIC, {.num_arrays = 16, .lanes = 16, .vector_length = 4, .token_rows = 1}, 64, 16},
        {IGQ_ORGANISATION_TEMPORAL, {.num_arrays = 1, .lanes = 64, .vector_length = 1, .token_rows = 16}, 64, 16},
        {IGQ_ORGANISATION_TEMPORAL, {.num_arrays = 1, .lanes = 6, .vector_length = 1, .token_rows = 4}, 3, 8},
        {IGQ_ORGANISATION_PER_GROUP, {.num_arrays = 3, .lanes = 5, .vector_length = 1, .token_rows = 1}, 15, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        igq_accelerator machine = machine_of(cases[i].organisation, cases[i].array);
        machine.mac_array.mac_bits = 4;
        igq_accelerator reference = igq_reference_machine(&machine, IGQ_SCHEME_LAYERWISE);
        ck_assert_int_eq(reference.mac_organisation, IGQ_ORGANISATION_SHARED);
        ck_assert_int_eq(reference.mac_array.num_arrays, 1);
        ck_assert_int_eq(reference.mac_array.token_rows, 1);
        ck_assert_int_eq(reference.mac_array.lanes, cases[i].lanes);
        ck_assert_int_eq(reference.mac_array.vector_length, cases[i].vector_length);
        ck_assert_int_eq(reference.scheme.vector_length, cases[i].vector_length);
        ck_assert_int_eq(igq_peak_macs_per_cycle(&reference.mac_array), igq_peak_macs_per_cycle(&machine.mac_array));
        ck_assert_int_eq(reference.tiling.choice, IGQ_TILING_CHOICE_AUTO);
        ck_assert_int_ge(reference.row_selector.bank_width_bits, 4 * cases[i].lanes); // a row comes with one read
        ck_assert_int_eq(reference.row_selector.num_banks, 8);
    }
}
END_TEST

START_TEST(a_shared_array_stays_and_only_the_scheme_changes)
{
    const igq_mac_array_cfg array = {
        .num_arrays = 1, .lanes = 16, .vector_length = 64, .token_rows = 2, .mac_bits = 4, .acc_bits = 12};
    igq_accelerator machine = machine_of(IGQ_ORGANISATION_SHARED, array);
    igq_accelerator reference = igq_reference_machine(&machine, IGQ_SCHEME_LAYERWISE);
    ck_assert_int_eq(reference.scheme.scheme, IGQ_SCHEME_LAYERWISE);
    ck_assert_int_eq(reference.row_selector.zero_skip, 0); // layer-wise there are no lists
    reference.scheme.scheme = machine.scheme.scheme;
    reference.row_selector.zero_skip = 1;
    ck_assert_mem_eq(&reference, &machine, sizeof machine);

    reference = igq_reference_machine(&machine, IGQ_SCHEME_VSQUANT); // which needs 16 bits to sum scaled vectors
    ck_assert_int_eq(reference.mac_array.acc_bits, 16);
    ck_assert_int_eq(reference.scheme.acc_bits, 16);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reference_machine");
    TCase *cases = tcase_create("machines");
    tcase_add_test(cases, arrays_for_groups_become_one_of_the_same_peak);
    tcase_add_test(cases, a_shared_array_stays_and_only_the_scheme_changes);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
