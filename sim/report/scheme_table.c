// SPDX-License-Identifier: Apache-2.0
#include "scheme_table.h"
#include "file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Least and largest number of groups of the layers that the scheme groups.
static void set_groups(json_t *row, const igq_run_result *result)
{
    int least = 0, most = 0;
    for (int k = 0; k < result->num_layers; k++) {
        int groups = result->sum[k].num_groups;
        if (!igq_run_layer_is_grouped(result, k))
            continue;
        least = least == 0 || groups < least ? groups : least;
        most = groups > most ? groups : most;
    }
    json_object_set_new(row, "least_groups", json_integer(least));
    json_object_set_new(row, "most_groups", json_integer(most));
}

static void set_per_image(json_t *row, igq_column_id id, const igq_scope *scope)
{
    json_t *value = igq_columns[id].get(scope);
    json_object_set_new(row, igq_columns[id].metric,
                        json_is_number(value) ? json_real(json_number_value(value) / scope->result->num_images)
                                              : json_null());
    json_decref(value);
}

json_t *igq_scheme_row(const char *scheme, const igq_run_result *result, const igq_costs *costs)
{
    static const igq_column_id as_they_are[] = {IGQ_COLUMN_IMAGES,
                                                IGQ_COLUMN_TOP1,
                                                IGQ_COLUMN_TOP5,
                                                IGQ_COLUMN_TOP1_AGREEMENT,
                                                IGQ_COLUMN_TOP5_AGREEMENT,
                                                IGQ_COLUMN_KL_DIVERGENCE,
                                                IGQ_COLUMN_ACTIVATION_SQNR_DB};
    igq_run_totals totals;
    igq_accuracy_totals accuracy;
    int executed = result->mode == IGQ_RUN_EXECUTION;
    igq_run_totals_of(&totals, result);
    if (executed)
        igq_run_accuracy_of(&accuracy, result);
    const igq_scope scope = {result, &totals, executed ? &accuracy : NULL, costs};
    json_t *row = json_pack("{s:s, s:n}", "scheme", scheme, "refused");
    set_groups(row, result);
    for (size_t i = 0; i < sizeof as_they_are / sizeof *as_they_are; i++)
        igq_column_set(row, as_they_are[i], &scope);
    set_per_image(row, IGQ_COLUMN_CYCLES, &scope);
    set_per_image(row, IGQ_COLUMN_ENERGY_PJ, &scope);
    set_per_image(row, IGQ_COLUMN_DRAM_BYTES, &scope);
    return row;
}

json_t *igq_scheme_row_refused(const char *scheme, const char *refusal)
{
    return json_pack("{s:s, s:s}", "scheme", scheme, "refused", refusal);
}

static void cell(const json_t *row, const char *key, double factor, int width, int decimals)
{
    const json_t *value = json_object_get(row, key);
    if (json_is_number(value))
        printf(" %*.*f", width, decimals, json_number_value(value) * factor);
    else
        printf(" %*s", width, "-");
}

static void print_row(const json_t *row)
{
    json_int_t least = json_integer_value(json_object_get(row, "least_groups"));
    json_int_t most = json_integer_value(json_object_get(row, "most_groups"));
    char groups[48];
    snprintf(groups, sizeof groups, least == most ? "%lld" : "%lld..%lld", (long long)least, (long long)most);
    printf(" %9s", groups);
    cell(row, "top1", 100, 7, 2);
    cell(row, "top5", 100, 7, 2);
    cell(row, "top1_agreement", 100, 7, 2);
    cell(row, "kl_divergence", 1, 9, 4);
    cell(row, "activation_sqnr_db", 1, 8, 2);
    cell(row, "cycles_per_image", 1, 13, 0);
    cell(row, "energy_pj_per_image", 1e-6, 11, 2);
    cell(row, "dram_bytes_per_image", 1e-6, 9, 3);
    putchar('\n');
}

void igq_scheme_table_print(const json_t *rows)
{
    size_t i;
    json_t *row;
    printf("%-12s %9s %7s %7s %7s %9s %8s %13s %11s %9s\n", "", "", "top-1", "top-5", "agree", "KL", "SQNR", "cycles",
           "energy", "DRAM");
    printf("%-12s %9s %7s %7s %7s %9s %8s %13s %11s %9s\n", "scheme", "groups", "%", "%", "%", "nats", "dB", "an image",
           "uJ an image", "MB an im.");
    json_array_foreach(rows, i, row)
    {
        const char *refusal = json_string_value(json_object_get(row, "refused"));
        printf("%-12s", json_string_value(json_object_get(row, "scheme")));
        if (refusal)
            printf(" %s\n", refusal);
        else
            print_row(row);
    }
}

igq_status igq_scheme_table_write(const char *dir, const json_t *rows, igq_error *error)
{
    char path[4096];
    json_t *table = json_pack("{s:{s:s}, s:O}", "igqsim", "version", IGQSIM_VERSION, "schemes", rows);
    char *text = table ? json_dumps(table, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(table);
    if (!text)
        return igq_out_of_memory(error);
    size_t bytes = strlen(text);
    text[bytes++] = '\n'; // in place of the terminator: igq_file_write takes a size
    snprintf(path, sizeof path, "%s/schemes.json", dir);
    igq_status status = igq_file_write(path, text, bytes, error);
    free(text);
    return status;
}
