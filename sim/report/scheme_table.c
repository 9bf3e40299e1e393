// SPDX-License-Identifier: Apache-2.0
#include "scheme_table.h"
#include "file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *total(const json_t *report, const char *key)
{
    return json_object_get(json_object_get(report, "totals"), key);
}

// Least and largest number of groups of the layers that the scheme groups: those of blocks, but for the scores.
static void set_groups(json_t *row, const json_t *layers)
{
    json_int_t least = 0, most = 0;
    size_t i;
    json_t *layer;
    json_array_foreach(layers, i, layer)
    {
        const char *kind = json_string_value(json_object_get(layer, "kind"));
        if (!kind || strcmp(kind, "patch_embed") == 0 || strcmp(kind, "scores") == 0 || strcmp(kind, "head") == 0)
            continue;
        json_int_t groups = json_integer_value(json_object_get(layer, "groups"));
        least = least == 0 || groups < least ? groups : least;
        most = groups > most ? groups : most;
    }
    json_object_set_new(row, "least_groups", json_integer(least));
    json_object_set_new(row, "most_groups", json_integer(most));
}

static void set_copy(json_t *row, const char *key, const json_t *value)
{
    json_object_set_new(row, key, value ? json_deep_copy(value) : json_null());
}

static void set_per_image(json_t *row, const char *key, const json_t *value, double num_images)
{
    json_object_set_new(row, key,
                        json_is_number(value) ? json_real(json_number_value(value) / num_images) : json_null());
}

void igq_scheme_table_add(json_t *rows, const char *scheme, const json_t *report, const char *refusal)
{
    static const char *const accuracies[] = {"top1", "top5", "top1_agreement", "top5_agreement", "kl_divergence"};
    json_t *row = json_pack("{s:s}", "scheme", scheme);
    json_object_set_new(row, "refused", refusal ? json_string(refusal) : json_null());
    if (report) {
        double num_images = json_number_value(total(report, "images"));
        set_groups(row, json_object_get(report, "layers"));
        set_copy(row, "images", total(report, "images"));
        for (size_t i = 0; i < sizeof accuracies / sizeof *accuracies; i++)
            set_copy(row, accuracies[i], json_object_get(json_object_get(report, "accuracy"), accuracies[i]));
        set_copy(row, "activation_sqnr_db", total(report, "activation_sqnr_db"));
        set_per_image(row, "cycles_per_image", total(report, "cycles"), num_images);
        set_per_image(row, "energy_pj_per_image", total(report, "energy_pj"), num_images);
        set_per_image(row, "dram_bytes_per_image", total(report, "dram_bytes"), num_images);
    }
    json_array_append_new(rows, row);
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
