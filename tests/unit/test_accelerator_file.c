// SPDX-License-Identifier: Apache-2.0
#include "accelerator_file.h"
#include <stdint.h>
#include <check.h>
#include "temp_dir.h"
#include "edited_file.h"

#define GOOD "configs/accelerators/igq_per_group.yaml"
static igq_error error;
static igq_accelerator machine;

static igq_status load(const char *path)
{
    igq_status status = igq_accelerator_load(&machine, path, &error);
    if (status != IGQ_OK)
        ck_assert_msg(strncmp(error.message, path, strlen(path)) == 0, "no path: %s", error.message);
    return status;
}

// The good file without what stands behind its values; lines are the same.
static const char *plain_file(void)
{
    char *text;
    size_t size, kept = 0;
    int in_comment = 0;
    ck_assert_msg(igq_file_read(&text, &size, GOOD, &error) == IGQ_OK, "%s", error.message);
    for (size_t i = 0; i < size; i++) {
        in_comment = text[i] == '#' || (in_comment && text[i] != '\n');
        while (text[i] == '\n' && kept > 0 && text[kept - 1] == ' ')
            kept--;
        if (!in_comment)
            text[kept++] = text[i];
    }
    put_bytes(temp_path("plain.yaml"), text, kept);
    free(text);
    return temp_path("plain.yaml");
}

static igq_status load_edited(const char *old, const char *new)
{
    return load(edited_file(plain_file(), old, new));
}

// The fault is named with the line where `new` stands.
#define ASSERT_EDIT_REFUSED(old, new, ...)                                                                             \
    do {                                                                                                               \
        igq_status status = load_edited(old, new);                                                                     \
        ASSERT_REFUSED(status, &error, line_of(temp_path("edited.yaml"), new), __VA_ARGS__);                           \
    } while (0)

START_TEST(the_named_machines_have_equal_peak_and_memory)
{
    const char *const names[] = {"layerwise",   "vsquant", "igq_per_group", "igq_shared", "igq_elastic", "igq_temporal",
                                 "igq_unbound", "mxfp4",   "vsquant_wide",  "mxint8",     "nvfp4"};
    igq_accelerator first = {0};
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
        char path[128];
        snprintf(path, sizeof path, "configs/accelerators/%s.yaml", names[i]);
        ck_assert_msg(load(path) == IGQ_OK, "%s", error.message);
        ck_assert_str_eq(machine.name, names[i]);
        ck_assert_int_eq(igq_peak_macs_per_cycle(&machine.mac_array), 1024);
        if (i == 0)
            first = machine;
        ck_assert_mem_eq(&machine.weight_buffer, &first.weight_buffer, 3 * sizeof(igq_buffer_cfg));
        ck_assert_mem_eq(&machine.dram, &first.dram, sizeof machine.dram);
        ck_assert_mem_eq(&machine.vector_unit, &first.vector_unit, sizeof machine.vector_unit);
        ck_assert_int_eq(machine.scheme.num_groups, machine.num_groups);
        ck_assert_int_eq(machine.scheme.acc_bits, machine.mac_array.acc_bits);
        ck_assert_int_eq(machine.scheme.vector_length, machine.mac_array.vector_length);
    }
}
END_TEST

START_TEST(values_arrive_in_their_members)
{
    ck_assert_int_eq(load("configs/accelerators/igq_temporal.yaml"), IGQ_OK);
    ck_assert_int_eq(machine.clock_mhz, 1000);
    ck_assert_int_eq(machine.mac_organisation, IGQ_ORGANISATION_TEMPORAL);
    ck_assert_int_eq(machine.scheme.scheme, IGQ_SCHEME_IGQ);
    ck_assert_int_eq(machine.mac_array.token_rows, 16);
    ck_assert_int_eq(machine.mac_array.lanes, 64);
    ck_assert_int_eq(machine.weight_buffer.capacity_bytes, 256 * 1024);
    ck_assert_int_eq(machine.output_buffer.double_buffered, 1);
    ck_assert_int_eq(machine.post_processing.lanes, 64);
    ck_assert_int_eq(machine.vector_unit.lanes, 32);
    ck_assert_int_eq(machine.dram.burst_bytes, 64);
}
END_TEST

