// SPDX-License-Identifier: Apache-2.0
#include "technology_file.h"
#include "accelerator_file.h"
#include <limits.h>
#include <math.h>
#include <string.h>
#include <unistd.h>
#include <check.h>
#include "temp_dir.h"
#include "edited_file.h"

#define GOOD "configs/technologies/bitfusion_45nm.yaml"
#define COMPONENTS "configs/technologies/components.yaml"
static const char *const shipped[] = {"horowitz_45nm", "bitfusion_45nm", "low_leakage_45nm", "scaled_16nm",
                                      "scaled_7nm"};
#define NUM_SHIPPED 5

static igq_error error;
static igq_technology technology;

static igq_status load(const char *path)
{
    return igq_technology_load(&technology, path, &error);
}

static void load_shipped(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "configs/technologies/%s.yaml", name);
    ck_assert_msg(load(path) == IGQ_OK, "%s", error.message);
}

// The technology with one fault, beside which there is no components file.
static igq_status load_edited(const char *old, const char *new)
{
    char here[PATH_MAX], components[PATH_MAX + 64];
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    snprintf(components, sizeof components, "components: %s/" COMPONENTS, here);
    return load(edited_file(edited_file(GOOD, old, new), "components: components.yaml", components));
}

// A good technology with a fault in its components.
static igq_status load_edited_components(const char *old, const char *new)
{
    const char *copy = edited_file(GOOD, "components: components.yaml", "components: edited.yaml");
    ck_assert_int_eq(rename(copy, temp_path("technology.yaml")), 0);
    edited_file(COMPONENTS, old, new);
    return load(temp_path("technology.yaml"));
}

static const igq_rate *rate_of(const char *action, igq_figure figure)
{
    for (int i = 0; i < technology.num_actions; i++)
        if (strcmp(technology.action[i].name, action) == 0)
            return &technology.action[i].rate[figure];
    ck_abort_msg("no action %s", action);
    return NULL;
}

static double multiply_pj(int a_bits, int b_bits)
{
    igq_measure one = {1, (uint64_t)(a_bits + b_bits), (uint64_t)(a_bits * b_bits)};
    return igq_rate_times(rate_of("int_multiply", IGQ_FIGURE_ENERGY_PJ), &one);
}

START_TEST(shipped_technologies_load_and_cover_the_named_machines)
{
    static const char *const machines[] = {"layerwise",   "vsquant",      "igq_per_group", "igq_shared",
                                           "igq_elastic", "igq_temporal", "igq_unbound"};
    for (int t = 0; t < NUM_SHIPPED; t++) {
        load_shipped(shipped[t]);
        ck_assert_str_eq(technology.name, shipped[t]);
        ck_assert_int_eq(technology.num_components, 19);
        for (size_t m = 0; m < sizeof machines / sizeof *machines; m++) {
            char path[128];
            igq_accelerator machine;
            igq_units units;
            snprintf(path, sizeof path, "configs/accelerators/%s.yaml", machines[m]);
            ck_assert_msg(igq_accelerator_load(&machine, path, &error) == IGQ_OK, "%s", error.message);
            igq_units_of(&units, &machine);
            ck_assert_msg(igq_technology_covers(&technology, shipped[t], &units, &error) == IGQ_OK, "%s",
                          error.message);
        }
    }
}
END_TEST

