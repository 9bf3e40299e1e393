// SPDX-License-Identifier: Apache-2.0
#include "sweep_file.h"
#include "accelerator_file.h"
#include "axis.h"
#include "file.h"
#include "sweep_names.h"
#include "technology_file.h"
#include "yaml_tree.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// "NAME-ID" must fit into the name of a machine.
#define MAX_NAME_BYTES (IGQ_NAME_BYTES - 17)

static const char *const top_keys[] = {"name",   "accelerator", "workload",   "trace",      "weights", "images",
                                       "labels", "calibration", "calibrate",  "technology", "axes",    "set",
                                       "where",  "limits",      "objectives", "reports",    "search",  NULL};

static igq_status read_text(char **out, const igq_yaml_node *top, const char *name, int required, igq_error *error)
{
    igq_yaml_node node = igq_yaml_find(top, name);
    const igq_yaml_tree *file = top->tree;
    if (node.node == NULL)
        return required ? igq_yaml_refuse(file, "", error, "key %s is missing; allowed: with it", name) : IGQ_OK;
    const char *text = igq_yaml_text(&node);
    if (text == NULL || *text == '\0')
        return igq_yaml_refuse(file, name, error, "must be a single value, not a list or a section");
    *out = strdup(text);
    return *out != NULL ? IGQ_OK : igq_out_of_memory(error);
}

const char *const igq_sweep_report_names[IGQ_REPORTS_COUNT] = {"auto", "all", "front", "none"};

static igq_status read_reports(igq_sweep *sweep, const igq_yaml_node *top, igq_error *error)
{
    const char *const *names = igq_sweep_report_names;
    igq_yaml_node node = igq_yaml_find(top, "reports");
    const char *text = node.node != NULL ? igq_yaml_text(&node) : names[IGQ_REPORTS_AUTO];
    for (int i = 0; text != NULL && i < IGQ_REPORTS_COUNT; i++)
        if (strcmp(text, names[i]) == 0) {
            sweep->reports = (igq_sweep_reports)i;
            return IGQ_OK;
        }
    return igq_yaml_refuse(top->tree, "reports", error, "\"%.40s\"; allowed: auto, all, front, none",
                           text != NULL ? text : "");
}

// `search: all` until the front is proved, or so many simulations.
static igq_status read_search(igq_sweep *sweep, const igq_yaml_node *top, igq_error *error)
{
    igq_yaml_node node = igq_yaml_find(top, "search");
    const char *text = node.node != NULL ? igq_yaml_text(&node) : NULL;
    char *end;
    if (node.node == NULL)
        return IGQ_OK;
    long budget = text != NULL && strcmp(text, "proof") != 0 ? strtol(text, &end, 10) : 0;
    int is_number = text != NULL && *text != '\0' && strcmp(text, "proof") != 0 && *end == '\0';
    sweep->searches = 1;
    sweep->search_budget = (int)budget;
    if (text == NULL || (strcmp(text, "proof") != 0 && (!is_number || budget < 1 || budget > IGQ_MAX_SWEEP_POINTS)))
        return igq_yaml_refuse(top->tree, "search", error,
                               "\"%.40s\"; allowed: simulations, 1 to %d, or proof for as many as it takes",
                               text != NULL ? text : "", IGQ_MAX_SWEEP_POINTS);
    return sweep->weights_path == NULL
               ? IGQ_OK
               : igq_yaml_refuse(top->tree, "search", error,
                                 "with weights, which are executed in tiles that bounds do not know; allowed: with a "
                                 "trace or shapes");
}

static igq_status read_name(igq_sweep *sweep, const igq_yaml_node *top, igq_error *error)
{
    char *name = NULL;
    igq_status status = read_text(&name, top, "name", 1, error);
    if (status == IGQ_OK && (strlen(name) >= MAX_NAME_BYTES || name[strspn(name, IGQ_KEY_NAME_CHARACTERS)] != '\0'))
        status =
            igq_yaml_refuse(top->tree, "name", error, "\"%.80s\" is no name; allowed: 1 to %d letters, digits, _ - + .",
                            name, MAX_NAME_BYTES - 1);
    if (status == IGQ_OK)
        snprintf(sweep->name, sizeof sweep->name, "%s", name);
    free(name);
    return status;
}

