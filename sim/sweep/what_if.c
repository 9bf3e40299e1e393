// SPDX-License-Identifier: Apache-2.0
#include "what_if.h"
#include "accelerator_file.h"
#include "activity.h"
#include "costs.h"
#include "pool.h"
#include "progress.h"
#include "report.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What can be bought more or less of. A key that says "auto" follows from others and is left out.
static const char *const resources[] = {
    "clock_mhz",
    "num_groups",
    "group_capacity_pct",
    "mac_array.num_arrays",
    "mac_array.lanes",
    "mac_array.vector_length",
    "mac_array.token_rows",
    "mac_array.tokens_in_flight",
    "mac_array.accumulator_sets",
    "weight_buffer.capacity_bytes",
    "activation_buffer.capacity_bytes",
    "output_buffer.capacity_bytes",
    "row_selector.num_banks",
    "row_selector.ports_per_bank",
    "row_selector.queue_depth",
    "group_assignment.range_lanes",
    "group_assignment.distance_lanes",
    "group_assignment.list_sets",
    "post_processing.lanes",
    "vector_unit.lanes",
    "dram.bandwidth_bytes_per_cycle",
    "dram.latency_cycles",
};
enum { NUM_RESOURCES = sizeof resources / sizeof *resources, MAX_VARIANTS = 1 + 2 * NUM_RESOURCES };

typedef struct variant {
    const igq_key *key; // NULL: the machine as it is
    const char *path;
    double from, to;
} variant;

typedef struct answer {
    uint64_t cycles;
    double time_ms, energy_pj, area_um2; // the last two NAN without a technology
    char refused[512];                   // "": it ran
} answer;

typedef struct what_if {
    const igq_run_request *request;
    variant variant[MAX_VARIANTS];
    int num_variants;
} what_if;

/// Variants ///

static void add_variant(what_if *all, const igq_key *key, const char *path, double from, double to)
{
    to = key->kind == IGQ_KEY_INT ? floor(to) : to;
    if (to != from && to >= key->min && to <= key->max)
        all->variant[all->num_variants++] = (variant){key, path, from, to};
}

// Lists without a limit are tried with two; other resources halved and doubled.
static void add_variants(what_if *all, const igq_accelerator *machine)
{
    int num_keys;
    all->variant[all->num_variants++] = (variant){0};
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    for (int i = 0; i < NUM_RESOURCES; i++) {
        const igq_key *key = igq_keys_find(keys, num_keys, resources[i]);
        if (key == NULL)
            continue;
        double from = igq_key_number(machine, key);
        int is_unlimited = strcmp(resources[i], "group_capacity_pct") == 0 && from == 0;
        add_variant(all, key, resources[i], from, is_unlimited ? 100 : from / 2);
        add_variant(all, key, resources[i], from, is_unlimited ? 200 : from * 2);
    }
}

/// One variant ///

static igq_status take_result(answer *out, const igq_run_request *request, igq_run_result *result, igq_error *error)
{
    igq_run_totals totals;
    igq_run_totals_of(&totals, result);
    *out = (answer){.cycles = totals.timing.cycles, .time_ms = totals.time_ms, .energy_pj = NAN, .area_um2 = NAN};
    if (request->technology == NULL)
        return IGQ_OK;
    igq_activity activity;
    igq_costs costs = {0};
    igq_status status = igq_activity_of_run(&activity, result, error);
    if (status == IGQ_OK)
        status = igq_costs_of(&costs, &activity, request->technology, request->technology_path, error);
    if (status == IGQ_USER_ERROR) { // a memory that the technology does not cover: its cycles are known all the same
        igq_activity_free(&activity);
        return IGQ_OK;
    }
    if (status == IGQ_OK) {
        out->energy_pj = costs.total.energy.pj;
        out->area_um2 = costs.total.area.um2;
    }
    igq_costs_free(&costs);
    igq_activity_free(&activity);
    return status;
}