START_TEST(fits_give_the_published_figures_back)
{
    load_shipped("horowitz_45nm");
    ck_assert_double_eq_tol(multiply_pj(8, 8), 0.2, 1e-6);
    ck_assert_double_eq_tol(multiply_pj(32, 32), 3.1, 1e-5);
    ck_assert_double_eq(rate_of("int_add", IGQ_FIGURE_ENERGY_PJ)->per_bit * 32, 0.1);
    ck_assert_double_eq(rate_of("fp32_multiply", IGQ_FIGURE_ENERGY_PJ)->per_count, 3.7);
    ck_assert_double_eq(rate_of("dram", IGQ_FIGURE_ENERGY_PJ)->per_bit * 64, 1300);
    load_shipped("bitfusion_45nm");
    // To a b x b MAC belong b^2 bit products and, for each of b bits, two adder and two register bits.
    const igq_rate *multiply = rate_of("int_multiply", IGQ_FIGURE_ENERGY_PJ);
    double bit_pj =
        2 * (rate_of("int_add", IGQ_FIGURE_ENERGY_PJ)->per_bit + rate_of("register", IGQ_FIGURE_ENERGY_PJ)->per_bit);
    ck_assert_double_eq_tol(16 * multiply->per_bit_product + 4 * bit_pj, 634.997e-6 / 16 / 500e6 * 1e12, 1e-6);
    ck_assert_double_eq_tol(64 * multiply->per_bit_product + 8 * bit_pj, 1627.2e-6 / 16 / 500e6 * 1e12, 1e-6);
    ck_assert_double_eq_tol(256 * multiply->per_bit_product + 16 * bit_pj, 5266.7e-6 / 16 / 500e6 * 1e12, 0.08);
    ck_assert_double_eq_tol(technology.sram.point[5].read_pj, 9.9817, 1e-9);
}
END_TEST

START_TEST(low_leakage_changes_nothing_but_leakage)
{
    load_shipped("bitfusion_45nm");
    igq_technology base = technology;
    load_shipped("low_leakage_45nm");
    // CACTI's device tables: (4.03 + 32.4) nA at 0.7 V over (642 + 35.9) nA at 1.0 V.
    const double logic = (4.03 + 32.4) * 0.7 / (642 + 35.9);
    for (int i = 0; i < base.num_actions; i++) {
        const igq_rate *low = technology.action[i].rate, *high = base.action[i].rate;
        ck_assert_mem_eq(&low[IGQ_FIGURE_ENERGY_PJ], &high[IGQ_FIGURE_ENERGY_PJ], sizeof *low);
        ck_assert_mem_eq(&low[IGQ_FIGURE_AREA_UM2], &high[IGQ_FIGURE_AREA_UM2], sizeof *low);
        double low_nw = low[IGQ_FIGURE_LEAKAGE_NW].per_bit, high_nw = high[IGQ_FIGURE_LEAKAGE_NW].per_bit;
        ck_assert_double_eq_tol(low_nw, high_nw * logic, 1e-6 * high_nw + 1e-12);
    }
    for (int i = 0; i < base.sram.num_points; i++) {
        const igq_sram_point *low = &technology.sram.point[i], *high = &base.sram.point[i];
        ck_assert_double_eq(low->read_pj, high->read_pj);
        ck_assert_double_gt(low->leakage_nw, 0.015 * high->leakage_nw);
        ck_assert_double_lt(low->leakage_nw, 0.035 * high->leakage_nw);
    }
}
END_TEST

START_TEST(wide_words_cost_less_a_bit)
{
    load_shipped("bitfusion_45nm");
    const igq_sram_point word = igq_technology_sram(&technology, &(igq_memory_units){1, 16384, 256});
    ck_assert_double_eq_tol(word.read_pj, 17.5223, 1e-9);
    // Half way between 32 and 256 bits; twice 256.
    const igq_sram_point half = igq_technology_sram(&technology, &(igq_memory_units){1, 16384, 144});
    ck_assert_double_eq_tol(half.read_pj, (9.9817 + 17.5223) / 2, 1e-9);
    ck_assert_double_eq_tol(half.area_um2, (108577 + 128318) / 2.0, 1e-3);
    const igq_sram_point twice = igq_technology_sram(&technology, &(igq_memory_units){1, 16384, 512});
    ck_assert_double_eq_tol(twice.read_pj, 2 * 17.5223, 1e-9);
    ck_assert_double_eq_tol(twice.area_um2, 128318, 1e-3);
}
END_TEST