// One path or a list of them.
static igq_status read_images(igq_sweep *sweep, const igq_yaml_node *top, igq_error *error)
{
    igq_yaml_node node = igq_yaml_find(top, "images");
    int num = igq_yaml_is_list(&node) ? igq_yaml_num(&node) : node.node != NULL;
    sweep->image_path = calloc((size_t)num + 1, sizeof *sweep->image_path);
    if (sweep->image_path == NULL)
        return igq_out_of_memory(error);
    for (int i = 0; i < num; i++) {
        igq_yaml_node item = igq_yaml_is_list(&node) ? igq_yaml_item(&node, i, NULL) : node;
        const char *text = igq_yaml_text(&item);
        if (text == NULL)
            return igq_yaml_refuse(top->tree, item.key, error, "must be a path");
        sweep->image_path[sweep->num_image_paths++] = strdup(text);
    }
    return IGQ_OK;
}

static igq_status check_inputs(const igq_sweep *sweep, const igq_yaml_tree *file, igq_error *error)
{
    int from_trace = sweep->trace_path != NULL, from_weights = sweep->weights_path != NULL;
    int calibrated = sweep->calibration_path != NULL;
    if (from_weights != (sweep->num_image_paths > 0))
        return igq_yaml_refuse(file, from_weights ? "weights" : "images", error,
                               "weights and images go together; allowed: both or none");
    if (from_trace && from_weights)
        return igq_yaml_refuse(file, "trace", error, "allowed: either a trace, or weights and images");
    if (sweep->labels_path != NULL && !from_weights)
        return igq_yaml_refuse(file, "labels", error, "allowed: with weights and images");
    if (!from_trace && !from_weights && (calibrated || sweep->calibrates))
        return igq_yaml_refuse(file, calibrated ? "calibration" : "calibrate", error,
                               "allowed: with a trace, or with weights and images");
    if ((from_trace || from_weights) && calibrated == sweep->calibrates)
        return igq_yaml_refuse(file, calibrated ? "calibration" : "", error,
                               "quantizers come from a calibration file (calibration:) or are made for each setting "
                               "(calibrate:); allowed: one of the two");
    return IGQ_OK;
}

static igq_status read_inputs(igq_sweep *sweep, const igq_yaml_node *top, igq_error *error)
{
    const struct {
        const char *name;
        char **path;
        int required;
    } paths[] = {{"accelerator", &sweep->accelerator_path, 1},
                 {"workload", &sweep->workload_path, 1},
                 {"trace", &sweep->trace_path, 0},
                 {"weights", &sweep->weights_path, 0},
                 {"labels", &sweep->labels_path, 0},
                 {"calibration", &sweep->calibration_path, 0},
                 {"technology", &sweep->technology_path, 0}};
    igq_status status = read_name(sweep, top, error);
    for (size_t i = 0; status == IGQ_OK && i < sizeof paths / sizeof *paths; i++)
        status = read_text(paths[i].path, top, paths[i].name, paths[i].required, error);
    if (status == IGQ_OK)
        status = read_images(sweep, top, error);
    if (status == IGQ_OK)
        status = read_reports(sweep, top, error);
    if (status == IGQ_OK)
        status = read_search(sweep, top, error);
    const igq_yaml_node calibrate = igq_yaml_find(top, "calibrate");
    sweep->calibrates = calibrate.node != NULL;
    if (status == IGQ_OK && sweep->calibrates)
        status = read_text(&sweep->calibration_trace_path, &calibrate, "trace", 0, error);
    return status == IGQ_OK ? check_inputs(sweep, top->tree, error) : status;
}

static igq_status load_inputs(igq_sweep *sweep, igq_error *error)
{
    igq_status status = igq_accelerator_read(&sweep->base.machine, sweep->accelerator_path, NULL, error);
    if (status == IGQ_OK)
        status = igq_workload_load(&sweep->workload, sweep->workload_path, error);
    if (status == IGQ_OK && sweep->technology_path != NULL)
        status = igq_technology_load(&sweep->technology, sweep->technology_path, error);
    const igq_precision *precision = &sweep->workload.precision;
    sweep->base.calibrate = (igq_calibrate_cfg){.num_groups = sweep->base.machine.num_groups,
                                                .act_bits = precision->act_bits,
                                                .weight_bits = precision->weight_bits,
                                                .attn_bits = precision->attn_bits,
                                                .edge_bits = precision->edge_bits,
                                                .weight_groups = precision->weight_groups,
                                                .weight_epsilon_pct = precision->weight_epsilon_pct,
                                                .bounds = IGQ_BOUNDS_MEAN,
                                                .max_iterations = 300};
    return status;
}