START_TEST(the_echo_has_every_key_in_the_order_of_the_file)
{
    ck_assert_int_eq(load(GOOD), IGQ_OK);
    json_t *echo = igq_accelerator_to_json(&machine);
    ck_assert_str_eq(json_string_value(json_object_get(echo, "scheme")), "igq");
    json_t *array = json_object_get(echo, "mac_array");
    ck_assert_int_eq(json_integer_value(json_object_get(array, "lanes")), 8);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(echo, "vector_unit"), "lanes")), 32);
    char *text;
    size_t size;
    int num_keys;
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    FILE *out = open_memstream(&text, &size);
    fputc('\n', out);
    igq_keys_write(out, &machine, keys, num_keys);
    fclose(out);
    const char *place = text;
    const char *name, *inner_name;
    json_t *value, *inner;
    int num = 0;
    json_object_foreach(echo, name, value)
    {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "\n%s:", name);
        if (strstr(text, wanted) == NULL) // has a default
            continue;
        place = strstr(place, wanted);
        ck_assert_msg(place != NULL, "%s is not in its place", name);
        json_object_foreach(value, inner_name, inner)
        {
            snprintf(wanted, sizeof wanted, "\n  %s:", inner_name);
            if (strstr(text, wanted) == NULL) // has a default
                continue;
            place = strstr(place, wanted);
            ck_assert_msg(place != NULL, "%s.%s is not in its place", name, inner_name);
            num += inner != NULL;
        }
    }
    ck_assert_int_gt(num, 0);
    free(text);
    json_decref(echo);
}
END_TEST

START_TEST(a_missing_key_is_named_with_its_section)
{
    ASSERT_REFUSED(load_edited("clock_mhz: 1000", ""), &error, "clock_mhz is missing");
    ASSERT_REFUSED(load_edited("  lanes: 8\n", ""), &error, "mac_array", "lanes is missing",
                   line_of(temp_path("edited.yaml"), "mac_array:"));
    ASSERT_REFUSED(load_edited("  queue_depth: 4\n", ""), &error, "row_selector", "queue_depth is missing");
}
END_TEST

START_TEST(an_unknown_key_is_refused_with_its_line_and_those_allowed)
{
    ASSERT_EDIT_REFUSED("clock_mhz: 1000", "clock_ghz: 1", "clock_ghz: unknown key", "clock_mhz");
    ASSERT_EDIT_REFUSED("  lanes: 8\n", "  lanse: 8\n", "mac_array.lanse: unknown key", "allowed here", "lanes,");
}
END_TEST

START_TEST(a_key_given_twice_is_refused_with_the_second_line)
{
    igq_status status = load_edited("  acc_bits: 24\n", "  acc_bits: 24\n  # again\n  lanes: 9\n");
    ASSERT_REFUSED(status, &error, line_of(temp_path("edited.yaml"), "lanes: 9"), "mac_array.lanes", "twice");
}
END_TEST

START_TEST(ill_typed_values_are_refused)
{
    ASSERT_EDIT_REFUSED("  lanes: 8\n", "  lanes: eight\n", "mac_array.lanes", "\"eight\"", "integer", "1 to 4096");
    ASSERT_EDIT_REFUSED("  lanes: 8\n", "  lanes: 8x\n", "mac_array.lanes", "\"8x\"");
    ASSERT_EDIT_REFUSED("  lanes: 8\n", "  lanes: 8.5\n", "mac_array.lanes", "\"8.5\"");
    ASSERT_EDIT_REFUSED("  lanes: 8\n", "  lanes:\n", "mac_array.lanes", "\"\" is not an integer");
    ASSERT_EDIT_REFUSED("  lanes: 8\n", "  lanes: [8]\n", "mac_array.lanes", "single value");
    ASSERT_EDIT_REFUSED("clock_mhz: 1000", "clock_mhz: {a: 1}", "clock_mhz", "single value");
    ASSERT_EDIT_REFUSED("scheme: igq", "scheme: igqq", "scheme", "\"igqq\"", "layerwise, consecutive, peg, igq");
    ASSERT_EDIT_REFUSED("zero_skip: none", "zero_skip: all", "row_selector.zero_skip", "\"all\"", "none, row");
    ASSERT_EDIT_REFUSED("double_buffered: yes", "double_buffered: 1", "weight_buffer.double_buffered", "\"1\"",
                        "no, yes");
    ASSERT_EDIT_REFUSED("name: igq_per_group", "name: \"\"", "name", "1 to 63");
    ASSERT_EDIT_REFUSED("name: igq_per_group", "name: a b", "name", "\"a b\"", "letters, digits");
}
END_TEST