START_TEST(scaled_technologies_are_the_45_nm_one_times_the_stated_factors)
{
    static const struct {
        const char *name;
        double energy, area;
    } nodes[] = {{"scaled_16nm", 0.174, 0.19}, {"scaled_7nm", 0.094, 0.059}};
    load_shipped("bitfusion_45nm");
    igq_technology base = technology;
    for (int n = 0; n < 2; n++) {
        load_shipped(nodes[n].name);
        ck_assert_int_eq(technology.num_actions, base.num_actions);
        for (int i = 0; i < base.num_actions; i++) {
            ck_assert_str_eq(technology.action[i].name, base.action[i].name);
            for (int figure = 0; figure < IGQ_FIGURE_COUNT && strncmp(base.action[i].name, "dram", 4) != 0; figure++) {
                double factor = figure == IGQ_FIGURE_AREA_UM2 ? nodes[n].area : nodes[n].energy;
                const igq_rate *scaled = &technology.action[i].rate[figure], *rate = &base.action[i].rate[figure];
                ck_assert_double_eq_tol(scaled->per_count, rate->per_count * factor, 1e-6 * rate->per_count + 1e-12);
                ck_assert_double_eq_tol(scaled->per_bit, rate->per_bit * factor, 1e-6 * rate->per_bit + 1e-12);
                ck_assert_double_eq_tol(scaled->per_bit_product, rate->per_bit_product * factor,
                                        1e-6 * rate->per_bit_product + 1e-12);
            }
        }
        for (int i = 0; i < base.sram.num_points; i++) {
            const igq_sram_point *scaled = &technology.sram.point[i], *point = &base.sram.point[i];
            ck_assert_double_eq(scaled->capacity_bytes, point->capacity_bytes);
            ck_assert_double_eq_tol(scaled->read_pj, point->read_pj * nodes[n].energy, 1e-6);
            ck_assert_double_eq_tol(scaled->write_pj, point->write_pj * nodes[n].energy, 1e-6);
            ck_assert_double_eq_tol(scaled->area_um2, point->area_um2 * nodes[n].area, 1e-2);
            ck_assert_double_eq_tol(scaled->leakage_nw, point->leakage_nw * nodes[n].energy, 1e-6 * point->leakage_nw);
        }
    }
}
END_TEST

START_TEST(faulty_figures_are_refused_with_line_and_key)
{
    ASSERT_REFUSED(load_edited("value: 15,", "value: -15,"), &error, "actions[7].figures[0].value",
                   "-15 is out of range", line_of(GOOD, "value: 15,"));
    ASSERT_REFUSED(load_edited("value: 15,", "value: fifteen,"), &error, "actions[7].figures[0].value", "not a number",
                   line_of(GOOD, "value: 15,"));
    ASSERT_REFUSED(load_edited("value: 15,", "value: not_given,"), &error, "actions[7].figures[0].value",
                   "not a number", line_of(GOOD, "value: 15,"));
    ASSERT_REFUSED(load_edited("unit: pJ/bit^2", "unit: fJ/bit^2"), &error, "actions[0].figures[0].unit",
                   "\"fJ/bit^2\" is not a unit", line_of(GOOD, "unit: pJ/bit^2"));
    ASSERT_REFUSED(load_edited("unit: pJ/bit^2", "unit: um2/bit^2"), &error, "actions[0].figures[1].unit",
                   "given twice", line_of(GOOD, "unit: um2/bit^2"));
    ASSERT_REFUSED(load_edited("unit: pJ/bit^2", "unit: um2"), &error, "actions[0]", "no figure in pJ",
                   line_of(GOOD, "- name: int_multiply"));
    ASSERT_REFUSED(load_edited("\"BitFusion's simulator (stats.py): 15 pJ per bit\"", "\"\""), &error,
                   "actions[7].figures[0].source", "every figure names", line_of(GOOD, "value: 15,"));
    ASSERT_REFUSED(load_edited(", source: \"BitFusion's simulator (stats.py): 15 pJ per bit\"", ""), &error,
                   "actions[7].figures[0]", "key source is missing", line_of(GOOD, "value: 15,"));
    ASSERT_REFUSED(load_edited("- name: register", "- name: int_add"), &error, "actions[2].name", "given twice",
                   line_of(GOOD, "- name: register"));
}
END_TEST

