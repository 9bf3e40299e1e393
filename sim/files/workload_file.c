// SPDX-License-Identifier: Apache-2.0
#include "workload_file.h"
#include "accelerator_file.h"
#include "config_file.h"
#include "family.h"
#include "fold_norms.h"
#include "keys.h"
#include "matmul_file.h"
#include "products.h"
#include "workload_keys.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SPREAD(kind)                                                                                                   \
    REAL("synthetic_ranges", #kind "_channel_spread", synthetic_ranges.kind.channel_spread, 0, 5, "ln",                \
         "standard deviation between the channels of " #kind),                                                         \
        REAL("synthetic_ranges", #kind "_instance_spread", synthetic_ranges.kind.instance_spread, 0, 5, "ln",          \
             "standard deviation of a channel of " #kind " between images")

#define NAME_OF(ID, name) [IGQ_FAMILY_##ID] = #name,
const char *const igq_family_names[IGQ_FAMILY_COUNT] = {IGQ_FAMILIES(NAME_OF)};

#define ROW_OF(ID, name) [IGQ_FAMILY_##ID] = &igq_family_##name,
const igq_family_row *igq_family_of(igq_family family)
{
    static const igq_family_row *const rows[IGQ_FAMILY_COUNT] = {IGQ_FAMILIES(ROW_OF)};
    return rows[family];
}

// clang-format off
static const igq_key head_keys[] = {
    {NULL, "name", IGQ_KEY_TEXT, AT(name), 0, 0, NULL, 0, "", "name of the network in reports", NULL, NULL},
    {"network", "family", IGQ_KEY_CHOICE, AT(family), 0, 0, igq_family_names, IGQ_FAMILY_COUNT, "",
     "kind of network; says which keys follow", NULL, NULL},
};

static const igq_key tail_keys[] = {
    INT("precision", "act_bits", precision.act_bits, 2, IGQ_MAX_CODE_BITS, "bits",
        "inputs of all layers but the edges, and softmax rows"),
    INT("precision", "weight_bits", precision.weight_bits, 2, IGQ_MAX_CODE_BITS, "bits",
        "weights of all layers but the edges"),
    INT("precision", "attn_bits", precision.attn_bits, 2, IGQ_MAX_CODE_BITS, "bits", "q, k and v"),
    INT("precision", "edge_bits", precision.edge_bits, 2, IGQ_MAX_CODE_BITS, "bits",
        "patch embedding, stem and predictions, activations and weights"),
    INT("precision", "weight_groups", precision.weight_groups, 0, IGQ_MAX_CHANNELS, "quantizers",
        "of the weights of each layer of blocks, over neighbouring output channels; 0: one per output channel"),
    REAL("precision", "weight_epsilon_pct", precision.weight_epsilon_pct, 0, 49, "%",
        "weights are clipped at this percentile and 100 minus it"),

    INT("synthetic_ranges", "seed", synthetic_ranges.seed, 0, 2147483647, "", "of the random numbers"),
    SPREAD(qkv),
    SPREAD(proj),
    SPREAD(fc1),
    SPREAD(fc2),
    SPREAD(softmax),
    REAL("synthetic_ranges", "softmax_median", synthetic_ranges.softmax_median, 1e-6, 1, "",
        "median over the rows of the largest value of a softmax row"),
};
// clang-format on

// The keys of a file of a family.
typedef struct key_table {
    igq_key key[64];
    int num;
} key_table;

static void append(key_table *table, const igq_key *keys, int num)
{
    assert((size_t)(table->num + num) <= NUM(table->key));
    if (num > 0)
        memcpy(&table->key[table->num], keys, (size_t)num * sizeof *keys);
    table->num += num;
}

static key_table keys_of(igq_family family)
{
    const igq_family_row *row = igq_family_of(family);
    key_table table = {.num = 0};
    append(&table, head_keys, NUM(head_keys));
    append(&table, row->keys, row->num_keys);
    append(&table, tail_keys, NUM(tail_keys));
    return table;
}

// A part that must divide a whole, both named by their keys.
igq_status igq_check_divides(int whole, const char *whole_key, int part, const char *part_key, igq_key_source *source)
{
    if (whole % part == 0)
        return IGQ_OK;
    return igq_key_source_refuse(source, whole_key, "is %d; allowed: multiples of %s, which is %d", whole, part_key,
                                 part);
}

// A number that the given keys lead to.
igq_status igq_check_most(long long number, const char *what, int most, const char *key, igq_key_source *source)
{
    return number <= most ? IGQ_OK
                          : igq_key_source_refuse(source, key, "gives %lld %s; allowed: 1 to %d", number, what, most);
}

static igq_status check_shape(igq_workload *workload, igq_key_source *source)
{
    const igq_family_row *row = igq_family_of(workload->family);
    return row->check ? row->check(workload, source) : IGQ_OK;
}

// The family decides which keys the file has, so it is read before them. A file without one is read as vit, which says
// that the key is missing.
static igq_status read_family(igq_family *family, igq_key_source *source)
{
    char allowed[IGQ_KEY_TEXT_BYTES];
    const char *text = igq_key_source_text(source, "network", "family");
    *family = IGQ_FAMILY_VIT;
    if (text == NULL)
        return IGQ_OK;
    for (int i = 0; i < IGQ_FAMILY_MATMULS; i++) { // a list of products says so by its key
        *family = (igq_family)i;
        if (strcmp(text, igq_family_names[i]) == 0)
            return IGQ_OK;
    }
    igq_key_allowed(allowed, &head_keys[1]);
    return igq_key_source_refuse(source, "network.family", "\"%.60s\" is not one of the choices; allowed: %s", text,
                                 allowed);
}

// What a network has whose file says nothing of it, in the order of tail_keys: that of configs/workloads.
static const char *const default_tail[NUM(tail_keys)] = {"4",     "4",     "8",     "8",     "0",     "0.05",
                                                         "1",     "0.190", "0.140", "0.382", "0.377", "0.216",
                                                         "0.140", "0.611", "0.624", "0.167", "0.569", "0.147"};

static int has_ending(const char *path, const char *ending)
{
    size_t length = strlen(path), end = strlen(ending);
    return length > end && strcmp(path + length - end, ending) == 0;
}

// The name of a file without folders and ending, what no name may have replaced by "_".
static void name_after_file(igq_workload *workload, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    snprintf(workload->name, sizeof workload->name, "%.*s", dot ? (int)(dot - base) : (int)strlen(base), base);
    for (char *c = workload->name; *c; c++)
        if (!strchr(IGQ_KEY_NAME_CHARACTERS, *c))
            *c = '_';
}

// Settings of the command line for some keys; others are left alone.
static igq_status add_sets(igq_key_source *source, const igq_string_list *sets, const igq_key *keys, int num_keys)
{
    igq_status status = IGQ_OK;
    for (int i = 0; status == IGQ_OK && sets != NULL && i < sets->num; i++) {
        const char *equals = strchr(sets->items[i], '=');
        char key[IGQ_KEY_PATH_BYTES] = "";
        if (equals != NULL)
            snprintf(key, sizeof key, "%.*s", (int)(equals - sets->items[i]), sets->items[i]);
        if (igq_keys_find(keys, num_keys, key) != NULL)
            status = igq_key_source_set(source, "--set", key, equals + 1);
    }
    return status;
}

// The keys but for the name, with defaults for precision and ranges.
static key_table keys_with_defaults(igq_family family)
{
    key_table all = keys_of(family), table = {.num = 0};
    append(&table, all.key + 1, all.num - 1);
    for (int i = 0; i < (int)NUM(tail_keys); i++)
        table.key[table.num - (int)NUM(tail_keys) + i].initial = default_tail[i];
    return table;
}

// What a file with a network of its own leaves open: from the YAML file `path` (NULL: none), under the settings of the
// command line.
static igq_status read_rest(igq_workload *workload, const char *path, const igq_string_list *sets, igq_error *error)
{
    key_table table = keys_with_defaults(workload->family);
    const igq_key *keys = table.key + NUM(head_keys) - 1; // the file says which family it is
    int num = table.num - (int)NUM(head_keys) + 1;
    igq_key_source source;
    igq_status status = igq_key_source_open(&source, path, NULL, error);
    if (status == IGQ_OK)
        status = add_sets(&source, sets, keys, num);
    if (status == IGQ_OK)
        status = igq_keys_read(workload, keys, num, &source);
    igq_key_source_close(&source);
    return status;
}

// The folder that a file lies in, for its name; the file's own where it has none.
static void name_after_folder(igq_workload *workload, const char *path)
{
    char folder[IGQ_NAME_BYTES];
    const char *end = strrchr(path, '/'), *start = end;
    while (start != NULL && start > path && start[-1] != '/')
        start--;
    if (end == NULL || end == start || *start == '.') {
        name_after_file(workload, path);
        return;
    }
    snprintf(folder, sizeof folder, "%.*s.", (int)(end - start), start); // no ending to take away
    name_after_file(workload, folder);
}

// config.json of a Hugging Face folder: what it says of the network, under the settings of the command line.
static igq_status load_config(igq_workload *workload, const char *path, const igq_string_list *sets, igq_error *error)
{
    igq_config config;
    igq_key_source source = igq_key_source_none(error);
    igq_status status = igq_config_load(&config, path, error);
    if (status != IGQ_OK)
        return status;
    while (strcmp(igq_family_names[workload->family], config.family) != 0)
        workload->family++;
    key_table table = keys_with_defaults(workload->family);
    status = igq_key_source_set(&source, path, "network.family", config.family);
    for (int i = 0; status == IGQ_OK && i < config.num; i++)
        status = igq_key_source_set(&source, path, config.setting[i].key, config.setting[i].value);
    if (status == IGQ_OK)
        status = add_sets(&source, sets, table.key, table.num);
    if (status == IGQ_OK)
        status = igq_keys_read(workload, table.key, table.num, &source);
    if (status == IGQ_OK)
        status = check_shape(workload, &source);
    igq_key_source_close(&source);
    name_after_folder(workload, path);
    return status;
}

// network.yaml beside network.onnx, new; NULL: there is none, or memory is short.
static char *yaml_beside(const char *path)
{
    size_t length = strlen(path) - strlen(".onnx");
    char *yaml = malloc(length + sizeof ".yaml");
    if (yaml != NULL)
        snprintf(yaml, length + sizeof ".yaml", "%.*s.yaml", (int)length, path);
    if (yaml != NULL && access(yaml, F_OK) == 0)
        return yaml;
    free(yaml);
    return NULL;
}

static igq_status load_matmuls(igq_workload *workload, const char *path, const igq_string_list *sets, igq_error *error)
{
    workload->family = IGQ_FAMILY_MATMULS;
    name_after_file(workload, path);
    igq_status status = has_ending(path, ".csv") ? igq_matmuls_load_csv(&workload->matmuls, path, error)
                                                 : igq_matmuls_load_yaml(&workload->matmuls, path, error);
    return status == IGQ_OK ? read_rest(workload, NULL, sets, error) : status;
}

static igq_status load_onnx(igq_workload *workload, const char *path, const igq_string_list *sets, igq_error *error)
{
    workload->family = IGQ_FAMILY_ONNX;
    name_after_file(workload, path);
    char *yaml = yaml_beside(path);
    igq_status status = read_rest(workload, yaml, sets, error);
    free(yaml);
    return status == IGQ_OK ? igq_onnx_open(&workload->onnx, path, workload->input_dim, error) : status;
}

void igq_workload_free(igq_workload *workload)
{
    igq_onnx_close(&workload->onnx);
    free(workload->matmuls.item);
    workload->matmuls = (igq_matmuls){0};
}

// A YAML file that is a list of products says so by its key.
static int lists_matmuls(igq_key_source *source)
{
    igq_yaml_node top = igq_yaml_top(&source->file[0]);
    return igq_yaml_is_section(&top) && igq_yaml_find(&top, "matmuls").node != NULL;
}

igq_status igq_workload_load_with(igq_workload *workload, const char *path, const igq_string_list *sets,
                                  igq_error *error)
{
    igq_key_source source;
    memset(workload, 0, sizeof *workload);
    if (has_ending(path, ".csv"))
        return load_matmuls(workload, path, sets, error);
    if (has_ending(path, ".onnx"))
        return load_onnx(workload, path, sets, error);
    if (has_ending(path, ".json"))
        return load_config(workload, path, sets, error);
    igq_status status = igq_key_source_open(&source, path, sets, error);
    if (status == IGQ_OK && lists_matmuls(&source)) {
        igq_key_source_close(&source);
        return load_matmuls(workload, path, sets, error);
    }
    igq_key_source_unset(&source, "name");
    if (status == IGQ_OK)
        status = read_family(&workload->family, &source);
    if (status == IGQ_OK) {
        const key_table table = keys_of(workload->family);
        status = igq_keys_read(workload, table.key, table.num, &source);
    }
    if (status == IGQ_OK)
        status = check_shape(workload, &source);
    igq_key_source_close(&source);
    return status;
}

igq_status igq_workload_bases(igq_base_list *list, const char *path, igq_error *error)
{
    *list = (igq_base_list){0};
    if (has_ending(path, ".onnx") && (list->path[0] = yaml_beside(path)) != NULL)
        list->num = 1;
    return has_ending(path, ".csv") || has_ending(path, ".onnx") || has_ending(path, ".json")
               ? IGQ_OK
               : igq_base_list_open(list, path, error);
}

igq_status igq_workload_load(igq_workload *workload, const char *path, igq_error *error)
{
    return igq_workload_load_with(workload, path, NULL, error);
}

igq_status igq_sets_check(const igq_string_list *sets, int with_machine, const igq_workload *workload, igq_error *error)
{
    int num_keys, num_tables = 0;
    key_table workload_keys;
    igq_key_table tables[2];
    if (with_machine) {
        const igq_key *keys = igq_accelerator_keys(&num_keys);
        tables[num_tables++] = (igq_key_table){keys, num_keys};
    }
    if (workload != NULL) {
        workload_keys = keys_of(workload->family);
        tables[num_tables++] = (igq_key_table){workload_keys.key + 1, workload_keys.num - 1}; // without name
    }
    return igq_key_sets_check(sets, tables, num_tables, error);
}

// The graph stays.
static igq_network *network_of(igq_graph *graph)
{
    igq_products *products = igq_products_of(graph);
    igq_network *network = products ? products->network : NULL;
    if (products)
        products->network = NULL;
    igq_products_free(products);
    return network;
}

igq_graph *igq_workload_graph(const igq_workload *workload)
{
    return igq_family_of(workload->family)->graph(workload);
}

int igq_workload_classes(const igq_workload *workload)
{
    const igq_family_row *row = igq_family_of(workload->family);
    return row->classes ? row->classes(workload) : 1;
}

// As it is executed, with batch norms in the convolutions.
static igq_network *network_of_family(const igq_workload *workload)
{
    igq_graph *graph = igq_workload_graph(workload);
    if (graph && igq_graph_fold_batch_norms(graph))
        return igq_network_of(graph);
    igq_graph_free(graph);
    return NULL;
}

igq_network *igq_workload_network(const igq_workload *workload)
{
    switch (workload->family) {
    case IGQ_FAMILY_MATMULS:
        return igq_matmuls_network(&workload->matmuls);
    case IGQ_FAMILY_ONNX:
        return network_of(workload->onnx.graph);
    default:
        return network_of_family(workload);
    }
}

json_t *igq_workload_to_json(const igq_workload *workload)
{
    const key_table table = keys_of(workload->family);
    return igq_keys_to_json(workload, table.key, table.num);
}

json_t *igq_workload_schema(void)
{
    json_t *families = json_array();
    for (int i = 0; i < IGQ_FAMILY_COUNT; i++) {
        const key_table table = keys_of((igq_family)i);
        json_t *one = igq_keys_schema(table.key, table.num);
        json_t *network = json_object_get(json_object_get(one, "properties"), "network");
        json_object_set_new(json_object_get(network, "properties"), "family",
                            json_pack("{s:s}", "const", igq_family_names[i]));
        json_array_append_new(families, one);
    }
    return json_pack("{s:o}", "anyOf", families);
}
