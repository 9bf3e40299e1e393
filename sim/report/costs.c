// SPDX-License-Identifier: Apache-2.0
#include "costs.h"
#include "area.h"
#include "energy.h"
#include "technology_file.h"
#include <math.h>
#include <stdlib.h>

static double sum_of(const double *value, int num)
{
    double sum = 0;
    for (int i = 0; i < num; i++)
        sum += value[i];
    return sum;
}

static double instance_aware_sum(const double *value, const igq_technology *technology)
{
    double sum = 0;
    for (int i = 0; i < technology->num_components; i++)
        sum += technology->component[i].instance_aware ? value[i] : 0;
    return sum;
}

static void energy_of(igq_energy *energy, const igq_events *events, const igq_units *units,
                      const igq_technology *technology, int clock_mhz)
{
    igq_energy_of(energy->component_pj, events, units, technology, clock_mhz);
    energy->pj = sum_of(energy->component_pj, igq_num_entries(technology));
}

// Area, and the sums of an energy that is there.
static void complete(igq_machine_costs *costs, const igq_units *units, const igq_technology *technology)
{
    igq_area_of(costs->area.component_um2, units, technology);
    costs->area.um2 = sum_of(costs->area.component_um2, igq_num_entries(technology));
    costs->instance_aware_pj = instance_aware_sum(costs->energy.component_pj, technology);
    costs->instance_aware_um2 = instance_aware_sum(costs->area.component_um2, technology);
}

// The component that multiplications belong to; -1: none.
static int mac_component(const igq_technology *technology)
{
    for (int i = 0; i < technology->num_components; i++)
        for (int t = 0; t < technology->component[i].num_terms; t++)
            if (technology->component[i].term[t].event == IGQ_EVENT_MULTIPLY)
                return i;
    return -1;
}

static void add_bits(igq_costs *costs, const igq_layer_activity *layer, double pj)
{
    int i = 0;
    while (i < costs->num_bits &&
           (costs->bits[i].act_bits != layer->act_bits || costs->bits[i].weight_bits != layer->weight_bits))
        i++;
    if (i == IGQ_MAX_BITS_ENERGIES)
        return;
    if (i == costs->num_bits)
        costs->bits[costs->num_bits++] = (igq_bits_energy){layer->act_bits, layer->weight_bits, 0};
    costs->bits[i].pj += pj;
}

// Energies of layers, and their sum; *events: of all layers.
static void set_layers(igq_costs *costs, igq_events *events, const igq_activity *activity,
                       const igq_technology *technology)
{
    int mac = mac_component(technology), num_entries = igq_num_entries(technology);
    for (int k = 0; k < activity->num_layers; k++) {
        const igq_layer_activity *layer = &activity->layer[k];
        igq_energy *energy = &costs->layer[k];
        energy_of(energy, &layer->events, &activity->units, technology, activity->clock_mhz);
        igq_events_add(events, &layer->events);
        for (int i = 0; i < num_entries; i++)
            costs->total.energy.component_pj[i] += energy->component_pj[i];
        add_bits(costs, layer, mac >= 0 ? energy->component_pj[mac] : 0);
    }
    costs->total.energy.pj = sum_of(costs->total.energy.component_pj, num_entries);
}

static void set_images(igq_costs *costs, const igq_activity *activity, const igq_technology *technology)
{
    igq_energy_spread *spread = &costs->images;
    double sum = 0, squares = 0;
    *spread = (igq_energy_spread){.least = INFINITY, .worst = -INFINITY};
    for (int i = 0; i < activity->num_images; i++) {
        igq_energy energy;
        energy_of(&energy, &activity->image[i].events, &activity->units, technology, activity->clock_mhz);
        costs->image_pj[i] = energy.pj;
        sum += energy.pj;
        spread->least = fmin(spread->least, energy.pj);
        if (energy.pj > spread->worst) {
            spread->worst = energy.pj;
            spread->worst_image = i;
        }
    }
    spread->mean = sum / activity->num_images;
    for (int i = 0; i < activity->num_images; i++)
        squares += (costs->image_pj[i] - spread->mean) * (costs->image_pj[i] - spread->mean);
    spread->deviation = sqrt(squares / activity->num_images);
}

static double percent_more(double value, double than)
{
    return 100 * (value / than - 1);
}

// References are not gated (what they would gate was not executed), so the run is compared without gating.
static igq_status set_references(igq_costs *costs, const igq_events *events, const igq_activity *activity,
                                 const igq_technology *technology, const char *path, igq_error *error)
{
    igq_events ungated = *events;
    igq_energy energy;
    igq_status status = IGQ_OK;
    igq_events_ungate(&ungated);
    energy_of(&energy, &ungated, &activity->units, technology, activity->clock_mhz);
    for (int i = 0; status == IGQ_OK && i < activity->num_references; i++) {
        const igq_reference_activity *reference = &activity->reference[i];
        igq_machine_costs *its = &costs->reference[i];
        status = igq_technology_covers(technology, path, &reference->units, error);
        if (status != IGQ_OK)
            break;
        energy_of(&its->energy, &reference->events, &reference->units, technology, reference->clock_mhz);
        complete(its, &reference->units, technology);
        costs->overhead[i] = (igq_overhead){
            .cycles_pct = percent_more((double)activity->cycles, (double)reference->cycles),
            .energy_pct = percent_more(energy.pj, its->energy.pj),
            .area_pct = percent_more(costs->total.area.um2, its->area.um2),
        };
    }
    return status;
}

igq_status igq_costs_of(igq_costs *costs, const igq_activity *activity, const igq_technology *technology,
                        const char *path, igq_error *error)
{
    igq_events events = {0};
    *costs = (igq_costs){
        .num_layers = activity->num_layers,
        .num_images = activity->num_images,
        .num_references = activity->num_references,
        .layer = calloc((size_t)activity->num_layers + 1, sizeof *costs->layer),
        .image_pj = calloc((size_t)activity->num_images + 1, sizeof *costs->image_pj),
    };
    if (!costs->layer || !costs->image_pj)
        return igq_out_of_memory(error);
    igq_status status = igq_technology_covers(technology, path, &activity->units, error);
    if (status != IGQ_OK)
        return status;
    set_layers(costs, &events, activity, technology);
    set_images(costs, activity, technology);
    complete(&costs->total, &activity->units, technology);
    double pj = costs->total.energy.pj, macs = (double)activity->macs;
    costs->pj_per_image = pj / (double)activity->num_run;
    costs->pj_per_mac = pj / macs;
    costs->tops_per_watt = 2 * macs / pj; // an operation per pJ
    costs->power_mw = pj * 1e-6 / activity->time_ms;
    return set_references(costs, &events, activity, technology, path, error);
}

void igq_costs_free(igq_costs *costs)
{
    free(costs->layer);
    free(costs->image_pj);
    costs->layer = NULL;
    costs->image_pj = NULL;
}