START_TEST(faulty_memories_are_refused_with_line_and_key)
{
    ASSERT_REFUSED(load_edited("capacity_bytes: 2048", "capacity_bytes: 512"), &error, "sram.points[2].capacity_bytes",
                   "512 is out of range", line_of(GOOD, "capacity_bytes: 2048"));
    ASSERT_REFUSED(load_edited("read_pj: 1.90318", "read_pj: -1.90318"), &error, "sram.points[2].read_pj",
                   "out of range", line_of(GOOD, "capacity_bytes: 2048"));
    ASSERT_REFUSED(load_edited("smaller_memories: as_smallest", "smaller_memories: guess"), &error,
                   "sram.smaller_memories", "refuse, as_smallest", line_of(GOOD, "smaller_memories"));
    ASSERT_REFUSED(load_edited("port_bits: 32", "port_bits: 0"), &error, "sram.port_bits", "out of range",
                   line_of(GOOD, "port_bits: 32"));
    ASSERT_REFUSED(load_edited("  wide_port_bits: 256", "  #"), &error, "sram.wide_points", "stands alone",
                   line_of(GOOD, "wide_points"));
    ASSERT_REFUSED(load_edited("wide_port_bits: 256", "wide_port_bits: 16"), &error, "sram.wide_port_bits",
                   "out of range", line_of(GOOD, "wide_port_bits"));
    ASSERT_REFUSED(load(edited_file(GOOD, "components: components.yaml", "components: nowhere.yaml")), &error,
                   "nowhere.yaml", "", "");
}
END_TEST

START_TEST(a_component_without_figures_is_refused)
{
    ASSERT_REFUSED(load_edited_components("action: clock", "action: codebook"), &error,
                   "components[13].terms[0].action", "component clock needs action codebook",
                   line_of(COMPONENTS, "action: clock"));
    ASSERT_REFUSED(load_edited_components("event: multiply", "event: multipy"), &error, "components[0].terms[0].event",
                   "\"multipy\" is not an event", line_of(COMPONENTS, "event: multiply"));
    ASSERT_REFUSED(load_edited_components("{event: multiply, action: int_multiply}", "{event: multiply, action: sram}"),
                   &error, "components[0].terms[0].action", "does not access a memory",
                   line_of(COMPONENTS, "event: multiply"));
    ASSERT_REFUSED(load_edited_components("name: clock", "name: leakage"), &error, "components[13].name", "leakage",
                   line_of(COMPONENTS, "name: clock"));
    ASSERT_REFUSED(load_edited_components("instance_aware: no", "instance_aware: perhaps"), &error,
                   "components[0].instance_aware", "no, yes", line_of(COMPONENTS, "instance_aware: no"));
}
END_TEST

