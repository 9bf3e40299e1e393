// SPDX-License-Identifier: Apache-2.0
#include "axis.h"
#include "sweep_names.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static igq_status add_key(igq_axis *axis, const igq_sweep *sweep, const char *name, const igq_yaml_node *node,
                          igq_error *error)
{
    const igq_yaml_tree *file = node->tree;
    int key = igq_sweep_name(sweep, name);
    if (key < 0 || key >= sweep->num_keys)
        return igq_yaml_refuse(file, node->key, error, IGQ_UNKNOWN_KEY_TEXT, sweep->num_keys);
    if (axis->num_keys == IGQ_MAX_AXIS_KEYS)
        return igq_yaml_refuse(file, node->key, error, "too many keys of one axis; allowed: up to %d",
                               IGQ_MAX_AXIS_KEYS);
    for (int a = 0; a < sweep->num_axes - 1; a++)
        for (int k = 0; k < sweep->axis[a].num_keys; k++)
            if (sweep->axis[a].key[k] == key)
                return igq_yaml_refuse(file, node->key, error, "is set by axis %s already; allowed: one axis a key",
                                       sweep->axis[a].name);
    axis->key[axis->num_keys++] = key;
    return IGQ_OK;
}

// Before the values are looked at: each is held against all others.
static igq_status check_num(const igq_yaml_node *list, igq_error *error)
{
    int num = igq_yaml_num(list);
    return num <= IGQ_MAX_AXIS_VALUES ? IGQ_OK
                                      : igq_yaml_refuse(list->tree, list->key, error,
                                                        "has %d values; allowed: up to %d", num, IGQ_MAX_AXIS_VALUES);
}

static igq_status make_room(igq_axis *axis, int num_values, igq_error *error)
{
    axis->value = calloc((size_t)(num_values * axis->num_keys), sizeof *axis->value);
    axis->label = calloc((size_t)num_values, sizeof *axis->label);
    return axis->value != NULL && axis->label != NULL ? IGQ_OK : igq_out_of_memory(error);
}

// Value number num_values of the axis' key number `k`.
static igq_status put_value(igq_axis *axis, const igq_sweep *sweep, int k, const char *text, const igq_yaml_node *node,
                            igq_error *error)
{
    igq_error inner;
    double *value = &axis->value[axis->num_values * axis->num_keys + k];
    if (text == NULL)
        return igq_yaml_refuse(node->tree, node->key, error, "must be a single value");
    if (igq_sweep_parse(value, sweep, axis->key[k], text, &inner) == IGQ_OK)
        return IGQ_OK;
    return igq_yaml_refuse(node->tree, node->key, error, "%s", inner.message);
}

static igq_status end_value(igq_axis *axis, const char *label, const igq_yaml_node *node, igq_error *error)
{
    for (int i = 0; i < axis->num_values; i++)
        if (strcmp(axis->label[i], label) == 0)
            return igq_yaml_refuse(node->tree, node->key, error, "%.60s is on the axis already; allowed: once", label);
    axis->label[axis->num_values] = strdup(label);
    return axis->label[axis->num_values++] != NULL ? IGQ_OK : igq_out_of_memory(error);
}

static igq_status read_list(igq_axis *axis, const igq_sweep *sweep, const igq_yaml_node *list, igq_error *error)
{
    igq_status status = make_room(axis, igq_yaml_num(list), error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(list); i++) {
        igq_yaml_node item = igq_yaml_item(list, i, NULL);
        const char *text = igq_yaml_text(&item);
        status = put_value(axis, sweep, 0, text, &item, error);
        if (status == IGQ_OK)
            status = end_value(axis, text, &item, error);
    }
    return status;
}

static igq_status range_number(double *number, const igq_yaml_node *range, const char *name, igq_error *error)
{
    igq_yaml_node node = igq_yaml_find(range, name);
    char key[320], *end;
    const char *text = igq_yaml_text(&node);
    snprintf(key, sizeof key, "%s.%s", range->key, name);
    *number = text != NULL ? strtod(text, &end) : 0;
    if (text != NULL && *text != '\0' && *end == '\0' && !isfinite(*number))
        return igq_yaml_refuse(range->tree, key, error, "%.60s; allowed: a finite number", text);
    if (text == NULL || *text == '\0' || *end != '\0')
        return igq_yaml_refuse(range->tree, node.node != NULL ? key : range->key, error,
                               "%s must be a number; allowed: {from, to, step} or {from, to, factor}", name);
    return IGQ_OK;
}