// Before the files of the sweep are read: too many cost no time.
static igq_status check_num_axes(const igq_yaml_node *axes, igq_error *error)
{
    int num = igq_yaml_num(axes);
    return num <= IGQ_MAX_AXES ? IGQ_OK
                               : igq_yaml_refuse_node(axes, error, "%d axes; allowed: up to %d", num, IGQ_MAX_AXES);
}

static igq_status read_axes(igq_sweep *sweep, const igq_yaml_node *top, igq_error *error)
{
    const igq_yaml_node axes = igq_yaml_find(top, "axes");
    if (axes.node == NULL)
        return igq_yaml_refuse_node(top, error, "key axes is missing; allowed: with it");
    igq_status status = igq_yaml_check_section(&axes, NULL, error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(&axes); i++) {
        const char *name;
        igq_yaml_node node = igq_yaml_item(&axes, i, &name);
        for (int a = 0; a < sweep->num_axes; a++)
            if (strcasecmp(sweep->axis[a].name, name) == 0) // columns of points.sqlite do not tell them apart
                return igq_yaml_refuse(top->tree, node.key, error,
                                       "differs from axis %s in upper and lower case alone; allowed: another name",
                                       sweep->axis[a].name);
        status = igq_axis_read(&sweep->axis[sweep->num_axes++], sweep, name, &node, error);
    }
    return status;
}

// A formula over the names before `num_names`.
static igq_status add_formula(igq_formulas *list, const igq_sweep *sweep, int key, int num_names,
                              const igq_yaml_node *node, igq_error *error)
{
    const char *text = igq_yaml_text(node);
    if (text == NULL)
        return igq_yaml_refuse(node->tree, node->key, error, "must be a formula, not a list or a section");
    igq_formula *grown = realloc(list->item, (size_t)(list->num + 1) * sizeof *grown);
    if (grown == NULL)
        return igq_out_of_memory(error);
    list->item = grown;
    igq_formula *formula = &grown[list->num];
    *formula = (igq_formula){.text = strdup(text), .key = key};
    if (formula->text == NULL)
        return igq_out_of_memory(error);
    list->num++;
    const igq_names names = {num_names, sweep->names.name, sweep->names.value};
    return igq_expression_new(&formula->expression, text, &names, node->tree, node->key, error);
}

static igq_status check_set_once(const igq_sweep *sweep, int key, const igq_yaml_node *node, igq_error *error)
{
    for (int a = 0; a < sweep->num_axes; a++)
        for (int k = 0; k < sweep->axis[a].num_keys; k++)
            if (sweep->axis[a].key[k] == key)
                return igq_yaml_refuse(node->tree, node->key, error,
                                       "is set by axis %s already; allowed: by an axis or by a formula",
                                       sweep->axis[a].name);
    for (int i = 0; i < sweep->set.num; i++)
        if (sweep->set.item[i].key == key)
            return igq_yaml_refuse(node->tree, node->key, error, "has a formula already; allowed: one");
    return IGQ_OK;
}

// Keys of `set:` as they are, of `calibrate:` behind "calibrate.".
static igq_status read_set(igq_sweep *sweep, const igq_yaml_node *top, const char *section, const char *prefix,
                           igq_error *error)
{
    igq_yaml_node set = igq_yaml_find(top, section);
    if (set.node == NULL)
        return IGQ_OK;
    igq_status status = igq_yaml_check_section(&set, NULL, error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(&set); i++) {
        const char *name;
        char path[2 * IGQ_KEY_PATH_BYTES];
        igq_yaml_node node = igq_yaml_item(&set, i, &name);
        if (*prefix != '\0' && strcmp(name, "trace") == 0) // read with the inputs
            continue;
        snprintf(path, sizeof path, "%s%.100s", prefix, name);
        int key = igq_sweep_name(sweep, path);
        if (key < 0 || key >= sweep->num_keys)
            return igq_yaml_refuse(top->tree, node.key, error, IGQ_UNKNOWN_KEY_TEXT, sweep->num_keys);
        status = check_set_once(sweep, key, &node, error);
        if (status == IGQ_OK)
            status = add_formula(&sweep->set, sweep, key, sweep->peak_macs, &node, error);
    }
    return status;
}