START_TEST(files_that_are_not_plain_are_refused)
{
    const char *const line = line_of(GOOD, "port_bits: 32");
    ASSERT_REFUSED(load_edited("port_bits: 32", "port_bits: &p 32"), &error, line, "sram.port_bits", "anchors");
    ASSERT_REFUSED(load_edited("port_bits: 32", "port_bits: \"32\\0\""), &error, line, "sram.port_bits",
                   "control character");
    ASSERT_REFUSED(load_edited("port_bits: 32", "port_bits: \"3\\n\\e[2J\""), &error, line,
                   "sram.port_bits: \"3 \\x1b[2J\"", "line break");
    ASSERT_REFUSED(load_edited("port_bits: 32", "port_bits: 32\n  port_bits: 32"), &error, "sram.port_bits", "twice");
    ASSERT_REFUSED(load_edited("port_bits: 32", "port_bits: [32]"), &error, line, "sram.port_bits",
                   "must be a single value");
    ASSERT_REFUSED(load_edited("port_bits: 32", "port_bit: 32"), &error, line, "sram.port_bit: unknown key",
                   "did you mean port_bits", "allowed here: port_bits, smaller_memories, points");
    ASSERT_REFUSED(load_edited("actions:\n", "actions: 3\nactons:\n"), &error, "actons: unknown key");
    ASSERT_REFUSED(load_edited_components("components:\n", "components: none\nterms:\n"), &error, "terms: unknown key");
    put_text(temp_path("technology.yaml"), "name: t\ncomponents: c.yaml\nactions: {}\nsram: 3\n");
    ASSERT_REFUSED(load(temp_path("technology.yaml")), &error, ".yaml:3: actions: must be a list");
    put_bytes(temp_path("technology.yaml"), "name: a\nb: 8\0 9\n", 16);
    ASSERT_REFUSED(load(temp_path("technology.yaml")), &error, ".yaml:2: ", "cannot be read as YAML");
}
END_TEST

START_TEST(a_component_can_be_added_without_code)
{
    const char *copy = edited_file(GOOD, "components: components.yaml\nactions:\n",
                                   "components: edited.yaml\nactions:\n  - name: sequencer\n    figures:\n"
                                   "      - {value: 2, unit: pJ, source: \"measured\"}\n"
                                   "      - {value: 500, unit: um2, source: \"measured\"}\n"
                                   "      - {value: 0, unit: nW, source: \"measured\"}\n");
    ck_assert_int_eq(rename(copy, temp_path("technology.yaml")), 0);
    edited_file(COMPONENTS, "components:\n",
                "components:\n  - name: sequencer\n    instance_aware: no\n    terms:\n"
                "      - {event: cycle, action: sequencer}\n");
    ck_assert_msg(load(temp_path("technology.yaml")) == IGQ_OK, "%s", error.message);
    ck_assert_int_eq(technology.num_components, 20);
    ck_assert_str_eq(technology.component[0].name, "sequencer");
    igq_rate rate =
        igq_technology_rate(&technology, &technology.component[0].term[0], &(igq_units){0}, IGQ_FIGURE_ENERGY_PJ);
    ck_assert_double_eq(rate.per_count, 2);
}
END_TEST

START_TEST(memories_beyond_the_table_are_refused)
{
    load_shipped("bitfusion_45nm");
    igq_units units = {.memory[IGQ_MEMORY_OUTPUT_BUFFER] = {1, 131073, 64}};
    ASSERT_REFUSED(igq_technology_covers(&technology, GOOD, &units, &error), &error,
                   "output_buffer has banks of 131073", "128 to 131072", "");
    units.memory[IGQ_MEMORY_OUTPUT_BUFFER].port_bits = 256; // the table of wide words goes further
    ck_assert_int_eq(igq_technology_covers(&technology, GOOD, &units, &error), IGQ_OK);
    units.memory[IGQ_MEMORY_OUTPUT_BUFFER] = (igq_memory_units){1, 127, 64};
    ck_assert_int_eq(igq_technology_covers(&technology, GOOD, &units, &error), IGQ_OK); // as_smallest
    technology.sram.smaller_as_smallest = 0;
    ASSERT_REFUSED(igq_technology_covers(&technology, GOOD, &units, &error), &error, "127", "extrapolated", "");
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("technology_file", shipped_technologies_load_and_cover_the_named_machines,
                            fits_give_the_published_figures_back, low_leakage_changes_nothing_but_leakage,
                            wide_words_cost_less_a_bit, scaled_technologies_are_the_45_nm_one_times_the_stated_factors,
                            faulty_figures_are_refused_with_line_and_key, faulty_memories_are_refused_with_line_and_key,
                            a_component_without_figures_is_refused, files_that_are_not_plain_are_refused,
                            a_component_can_be_added_without_code, memories_beyond_the_table_are_refused);
}
