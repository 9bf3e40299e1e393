// SPDX-License-Identifier: Apache-2.0
// comparison_print.c - a comparison in words.
#include "comparison.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_NAMED 4
#define MAX_LAYERS 5

static json_t *at(const json_t *object, const char *key)
{
    return json_object_get(object, key);
}

static const char *name_of(const json_t *comparison, size_t run)
{
    return json_string_value(at(json_array_get(at(comparison, "runs"), run), "name"));
}

static void print_value(const json_t *value)
{
    if (json_is_string(value)) {
        printf("%s", json_string_value(value));
        return;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
    printf("%s", json_is_null(value) ? "none" : text);
    free(text);
}

static void print_differences(const json_t *comparison)
{
    json_t *difference, *value;
    size_t d, i;
    printf("\nWhat was different\n");
    json_array_foreach(at(comparison, "differences"), d, difference)
    {
        printf("  %-40s ", json_string_value(at(difference, "key")));
        json_array_foreach(at(difference, "values"), i, value)
        {
            printf("%s", i > 0 ? " | " : "");
            print_value(value);
        }
        putchar('\n');
    }
    if (json_array_size(at(comparison, "differences")) == 0)
        printf("  nothing\n");
}

// "cycles  +1234567 (+12.3 %): fullest_group +1100000, drain +100000, ..."
static void print_change(igq_column_id id, const json_t *changes)
{
    const igq_column *column = &igq_columns[id];
    const json_t *change = at(changes, column->metric);
    double scale = column->unit->scale;
    int decimals = column->unit->decimals;
    json_t *part;
    size_t p;
    if (!json_is_object(change))
        return;
    printf("  %-7s %+.*f%s", column->name, decimals, json_number_value(at(change, "difference")) * scale,
           *column->unit->text ? column->unit->text + 1 : "");
    if (json_is_number(at(change, "relative")))
        printf(" (%+.1f %%)", 100 * (json_number_value(at(change, "relative")) - 1));
    json_array_foreach(at(change, "contributions"), p, part)
    {
        if (p == MAX_NAMED)
            break;
        printf("%s%s %+.*f", p == 0 ? ": " : ", ", json_string_value(at(part, "name")), decimals,
               json_number_value(at(part, "difference")) * scale);
    }
    printf("%s\n", json_array_size(at(change, "contributions")) > MAX_NAMED ? ", ..." : "");
}

typedef struct layer_change {
    const char *name;
    double difference;
} layer_change;

static int larger_change(const void *a, const void *b)
{
    double x = fabs(((const layer_change *)a)->difference), y = fabs(((const layer_change *)b)->difference);
    return x < y ? 1 : x > y ? -1 : 0;
}

static void print_layers(const json_t *layers, size_t run)
{
    layer_change *changes = calloc(json_array_size(layers) + 1, sizeof *changes);
    json_t *layer;
    size_t k, num = 0;
    json_array_foreach(layers, k, layer)
    {
        const json_t *cycles = at(layer, "cycles"), *other = json_array_get(cycles, run);
        if (changes && json_is_number(other))
            changes[num++] = (layer_change){json_string_value(at(layer, "name")),
                                            json_number_value(other) - json_number_value(json_array_get(cycles, 0))};
    }
    if (num > 0)
        qsort(changes, num, sizeof *changes, larger_change);
    printf("  layers ");
    for (k = 0; k < num && k < MAX_LAYERS; k++)
        printf("%s%s %+.0f", k > 0 ? ", " : "", changes[k].name, changes[k].difference);
    printf("%s\n", num == 0 ? "none in common" : num > MAX_LAYERS ? ", ..." : "");
    free(changes);
}

void igq_comparison_print(const json_t *comparison)
{
    json_t *change;
    size_t c;
    print_differences(comparison);
    json_array_foreach(at(comparison, "changes"), c, change)
    {
        size_t run = (size_t)json_integer_value(at(change, "run"));
        printf("\n%s against %s, an image\n", name_of(comparison, run), name_of(comparison, 0));
        for (int t = 0; t < IGQ_NUM_TRACED; t++) {
            print_change(igq_traced_figures[t].column, change);
            if (igq_traced_figures[t].column == IGQ_COLUMN_CYCLES)
                print_layers(at(comparison, "layers"), run);
        }
    }
}