static int waits_for(const igq_formula *formula, const igq_formulas *others, int first)
{
    for (int i = first; i < others->num; i++)
        if (igq_expression_uses(formula->expression, others->item[i].key))
            return 1;
    return 0;
}

// Formulas after those that they use.
static igq_status order_set(igq_sweep *sweep, const igq_yaml_tree *file, igq_error *error)
{
    igq_formulas *set = &sweep->set;
    for (int done = 0; done < set->num; done++) {
        int next = done;
        while (next < set->num && waits_for(&set->item[next], set, done))
            next++;
        if (next == set->num) {
            char keys[512] = "";
            for (int i = done, used = 0; i < set->num && used < (int)sizeof keys; i++)
                used += snprintf(keys + used, sizeof keys - (size_t)used, "%s%s", i > done ? ", " : "",
                                 sweep->names.name[set->item[i].key]);
            return igq_yaml_refuse(file, "set", error,
                                   "the formulas of %s wait for one another; allowed: none in a circle", keys);
        }
        igq_formula formula = set->item[next];
        memmove(&set->item[done + 1], &set->item[done], (size_t)(next - done) * sizeof formula);
        set->item[done] = formula;
    }
    return IGQ_OK;
}

static igq_status read_conditions(igq_formulas *list, const igq_sweep *sweep, const igq_yaml_node *top,
                                  const char *section, int num_names, igq_error *error)
{
    igq_yaml_node node = igq_yaml_find(top, section);
    igq_status status = IGQ_OK;
    if (node.node != NULL && !igq_yaml_is_list(&node))
        return igq_yaml_refuse(top->tree, section, error, "must be a list [..] of conditions");
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(&node); i++) {
        igq_yaml_node item = igq_yaml_item(&node, i, NULL);
        status = add_formula(list, sweep, -1, num_names, &item, error);
    }
    return status;
}

// A figure that this sweep cannot know is refused where it is asked for.
static igq_status check_result(const igq_sweep *sweep, igq_result result, const igq_yaml_tree *file, const char *key,
                               igq_error *error)
{
    const igq_column *info = igq_result_column(result);
    const struct {
        const char *name, *path;
    } inputs[] = {
        {"technology", sweep->technology_path}, {"weights", sweep->weights_path}, {"labels", sweep->labels_path}};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (info->needs != NULL && strcmp(info->needs, inputs[i].name) == 0 && inputs[i].path == NULL)
            return igq_yaml_refuse(file, key, error, "%s is not known without %s:; allowed: with it", info->metric,
                                   info->needs);
    if (info->needs != NULL && strcmp(info->needs, "ids") == 0)
        return igq_yaml_refuse(file, key, error, "%s is not known in a sweep; allowed: igqsim run with --inputs",
                               info->metric);
    if (info->needs != NULL && strcmp(info->needs, "decoder") == 0 && !igq_workload_decodes(&sweep->workload))
        return igq_yaml_refuse(file, key, error, "%s is not known of family %s; allowed: with families llama, gpt2",
                               info->metric, igq_family_names[sweep->workload.family]);
    if (info->needs != NULL && strcmp(info->needs, "activations") == 0 && sweep->trace_path == NULL &&
        sweep->weights_path == NULL)
        return igq_yaml_refuse(file, key, error,
                               "%s is not known from shapes; allowed: with trace: or weights:", info->metric);
    return IGQ_OK;
}

static igq_status read_limits(igq_sweep *sweep, const igq_yaml_node *top, igq_error *error)
{
    igq_status status = read_conditions(&sweep->limits, sweep, top, "limits", sweep->names.num, error);
    for (int i = 0; status == IGQ_OK && i < sweep->limits.num; i++) {
        char key[32];
        snprintf(key, sizeof key, "limits[%d]", i);
        for (int r = 0; status == IGQ_OK && r < igq_num_results(); r++)
            if (igq_expression_uses(sweep->limits.item[i].expression, sweep->first_result + r))
                status = check_result(sweep, (igq_result)r, top->tree, key, error);
    }
    return status;
}