static void refuse(answer *out, const igq_error *error)
{
    snprintf(out->refused, sizeof out->refused, "%.500s", error->message);
    for (char *c = out->refused; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
}

static igq_status work(void *context, int item, void *out, igq_error *error)
{
    const what_if *all = context;
    const variant *one = &all->variant[item];
    char setting[256];
    const char **sets = calloc((size_t)all->request->sets.num + 1, sizeof *sets);
    if (sets == NULL)
        return igq_out_of_memory(error);
    for (int i = 0; i < all->request->sets.num; i++)
        sets[i] = all->request->sets.items[i];
    snprintf(setting, sizeof setting, "%s=%.17g", one->key ? one->path : "", one->to);
    sets[all->request->sets.num] = setting;
    igq_run_request request = *all->request;
    request.sets = (igq_string_list){sets, all->request->sets.num + (one->key != NULL)};
    request.num_jobs = 1;
    request.record_path = request.timeline_path = request.answers_path = NULL;
    igq_run_result *result;
    igq_error fault;
    igq_status status = igq_simulate(&result, &request, &fault);
    if (status == IGQ_OK) {
        status = take_result(out, &request, result, &fault);
        igq_run_result_free(result);
    }
    free(sets);
    if (status == IGQ_USER_ERROR) { // not a machine: that is an answer
        refuse(out, &fault);
        return IGQ_OK;
    }
    if (status != IGQ_OK)
        *error = fault;
    return status;
}

/// The table ///

static json_t *number_of(const igq_key *key, double value)
{
    if (key->kind == IGQ_KEY_REAL)
        return json_real(value);
    return json_integer((json_int_t)value);
}

static void set_change(json_t *entry, const char *name, double value, double base)
{
    if (isfinite(value) && base > 0)
        json_object_set_new(entry, name, json_real(100 * (value / base - 1)));
}

static json_t *entry_of(const variant *one, const answer *found, const answer *base)
{
    json_t *entry = json_pack("{s:s, s:o, s:o}", "key", one->path, "from", number_of(one->key, one->from), "to",
                              number_of(one->key, one->to));
    if (found->refused[0] != '\0') {
        json_object_set_new(entry, "reason", json_string(found->refused));
        return entry;
    }
    json_object_set_new(entry, "cycles", json_integer((json_int_t)found->cycles));
    set_change(entry, "cycles_pct", (double)found->cycles, (double)base->cycles);
    set_change(entry, "time_pct", found->time_ms, base->time_ms);
    set_change(entry, "energy_pct", found->energy_pj, base->energy_pj);
    set_change(entry, "area_pct", found->area_um2, base->area_um2);
    return entry;
}

typedef struct rank {
    const answer *found;
    int item;
} rank;

static int by_cycles(const void *left, const void *right)
{
    const rank *a = left, *b = right;
    uint64_t a_cycles = a->found->refused[0] ? UINT64_MAX : a->found->cycles;
    uint64_t b_cycles = b->found->refused[0] ? UINT64_MAX : b->found->cycles;
    if (a_cycles != b_cycles)
        return a_cycles < b_cycles ? -1 : 1;
    return a->item - b->item;
}

static void show_progress(void *context, int num_done, int num_items)
{
    (void)context;
    igq_progress("variant", num_done, num_items, "");
}

igq_status igq_what_if(json_t *report, const igq_run_request *request, igq_error *error)
{
    what_if all = {.request = request};
    igq_accelerator machine;
    igq_status status =
        igq_accelerator_load_with(&machine, request->accelerator_path, &request->sets, request->scheme_name, error);
    if (status != IGQ_OK)
        return status;
    add_variants(&all, &machine);
    void *answers;
    unsigned char *died;
    const igq_pool pool = {.num_items = all.num_variants,
                           .num_jobs = request->num_jobs,
                           .answer_bytes = sizeof(answer),
                           .context = &all,
                           .work = work,
                           .progress = show_progress};
    status = igq_pool_run(&answers, &died, &pool, error);
    if (status != IGQ_OK)
        return status;
    rank ranks[MAX_VARIANTS];
    for (int i = 1; i < all.num_variants; i++) {
        answer *found = (answer *)answers + i;
        if (died[i])
            snprintf(found->refused, sizeof found->refused, "the process that worked on it died");
        ranks[i - 1] = (rank){found, i};
    }
    qsort(ranks, (size_t)all.num_variants - 1, sizeof *ranks, by_cycles);
    json_t *entries = json_array(), *refused = json_array();
    for (int i = 0; i < all.num_variants - 1; i++)
        json_array_append_new(ranks[i].found->refused[0] ? refused : entries,
                              entry_of(&all.variant[ranks[i].item], ranks[i].found, answers));
    igq_pool_free(answers, died, &pool);
    json_object_set_new(report, "what_if", entries);
    json_object_set_new(report, "what_if_refused", refused);
    return IGQ_OK;
}

static void print_change(const json_t *entry, const char *name)
{
    const json_t *value = json_object_get(entry, name);
    if (json_is_real(value))
        printf(" %+9.2f", json_real_value(value));
    else
        printf(" %9s", "-");
}

#define LEAST_SHOWN_PCT 0.1

void igq_what_if_print(const json_t *report)
{
    size_t i;
    const json_t *entry;
    int num_small = 0;
    printf("\n%-36s %12s %14s %14s %9s %9s %9s %9s\n", "What if: each resource alone", "from", "to", "cycles", "%",
           "time, %", "energy, %", "area, %");
    json_array_foreach(json_object_get(report, "what_if"), i, entry)
    {
        if (fabs(json_number_value(json_object_get(entry, "cycles_pct"))) < LEAST_SHOWN_PCT &&
            fabs(json_number_value(json_object_get(entry, "time_pct"))) < LEAST_SHOWN_PCT) {
            num_small++;
            continue;
        }
        char digits[32];
        printf("%-36s %12.10g -> %11.10g %14s", json_string_value(json_object_get(entry, "key")),
               json_number_value(json_object_get(entry, "from")), json_number_value(json_object_get(entry, "to")),
               igq_grouped_digits(digits, (uint64_t)json_integer_value(json_object_get(entry, "cycles"))));
        print_change(entry, "cycles_pct");
        print_change(entry, "time_pct");
        print_change(entry, "energy_pct");
        print_change(entry, "area_pct");
        putchar('\n');
    }
    printf("%d change the cycles by less than %g %%, %zu make no machine by themselves: report.json has them.\n",
           num_small, LEAST_SHOWN_PCT, json_array_size(json_object_get(report, "what_if_refused")));
}
