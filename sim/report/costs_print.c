// SPDX-License-Identifier: Apache-2.0
// costs_print.c - costs in words, and a technology beside a machine.
#include "area.h"
#include "energy.h"
#include "costs.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_share(double part, double whole, double unit, const char *format)
{
    if (isnan(part))
        printf("%14s %9s", "not given", "");
    else
        printf(format, part / unit);
    if (!isnan(part) && isnan(whole))
        printf("%9s", "");
    else if (!isnan(part))
        printf(" %6.1f %%", whole > 0 ? 100 * part / whole : 0);
}

static void print_mac_bits(const igq_costs *costs)
{
    printf("  MAC datapath by bits       ");
    for (int i = 0; i < costs->num_bits; i++)
        printf("%s%dx%d %.3f uJ", i > 0 ? ", " : "", costs->bits[i].act_bits, costs->bits[i].weight_bits,
               costs->bits[i].pj * 1e-6);
    putchar('\n');
}

static void print_percent(const char *comma, const char *what, double percent)
{
    printf("%s %s ", comma, what);
    isnan(percent) ? printf("not given") : printf("%+.1f %%", percent);
}

static void print_overhead(const igq_costs *costs, const igq_activity *activity)
{
    for (int i = 0; i < costs->num_references; i++) {
        printf("  overhead over %-12s ", activity->reference[i].scheme);
        print_percent("", "cycles", costs->overhead[i].cycles_pct);
        print_percent(",", "energy", costs->overhead[i].energy_pct);
        print_percent(",", "area", costs->overhead[i].area_pct);
        putchar('\n');
    }
}

static void print_spread(const igq_costs *costs, const igq_activity *activity)
{
    const igq_energy_spread *spread = &costs->images;
    if (costs->num_images < 2)
        return;
    printf("  an image: %.3f uJ deviation, %.3f least, %.3f worst (%s)\n", spread->deviation * 1e-6,
           spread->least * 1e-6, spread->worst * 1e-6, activity->image[spread->worst_image].name);
}

void igq_costs_print(const igq_costs *costs, const igq_activity *activity, const igq_technology *technology)
{
    const igq_machine_costs *total = &costs->total;
    double energy_pj = total->energy.pj, area_um2 = total->area.um2;
    printf("\nEnergy and area in %s\n", technology->name);
    printf("  %.3f uJ an image, %.4f pJ a multiply-accumulate, %.3f TOPS/W, %.1f mW\n", costs->pj_per_image * 1e-6,
           costs->pj_per_mac, costs->tops_per_watt, costs->power_mw);
    print_spread(costs, activity);
    printf("\n  %-26s %14s %8s %15s\n", "component", "uJ", "share", "area, mm2");
    for (int i = 0; i < igq_num_entries(technology); i++) {
        printf("  %-26s ", igq_entry_name(technology, i));
        print_share(total->energy.component_pj[i], energy_pj, 1e6, "%14.3f");
        printf("  ");
        print_share(total->area.component_um2[i], area_um2, 1e6, "%13.4f");
        putchar('\n');
    }
    printf("  %-26s %14.3f %8s ", "total", energy_pj * 1e-6, "");
    isnan(area_um2) ? printf("%14s", "not given") : printf("%14.4f", area_um2 * 1e-6);
    printf("\n  %-26s ", "instance-aware grouping");
    print_share(total->instance_aware_pj, energy_pj, 1e6, "%14.3f");
    printf("  ");
    print_share(total->instance_aware_um2, area_um2, 1e6, "%13.4f");
    printf("  range unit, distances, registers, lists, crossbar\n");
    print_overhead(costs, activity);
    print_mac_bits(costs);
}