static igq_status read_objectives(igq_sweep *sweep, const igq_yaml_node *top, igq_error *error)
{
    const igq_yaml_tree *file = top->tree;
    igq_yaml_node list = igq_yaml_find(top, "objectives");
    int num = igq_yaml_num(&list);
    igq_status status = IGQ_OK;
    if (!igq_yaml_is_list(&list) || num < 1 || num > IGQ_MAX_OBJECTIVES)
        return igq_yaml_refuse(file, list.node != NULL ? "objectives" : "", error,
                               "objectives must be a list of 1 to %d results, such as [cycles_per_image, area_um2]",
                               IGQ_MAX_OBJECTIVES);
    for (int i = 0; status == IGQ_OK && i < num; i++) {
        igq_yaml_node item = igq_yaml_item(&list, i, NULL);
        const char *text = igq_yaml_text(&item);
        int result = text != NULL ? igq_sweep_name(sweep, text) - sweep->first_result : -1;
        if (result < 0) {
            char allowed[1024] = "";
            for (int r = 0, used = 0; r < igq_num_results(); r++)
                used += snprintf(allowed + used, sizeof allowed - (size_t)used, "%s%s", r > 0 ? ", " : "",
                                 igq_result_column(r)->metric);
            return igq_yaml_refuse(file, item.key, error, "\"%.60s\" is no result; allowed: %s",
                                   text != NULL ? text : "", allowed);
        }
        sweep->objective[sweep->num_objectives++] = (igq_result)result;
        status = check_result(sweep, (igq_result)result, file, item.key, error);
    }
    return status;
}

static igq_status read_tree(igq_sweep *sweep, igq_yaml_tree *tree, igq_error *error)
{
    const igq_yaml_node top = igq_yaml_top(tree), axes = igq_yaml_find(&top, "axes");
    igq_status status = igq_yaml_check_section(&top, top_keys, error);
    igq_sha256_bytes(sweep->sha256, tree->text, tree->size);
    if (status == IGQ_OK)
        status = check_num_axes(&axes, error);
    if (status == IGQ_OK)
        status = read_inputs(sweep, &top, error);
    if (status == IGQ_OK)
        status = load_inputs(sweep, error);
    if (status == IGQ_OK)
        status = igq_sweep_names_new(sweep, error);
    if (status == IGQ_OK)
        status = read_axes(sweep, &top, error);
    if (status == IGQ_OK)
        status = read_set(sweep, &top, "set", "", error);
    if (status == IGQ_OK)
        status = read_set(sweep, &top, "calibrate", "calibrate.", error);
    if (status == IGQ_OK)
        status = order_set(sweep, tree, error);
    if (status == IGQ_OK)
        status = read_conditions(&sweep->where, sweep, &top, "where", sweep->first_result, error);
    if (status == IGQ_OK)
        status = read_limits(sweep, &top, error);
    return status == IGQ_OK ? read_objectives(sweep, &top, error) : status;
}

igq_status igq_sweep_load(igq_sweep *sweep, const char *path, igq_error *error)
{
    igq_yaml_tree tree;
    memset(sweep, 0, sizeof *sweep);
    sweep->path = strdup(path);
    igq_status status = sweep->path != NULL ? igq_yaml_tree_open(&tree, path, error) : igq_out_of_memory(error);
    if (status != IGQ_OK)
        return status;
    status = read_tree(sweep, &tree, error);
    igq_yaml_tree_close(&tree);
    return status;
}

static void free_formulas(igq_formulas *list)
{
    for (int i = 0; i < list->num; i++) {
        free(list->item[i].text);
        igq_expression_free(list->item[i].expression);
    }
    free(list->item);
}

void igq_sweep_free(igq_sweep *sweep)
{
    igq_workload_free(&sweep->workload);
    char *const texts[] = {sweep->path,
                           sweep->accelerator_path,
                           sweep->workload_path,
                           sweep->trace_path,
                           sweep->weights_path,
                           sweep->labels_path,
                           sweep->calibration_path,
                           sweep->technology_path,
                           sweep->calibration_trace_path};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (int i = 0; i < sweep->num_image_paths; i++)
        free(sweep->image_path[i]);
    free(sweep->image_path);
    for (int a = 0; a < sweep->num_axes; a++)
        igq_axis_free(&sweep->axis[a]);
    free_formulas(&sweep->set);
    free_formulas(&sweep->where);
    free_formulas(&sweep->limits);
    for (int i = 0; i < sweep->names.num; i++)
        free((char *)(uintptr_t)sweep->names.name[i]);
    free(sweep->names.name);
    free(sweep->names.value);
    free(sweep->keys);
}