START_TEST(values_out_of_range_are_refused)
{
    ASSERT_EDIT_REFUSED("  lanes: 8\n", "  lanes: 0\n", "mac_array.lanes", "0 is out of range", "1 to 4096");
    ASSERT_EDIT_REFUSED("  lanes: 8\n", "  lanes: 4097\n", "4097", "1 to 4096");
    ASSERT_EDIT_REFUSED("  lanes: 8\n", "  lanes: 99999999999999999999\n", "99999999999999999999", "out of range");
    ASSERT_EDIT_REFUSED("num_groups: 8", "num_groups: 65", "num_groups", "1 to 64");
    ASSERT_EDIT_REFUSED("  num_banks: 32", "  num_banks: -1", "row_selector.num_banks", "-1");
    ck_assert_int_eq(load_edited("  num_banks: 32", "  num_banks: 4096"), IGQ_OK);
}
END_TEST

START_TEST(tender_needs_shifts_between_its_groups)
{
    ASSERT_REFUSED(load_edited("scheme: igq", "scheme: tender"), &error, "group_scale: is fp32", "tender: pow2");
}
END_TEST

START_TEST(what_is_no_yaml_mapping_is_refused)
{
    put_text(temp_path("a.yaml"), "");
    ASSERT_REFUSED(load(temp_path("a.yaml")), &error, "no keys");
    put_text(temp_path("a.yaml"), "name: [");
    ASSERT_REFUSED(load(temp_path("a.yaml")), &error, "name");
    put_text(temp_path("a.yaml"), "- 1\n");
    ASSERT_REFUSED(load(temp_path("a.yaml")), &error, "section");
    put_text(temp_path("a.yaml"), "name: a\n\tclock_mhz: 1\n");
    ASSERT_REFUSED(load(temp_path("a.yaml")), &error, ":2:", "YAML", "tab");
    put_text(temp_path("a.yaml"), "name: &n a\nclock_mhz: *n\n");
    ASSERT_REFUSED(load(temp_path("a.yaml")), &error, "a.yaml:1: ", "anchors (&)");
    ASSERT_REFUSED(load_edited("mac_array:", "mac_array: 3\nmac_array2:"), &error, "mac_array", "section", "lanes");
    ASSERT_REFUSED(load_edited("name:", "---\nname: b\n---\nname:"), &error, "edited.yaml");
    ASSERT_REFUSED(load(temp_path("none.yaml")), &error, "No such file");
}
END_TEST

START_TEST(a_second_document_is_refused)
{
    ASSERT_REFUSED(load_edited("  burst_bytes: 64\n", "  burst_bytes: 64\n---\nname: b\n"), &error, "more than one");
}
END_TEST

START_TEST(arrays_that_do_not_fit_the_organisation_are_refused)
{
    ASSERT_EDIT_REFUSED("num_arrays: 8", "num_arrays: 4", "mac_array.num_arrays", "is 4", "per_group: 8");
    ASSERT_REFUSED(load_edited("num_groups: 8", "num_groups: 16"), &error, "mac_array.num_arrays", "per_group: 16");
    ASSERT_REFUSED(load_edited("mac_organisation: per_group", "mac_organisation: shared"), &error,
                   "mac_array.num_arrays", "is 8", "shared: 1");
    ASSERT_REFUSED(load(derived_file("igq_elastic", "mac_array: {num_arrays: 7}\n")), &error, "mac_array.num_arrays",
                   "is 7", "num_groups (8) to 64", "a slice of its own");
    ASSERT_REFUSED(load(derived_file("igq_unbound", "mac_array: {stream_sums: yes}\n")), &error,
                   "mac_array.stream_sums", "is yes", "unbound: no");
    ASSERT_REFUSED(load(derived_file("igq_unbound", "mac_array: {systolic: yes}\n")), &error, "mac_array.systolic",
                   "is yes", "unbound: no");
    ASSERT_REFUSED(load(derived_file("igq_temporal", "mac_array: {vector_length: 2}\n")), &error,
                   "mac_array.vector_length", "is 2", "temporal: 1");
    ASSERT_REFUSED(load(derived_file("igq_temporal", "mac_array: {tokens_in_flight: 24}\n")), &error,
                   "mac_array.tokens_in_flight", "is 24", "multiples", "16");
}
END_TEST