static igq_status read_range(igq_axis *axis, const igq_sweep *sweep, const igq_yaml_node *range, igq_error *error)
{
    static const char *const allowed[] = {"from", "to", "step", "factor", NULL};
    const igq_yaml_tree *file = range->tree;
    double from, to, by;
    igq_status status = igq_yaml_check_section(range, allowed, error);
    int steps = igq_yaml_find(range, "factor").node == NULL;
    if (status == IGQ_OK)
        status = range_number(&from, range, "from", error);
    if (status == IGQ_OK)
        status = range_number(&to, range, "to", error);
    if (status == IGQ_OK)
        status = range_number(&by, range, steps ? "step" : "factor", error);
    if (status != IGQ_OK)
        return status;
    if (!steps && igq_yaml_find(range, "step").node != NULL)
        return igq_yaml_refuse(file, range->key, error, "has step and factor; allowed: one of the two");
    if (from > to || (steps ? by <= 0 : by <= 1 || from <= 0))
        return igq_yaml_refuse(file, range->key, error,
                               "%g to %g by %s %g holds no values; allowed: from <= to with a step above 0, or from "
                               "above 0 with a factor above 1",
                               from, to, steps ? "step" : "factor", by);
    int num = 0;
    for (double value = from; value <= to * (1 + 1e-12) && num <= IGQ_MAX_AXIS_VALUES; num++)
        value = steps ? from + (num + 1) * by : value * by;
    if (num > IGQ_MAX_AXIS_VALUES)
        return igq_yaml_refuse(file, range->key, error, "has too many values; allowed: up to %d", IGQ_MAX_AXIS_VALUES);
    status = make_room(axis, num, error);
    double value = from;
    for (int i = 0; status == IGQ_OK && i < num; i++) {
        char text[32];
        snprintf(text, sizeof text, "%.10g", value);
        status = put_value(axis, sweep, 0, text, range, error);
        if (status == IGQ_OK)
            status = end_value(axis, text, range, error);
        value = steps ? from + (i + 1) * by : value * by;
    }
    return status;
}

// The keys of the first record; those of the others must be the same.
static igq_status record_keys(igq_axis *axis, const igq_sweep *sweep, const igq_yaml_node *record, igq_error *error)
{
    igq_status status = igq_yaml_check_section(record, NULL, error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(record); i++) {
        const char *name;
        igq_yaml_node item = igq_yaml_item(record, i, &name);
        if (strcmp(name, "label") != 0)
            status = add_key(axis, sweep, name, &item, error);
    }
    return status;
}

static igq_status read_record(igq_axis *axis, const igq_sweep *sweep, const igq_yaml_node *record, igq_error *error)
{
    const igq_yaml_tree *file = record->tree;
    char texts[512] = "";
    igq_yaml_node label = igq_yaml_find(record, "label");
    igq_status status = igq_yaml_check_section(record, NULL, error);
    if (status == IGQ_OK && igq_yaml_num(record) != axis->num_keys + (label.node != NULL))
        return igq_yaml_refuse(file, record->key, error, "must set the keys of the first record; allowed: the same %d",
                               axis->num_keys);
    for (int k = 0; status == IGQ_OK && k < axis->num_keys; k++) {
        const char *name = sweep->names.name[axis->key[k]];
        igq_yaml_node item = igq_yaml_find(record, name);
        if (item.node == NULL)
            return igq_yaml_refuse(file, record->key, error, "lacks %s, which the first record has", name);
        const char *text = igq_yaml_text(&item);
        status = put_value(axis, sweep, k, text, &item, error);
        size_t used = strlen(texts);
        if (status == IGQ_OK)
            snprintf(texts + used, sizeof texts - used, "%s%s=%.40s", k > 0 ? " " : "", name, text);
    }
    if (status != IGQ_OK)
        return status;
    if (label.node != NULL && igq_yaml_text(&label) == NULL)
        return igq_yaml_refuse(file, label.key, error, "must be a single value");
    return end_value(axis, label.node != NULL ? igq_yaml_text(&label) : texts, record, error);
}

static igq_status read_records(igq_axis *axis, const igq_sweep *sweep, const igq_yaml_node *list, igq_error *error)
{
    igq_yaml_node first = igq_yaml_item(list, 0, NULL);
    igq_status status = record_keys(axis, sweep, &first, error);
    if (status == IGQ_OK)
        status = make_room(axis, igq_yaml_num(list), error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(list); i++) {
        igq_yaml_node record = igq_yaml_item(list, i, NULL);
        status = read_record(axis, sweep, &record, error);
    }
    return status;
}

igq_status igq_axis_read(igq_axis *axis, const igq_sweep *sweep, const char *name, const igq_yaml_node *node,
                         igq_error *error)
{
    int num = igq_yaml_num(node);
    snprintf(axis->name, sizeof axis->name, "%s", name);
    if (num == 0)
        return igq_yaml_refuse(node->tree, node->key, error,
                               "must be a list [..] with values, or {from, to, step} or {from, to, factor}");
    if (igq_yaml_is_list(node) && check_num(node, error) != IGQ_OK)
        return IGQ_USER_ERROR;
    igq_yaml_node first = igq_yaml_item(node, 0, NULL);
    if (igq_yaml_is_list(node) && igq_yaml_is_section(&first))
        return read_records(axis, sweep, node, error);
    igq_status status = add_key(axis, sweep, name, node, error);
    if (status != IGQ_OK)
        return status;
    axis->labels_are_numbers = sweep->keys[axis->key[0]].kind != IGQ_KEY_CHOICE;
    return igq_yaml_is_list(node) ? read_list(axis, sweep, node, error) : read_range(axis, sweep, node, error);
}

void igq_axis_free(igq_axis *axis)
{
    for (int i = 0; i < axis->num_values; i++)
        free(axis->label[i]);
    free(axis->label);
    free(axis->value);
}