// "3.7", "0.003125 /bit", "0.002995 /bit^2 + 0.0005208 /bit", "not given"
static void print_rate(const igq_rate *rate, int width)
{
    const struct {
        double value;
        const char *unit;
    } terms[] = {{rate->per_bit_product, " /bit^2"}, {rate->per_bit, " /bit"}, {rate->per_count, ""}};
    char text[128] = "";
    for (int i = 0; i < 3; i++) {
        size_t used = strlen(text);
        if (isnan(terms[i].value))
            snprintf(text + used, sizeof text - used, "%snot given", used ? " + " : "");
        else if (terms[i].value > 0)
            snprintf(text + used, sizeof text - used, "%s%.4g%s", used ? " + " : "", terms[i].value, terms[i].unit);
    }
    printf(" %-*s", width, *text ? text : "0");
}

static void describe_actions(const igq_technology *technology)
{
    printf("  %-16s %-34s %-34s %s\n", "action", "energy, pJ", "area, um2", "leakage, nW");
    for (int i = 0; i < technology->num_actions; i++) {
        printf("  %-16s", technology->action[i].name);
        for (int figure = 0; figure < IGQ_FIGURE_COUNT; figure++)
            print_rate(&technology->action[i].rate[figure], figure < IGQ_FIGURE_COUNT - 1 ? 34 : 0);
        putchar('\n');
    }
}

// A figure that the source may leave out.
static void print_figure(int width, int decimals, double value)
{
    isnan(value) ? printf(" %*s", width, "not given") : printf(" %*.*f", width, decimals, value);
}

static void describe_memories(const igq_technology *technology, const igq_units *units)
{
    printf("\n  %-20s %6s %10s %10s %10s %10s %12s %10s\n", "memory", "banks", "bytes each", "port bits", "read pJ",
           "write pJ", "mm2 each", "leak uW");
    for (int m = 0; m < IGQ_MEMORY_COUNT; m++) {
        const igq_memory_units *memory = &units->memory[m];
        if (memory->num_banks == 0)
            continue;
        igq_sram_point bank = igq_technology_sram(technology, memory);
        int is_smaller = (double)memory->bank_bytes < technology->sram.point[0].capacity_bytes;
        printf("  %-20s %6d %10d %10d %10.4g %10.4g", igq_memory_names[m], (int)memory->num_banks,
               (int)memory->bank_bytes, (int)memory->port_bits, bank.read_pj, bank.write_pj);
        print_figure(12, 6, bank.area_um2 * 1e-6);
        print_figure(10, 1, bank.leakage_nw * 1e-3);
        printf("%s\n", is_smaller ? "  as the smallest of the table" : "");
    }
}

void igq_energy_describe(const igq_technology *technology, const igq_units *units)
{
    double component_um2[IGQ_MAX_COMPONENTS + 1], sum_um2 = 0, sum_nw = 0;
    printf("\nTechnology %s\n", technology->name);
    describe_actions(technology);
    describe_memories(technology, units);
    igq_area_of(component_um2, units, technology);
    printf("\n  %-20s %14s %14s   terms: event x action\n", "component", "mm2", "leakage, mW");
    for (int i = 0; i < technology->num_components; i++) {
        const igq_component *component = &technology->component[i];
        double leakage_nw = igq_component_sum(technology, component, units, IGQ_FIGURE_LEAKAGE_NW);
        printf("  %-20s", component->name);
        print_figure(14, 6, component_um2[i] * 1e-6);
        print_figure(14, 6, leakage_nw * 1e-6);
        printf("   ");
        for (int t = 0; t < component->num_terms; t++) {
            const igq_term *term = &component->term[t];
            printf("%s%s x %s", t ? ", " : "", igq_event_names[term->event],
                   term->action == IGQ_ACTION_SRAM ? "sram" : technology->action[term->action].name);
        }
        putchar('\n');
        sum_um2 += component_um2[i];
        sum_nw += leakage_nw;
    }
    printf("  %-20s", "total");
    print_figure(14, 6, sum_um2 * 1e-6);
    print_figure(14, 6, sum_nw * 1e-6);
    putchar('\n');
}