START_TEST(a_machine_in_memory_is_checked_by_the_table_and_all_rules)
{
    igq_accelerator good;
    ck_assert_int_eq(igq_accelerator_load(&good, "configs/accelerators/igq_temporal.yaml", &error), IGQ_OK);
    ck_assert_int_eq(igq_accelerator_check(&good, &error), IGQ_OK);
    machine = good;
    machine.mac_array.tokens_in_flight = 40;
    ASSERT_REFUSED(igq_accelerator_check(&machine, &error), &error, "mac_array.tokens_in_flight: is 40",
                   "multiples of mac_array.token_rows, which is 16");
    machine = good;
    machine.post_processing.lanes = 0;
    machine.vector_unit.lanes = 0;
    ASSERT_REFUSED(igq_accelerator_check(&machine, &error), &error, "post_processing.lanes: is 0; allowed: 1 to 65536",
                   "\nvector_unit.lanes: is 0; allowed");
    ASSERT_REFUSED(
        load(derived_file("igq_shared", "mac_array: {lanes: 4096, vector_length: 1024, token_rows: 4096, "
                                        "tokens_in_flight: 4096}\nrow_selector: {bank_width_bits: 65536}\n")),
        &error, "derived.yaml:2: mac_array.token_rows: makes", "larger than 2147483647");
}
END_TEST

START_TEST(rows_wider_than_a_word_of_a_bank_are_refused)
{
    const char *temporal = "configs/accelerators/igq_temporal.yaml"; // 64 lanes of 4 bits, 16 token rows of 16 bits
    ck_assert_int_eq(load(temporal), IGQ_OK);
    ASSERT_REFUSED(
        igq_accelerator_load(&machine, derived_file("igq_temporal", "row_selector: {bank_width_bits: 255}\n"), &error),
        &error, "row_selector.bank_width_bits", "is 255", "at least 256", "row of weights", "lanes 64 x mac_bits 4");
    ASSERT_REFUSED(igq_accelerator_load(&machine, derived_file("igq_temporal", "mac_array: {lanes: 65}\n"), &error),
                   &error, "row_selector.bank_width_bits", "is 256", "at least 260");
    ASSERT_REFUSED(
        igq_accelerator_load(
            &machine, derived_file("igq_temporal", "mac_array: {token_rows: 17, tokens_in_flight: 17}\n"), &error),
        &error, "row_selector.bank_width_bits", "is 256", "at least 272", "token_rows 17");
}
END_TEST

START_TEST(schemes_that_make_no_hardware_are_refused_with_the_reason)
{
    ASSERT_EDIT_REFUSED("scheme: igq", "scheme: vsquant", "scheme", "vsquant needs mac_organisation shared",
                        "per_group", "vectors");
    ASSERT_EDIT_REFUSED("scheme: igq", "scheme: channelwise", "scheme", "channelwise", "per_group", "as many arrays");
    ASSERT_REFUSED(load(derived_file("igq_elastic", "scheme: channelwise\n")), &error, "scheme", "channelwise",
                   "elastic", "as many arrays");
    ASSERT_EDIT_REFUSED("  acc_bits: 24", "  acc_bits: 33", "acc_bits", "is 33", "8 to 32");
    ASSERT_REFUSED(load(derived_file("vsquant", "mac_array: {acc_bits: 12}\n")), &error, "acc_bits", "is 12",
                   "16 to 48");
    ck_assert_int_eq(load(derived_file("vsquant", "mac_array: {acc_bits: 48}\n")), IGQ_OK);
    ASSERT_EDIT_REFUSED("scheme: igq", "scheme: nvfp4", "scheme", "nvfp4 needs mac_organisation shared", "per_group");
}
END_TEST

