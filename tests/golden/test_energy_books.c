// SPDX-License-Identifier: Apache-2.0
// The books close: layers and components add up to the total to the last bit, and energy computed again from a saved
// report is what the run itself would have said.
#include "cli.h"
#include <jansson.h>
#include <string.h>
#include "../suite.h"

static const char *const machines[] = {"layerwise",   "vsquant",      "igq_per_group", "igq_shared",
                                       "igq_elastic", "igq_temporal", "igq_unbound"};
enum {
    NUM_MACHINES = sizeof machines / sizeof *machines,
    NUM_LIKE_REFERENCES = NUM_MACHINES - 1 // igq_unbound has more post-processing than the shipped ones
};
static cli_result result;

static void run(const char *machine, const char *technology, const char *folder)
{
    char arguments[2048];
    snprintf(
        arguments, sizeof arguments,
        "run -a configs/accelerators/%s.yaml -w configs/workloads/deit_tiny.yaml "
        "-c configs/calibration/deit_tiny_w4a4_g8.yaml --trace traces/deit_tiny_chelsea.safetensors %s%s%s -o %s/%s",
        machine, technology ? "-t configs/technologies/" : "", technology ? technology : "", technology ? ".yaml" : "",
        cli_dir(), folder);
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
}

static void run_from(const char *folder, const char *technology, const char *new_folder)
{
    char arguments[2048];
    snprintf(arguments, sizeof arguments, "run --from %s/%s/report.json -t configs/technologies/%s.yaml -o %s/%s",
             cli_dir(), folder, technology, cli_dir(), new_folder);
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
}

static json_t *report_in(const char *folder)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/report.json", cli_dir(), folder);
    json_error_t error;
    json_t *report = json_load_file(path, 0, &error);
    ck_assert_msg(report != NULL, "%s", error.text);
    return report;
}

static double sum_of(const json_t *object)
{
    const char *name;
    json_t *value;
    double sum = 0;
    json_object_foreach((json_t *)object, name, value) sum += json_number_value(value);
    return sum;
}

START_TEST(layers_and_components_add_up_to_the_total_to_the_last_bit)
{
    static const char *const technologies[] = {"horowitz_45nm", "bitfusion_45nm", "scaled_16nm", "scaled_7nm"};
    run(machines[_i], NULL, "run");
    for (int t = 0; t < 4; t++) {
        run_from("run", technologies[t], "energy");
        json_t *report = report_in("energy"), *totals = json_object_get(report, "totals"), *layer;
        json_t *components = json_object_get(totals, "energy_pj_by_component");
        double energy_pj = json_number_value(json_object_get(totals, "energy_pj")), layers_pj = 0;
        size_t k;
        ck_assert_double_gt(energy_pj, 1e8);
        ck_assert(sum_of(components) == energy_pj);
        json_array_foreach(json_object_get(report, "layers"), k, layer)
        {
            double layer_pj = json_number_value(json_object_get(layer, "energy_pj"));
            ck_assert(sum_of(json_object_get(layer, "energy_pj_by_component")) == layer_pj);
            layers_pj += layer_pj;
        }
        ck_assert(layers_pj == energy_pj);
        const char *name;
        json_t *component;
        json_object_foreach(components, name, component)
        {
            double of_layers_pj = 0;
            json_array_foreach(json_object_get(report, "layers"), k, layer) of_layers_pj +=
                json_number_value(json_object_get(json_object_get(layer, "energy_pj_by_component"), name));
            ck_assert_msg(of_layers_pj == json_number_value(component), "%s", name);
        }
        ck_assert(sum_of(json_object_get(totals, "mac_energy_pj_by_bits")) ==
                  json_number_value(json_object_get(components, "mac_datapath")));
        json_t *area = json_object_get(totals, "area_um2");
        ck_assert(t == 0 ? json_is_null(area) // Horowitz gives no area of memories
                         : sum_of(json_object_get(totals, "area_um2_by_component")) == json_number_value(area));
        json_decref(report);
    }
}
END_TEST