START_TEST(pairs_of_formats_that_make_no_hardware_are_refused_with_the_reason)
{
    ASSERT_REFUSED(load(derived_file("igq_shared", "weight_scheme: mx\n")), &error, "weight_scheme", "is mx",
                   "scheme igq", "meet weights as integers");
    ASSERT_REFUSED(load(derived_file("vsquant", "weight_scheme: mx\n")), &error, "weight_scheme", "is mx",
                   "different hardware");
    ASSERT_REFUSED(load(derived_file("nvfp4", "weight_scheme: bfp\nbfp: {block_length: 24}\n")), &error,
                   "weight_scheme", "is bfp", "do not end together");
    ASSERT_REFUSED(load(derived_file("mxfp4", "mx: {block_length: 24}\n")), &error, "mx.block_length",
                   "blocks of 24 channels", "vector_length (16)");
    ASSERT_REFUSED(load(derived_file("mxfp4", "mx: {element: fp8_e4m3}\n")), &error, "mx.element", "elements of 8 bits",
                   "mac_bits (4)");
    ASSERT_REFUSED(load(derived_file("igq_temporal", "weight_scheme: vsquant\nvsquant: {weight_scale_bits: 9}\n")),
                   &error, "vsquant.weight_scale_bits", "is 9", "up to 8");
    ASSERT_REFUSED(load(derived_file("vsquant", "vsquant: {vector_length: 32}\n")), &error, "vsquant.vector_length",
                   "is 32", "0 or 16");
    ck_assert_int_eq(load(derived_file("igq_temporal", "weight_scheme: vsquant\n")), IGQ_OK);
    ck_assert_int_eq(load(derived_file("vsquant", "weight_scheme: per_channel\n")), IGQ_OK);
    ck_assert_int_eq(load(derived_file("mxfp4", "weight_scheme: bfp\n")), IGQ_OK);
    ck_assert_int_eq(machine.scheme.mx_block_length, 32);
    ck_assert_int_eq(machine.scheme.bfp_block_length, 16);
}
END_TEST

START_TEST(another_scheme_can_be_set_under_the_same_checks)
{
    ck_assert_int_eq(igq_accelerator_load_with(&machine, GOOD, NULL, "peg", &error), IGQ_OK);
    ck_assert_int_eq(machine.scheme.scheme, IGQ_SCHEME_PEG);
    ASSERT_REFUSED(igq_accelerator_load_with(&machine, GOOD, NULL, "vsquant", &error), &error,
                   "--scheme vsquant: ", "shared");
    ASSERT_REFUSED(igq_accelerator_load_with(&machine, GOOD, NULL, "chanelwise", &error), &error, "\"chanelwise\"",
                   "did you mean channelwise?", "allowed: layerwise");
}
END_TEST

START_TEST(every_key_is_described)
{
    char *text = NULL;
    size_t size;
    ck_assert_int_eq(load(GOOD), IGQ_OK);
    FILE *out = open_memstream(&text, &size);
    igq_accelerator_describe_keys(out, &machine);
    igq_accelerator_describe_keys(out, NULL);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "scale_product_bits"));
    ck_assert_ptr_nonnull(strstr(text, "(0 to 20 bits)"));
    ck_assert_ptr_nonnull(strstr(text, "262144"));
    ck_assert_ptr_nonnull(
        strstr(text, "(layerwise, consecutive, peg, igq, igq_fixed, channelwise, vsquant, mx, nvfp4, bfp, tender)"));
    free(text);
}
END_TEST

START_TEST(a_machine_that_is_written_is_read_back)
{
    const char *const names[] = {"layerwise",    "vsquant",     "igq_per_group", "igq_elastic",
                                 "igq_temporal", "igq_unbound", "vsq_5nm"};
    int num_keys;
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "configs/accelerators/%s.yaml", names[i]);
        ck_assert_int_eq(load(path), IGQ_OK);
        igq_accelerator first = machine;
        FILE *out = fopen(temp_path("written.yaml"), "w");
        igq_keys_write(out, &first, keys, num_keys);
        fclose(out);
        ck_assert_msg(load(temp_path("written.yaml")) == IGQ_OK, "%s", error.message);
        ck_assert_mem_eq(&machine, &first, sizeof machine);
    }
}
END_TEST

// Files based on others hold plain lines: what a key means stands in the table, what a machine is for above its keys.
START_TEST(lines_of_the_named_machines_are_those_of_the_table)
{
    const char *const names[] = {"layerwise",    "vsquant",     "igq_shared", "igq_elastic",
                                 "igq_temporal", "igq_unbound", "vsq_5nm"};
    int num_keys;
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128], *written = NULL, *text, *rest;
        size_t size;
        snprintf(path, sizeof path, "configs/accelerators/%s.yaml", names[i]);
        ck_assert_msg(load(path) == IGQ_OK, "%s", error.message);
        FILE *out = open_memstream(&written, &size);
        fputc('\n', out);
        igq_keys_write(out, &machine, keys, num_keys);
        fclose(out);
        ck_assert_int_eq(igq_file_read(&text, &size, path, &error), IGQ_OK);
        for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
            char wanted[512];
            snprintf(wanted, sizeof wanted, "\n%s%s", line, line[strlen(line) - 1] == ':' ? "\n" : " ");
            ck_assert_msg(*line == '#' || strncmp(line, "base: ", 6) == 0 || strstr(written, wanted) != NULL,
                          "%s: not as `igqsim describe -a %s --yaml` writes it: %s", path, path, line);
        }
        free(text);
        free(written);
    }
}
END_TEST

START_TEST(keys_are_set_one_by_one_within_their_range)
{
    int num_keys;
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    const igq_key *lanes = igq_keys_find(keys, num_keys, "mac_array.lanes");
    const igq_key *organisation = igq_keys_find(keys, num_keys, "mac_organisation");
    ck_assert_int_eq(load(GOOD), IGQ_OK);
    ck_assert_ptr_null(igq_keys_find(keys, num_keys, "lanes"));
    ck_assert_int_eq(igq_key_set_number(&machine, lanes, 17, &error), IGQ_OK);
    ck_assert_int_eq(machine.mac_array.lanes, 17);
    ck_assert_double_eq(igq_key_number(&machine, lanes), 17);
    ASSERT_REFUSED(igq_key_set_number(&machine, lanes, 16.5, &error), &error, "mac_array.lanes", "16.5", "whole");
    ASSERT_REFUSED(igq_key_set_number(&machine, lanes, 4097, &error), &error, "4097", "1 to 4096");
    ASSERT_REFUSED(igq_key_set_number(&machine, lanes, 0.0 / 0.0, &error), &error, "mac_array.lanes", "1 to 4096");
    ASSERT_REFUSED(igq_key_set_number(&machine, organisation, IGQ_ORGANISATION_COUNT, &error), &error, "per_group");
    ck_assert_int_eq(machine.mac_array.lanes, 17);
    ck_assert_int_eq(igq_key_set_number(&machine, organisation, IGQ_ORGANISATION_SHARED, &error), IGQ_OK);
    ASSERT_REFUSED(igq_accelerator_finish(&machine, &error), &error, "mac_array.num_arrays: is 8; allowed");
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS(
        "accelerator_file", the_named_machines_have_equal_peak_and_memory, values_arrive_in_their_members,
        the_echo_has_every_key_in_the_order_of_the_file, a_missing_key_is_named_with_its_section,
        an_unknown_key_is_refused_with_its_line_and_those_allowed, a_key_given_twice_is_refused_with_the_second_line,
        ill_typed_values_are_refused, values_out_of_range_are_refused, tender_needs_shifts_between_its_groups,
        what_is_no_yaml_mapping_is_refused, a_second_document_is_refused,
        arrays_that_do_not_fit_the_organisation_are_refused, a_machine_in_memory_is_checked_by_the_table_and_all_rules,
        rows_wider_than_a_word_of_a_bank_are_refused, schemes_that_make_no_hardware_are_refused_with_the_reason,
        pairs_of_formats_that_make_no_hardware_are_refused_with_the_reason,
        another_scheme_can_be_set_under_the_same_checks, every_key_is_described, a_machine_that_is_written_is_read_back,
        lines_of_the_named_machines_are_those_of_the_table, keys_are_set_one_by_one_within_their_range);
}