START_TEST(a_saved_report_gives_the_same_bytes_as_the_run)
{
    char command[2048];
    run(machines[_i], "scaled_7nm", "run");
    run(machines[_i], "bitfusion_45nm", "other");
    run_from("other", "scaled_7nm", "from");
    snprintf(command, sizeof command,
             "cmp %s/run/report.json %s/from/report.json && cmp %s/run/layers.csv %s/from/layers.csv", cli_dir(),
             cli_dir(), cli_dir(), cli_dir());
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(instance_aware_parts_exist_only_where_groups_are_assigned)
{
    run(machines[_i], "bitfusion_45nm", "run");
    json_t *report = report_in("run"), *totals = json_object_get(report, "totals");
    double energy_pj = json_number_value(json_object_get(totals, "instance_aware_energy_pj"));
    double area_um2 = json_number_value(json_object_get(totals, "instance_aware_area_um2"));
    if (strncmp(machines[_i], "igq", 3) == 0) {
        ck_assert_double_gt(energy_pj, 0);
        ck_assert_double_gt(area_um2, 0);
    } else {
        ck_assert_double_eq(energy_pj, 0);
        ck_assert_double_eq(area_um2, 0);
    }
    json_decref(report);
}
END_TEST

// The reference machines that a run makes up are the shipped ones.
START_TEST(the_overhead_is_that_over_real_runs_without_groups)
{
    static const char *const references[] = {"layerwise", "vsquant"};
    static const char *const keys[][2] = {
        {"cycles", "cycles_pct"}, {"energy_pj", "energy_pct"}, {"area_um2", "area_pct"}};
    run(machines[_i], "bitfusion_45nm", "run");
    json_t *report = report_in("run"), *totals = json_object_get(report, "totals");
    if (strncmp(machines[_i], "igq", 3) != 0) {
        ck_assert_ptr_null(json_object_get(report, "references"));
        ck_assert_ptr_null(json_object_get(totals, "overhead"));
    } else {
        for (int r = 0; r < 2; r++) {
            run(references[r], "bitfusion_45nm", "reference");
            json_t *other = report_in("reference"), *base = json_object_get(other, "totals");
            json_t *overhead = json_object_get(json_object_get(totals, "overhead"), references[r]);
            for (int k = 0; k < 3; k++) {
                double own = json_number_value(json_object_get(totals, keys[k][0]));
                double its = json_number_value(json_object_get(base, keys[k][0]));
                ck_assert_double_eq_tol(json_number_value(json_object_get(overhead, keys[k][1])), 100 * (own / its - 1),
                                        1e-6); // a run rounds layer by layer
            }
            json_decref(other);
        }
    }
    json_decref(report);
}
END_TEST

START_TEST(describe_shows_the_areas_of_the_report_and_the_figures_behind_them)
{
    char text[128];
    run(machines[_i], "bitfusion_45nm", "run");
    json_t *report = report_in("run"), *totals = json_object_get(report, "totals"), *area;
    snprintf(text, sizeof text, "describe -a configs/accelerators/%s.yaml -t configs/technologies/bitfusion_45nm.yaml",
             machines[_i]);
    cli_run(&result, text);
    ck_assert_int_eq(result.status, 0);
    const char *component;
    json_object_foreach(json_object_get(totals, "area_um2_by_component"), component, area)
    {
        if (strcmp(component, "leakage") == 0)
            continue; // has no area
        snprintf(text, sizeof text, "\n  %-20s %14.6f ", component, json_number_value(area) * 1e-6);
        ck_assert_msg(strstr(result.output, text) != NULL, "no line %s", text);
    }
    snprintf(text, sizeof text, "\n  %-20s %14.6f ", "total",
             json_number_value(json_object_get(totals, "area_um2")) * 1e-6);
    ck_assert_msg(strstr(result.output, text) != NULL, "no line %s", text);
    ck_assert_ptr_nonnull(strstr(result.output, "\n  int_multiply     0.001395 /bit^2 "));
    json_decref(report);
}
END_TEST

START_TEST(what_the_machine_simulated_is_what_energy_is_charged_for)
{
    run(machines[_i], NULL, "run");
    json_t *report = report_in("run"), *layer;
    size_t k;
    json_array_foreach(json_object_get(report, "layers"), k, layer)
    {
        json_t *events = json_object_get(layer, "events");
        json_int_t dram_bits = json_integer_value(json_object_get(json_object_get(events, "dram_read"), "bits")) +
                               json_integer_value(json_object_get(json_object_get(events, "dram_write"), "bits"));
        ck_assert_int_eq(dram_bits, 8 * json_integer_value(json_object_get(layer, "dram_bytes")));
        ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(events, "cycle"), "count")),
                         json_integer_value(json_object_get(layer, "cycles")));
        // One multiplication for each multiply-accumulate and pass of 4 x 4 bits.
        json_int_t act_passes = (json_integer_value(json_object_get(layer, "act_bits")) + 3) / 4;
        json_int_t weight_passes = (json_integer_value(json_object_get(layer, "weight_bits")) + 3) / 4;
        ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(events, "multiply"), "count")),
                         json_integer_value(json_object_get(layer, "macs")) * act_passes * weight_passes);
    }
    json_decref(report);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("energy books");
    TCase *cases = tcase_create("energy books");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_loop_test(cases, layers_and_components_add_up_to_the_total_to_the_last_bit, 0, NUM_MACHINES);
    tcase_add_loop_test(cases, a_saved_report_gives_the_same_bytes_as_the_run, 0, NUM_MACHINES);
    tcase_add_loop_test(cases, instance_aware_parts_exist_only_where_groups_are_assigned, 0, NUM_MACHINES);
    tcase_add_loop_test(cases, the_overhead_is_that_over_real_runs_without_groups, 0, NUM_LIKE_REFERENCES);
    tcase_add_loop_test(cases, describe_shows_the_areas_of_the_report_and_the_figures_behind_them, 0, NUM_MACHINES);
    tcase_add_loop_test(cases, what_the_machine_simulated_is_what_energy_is_charged_for, 0, NUM_MACHINES);
    suite_add_tcase(suite, cases);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
