// SPDX-License-Identifier: Apache-2.0
#include "calibration_file.h"
#include "shape_members.h"
#include "yaml_tree.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIN_EXPONENT (-40) // of igq_grid_exponent
#define MAX_EXPONENT 40
#define MAX_FILE_BYTES (256 << 20) // it has two numbers for every channel and softmax row of the network

// From texts to numbers. The first fault stays in `status` and later steps do nothing.
typedef struct reader {
    igq_error *error;
    igq_status status;
} reader;

// Keys of a section (a list that ends with NULL), of which some may be missing.
static void check_keys(reader *in, const igq_yaml_node *section, const char *const *names)
{
    if (in->status == IGQ_OK)
        in->status = igq_yaml_check_section(section, names, in->error);
}

#define REFUSE(in, node, ...)                                                                                          \
    do {                                                                                                               \
        if ((in)->status == IGQ_OK)                                                                                    \
            (in)->status = igq_yaml_refuse_node(node, (in)->error, __VA_ARGS__);                                       \
    } while (0)

// A value that must be there.
static igq_yaml_node member(reader *in, const igq_yaml_node *section, const char *name)
{
    const igq_yaml_node node = igq_yaml_find(section, name);
    if (node.node == NULL)
        REFUSE(in, section, "key %s is missing; every key is required", name);
    return node;
}

static const char *parse_text(reader *in, const igq_yaml_node *section, const char *name)
{
    const igq_yaml_node node = member(in, section, name);
    const char *text = "";
    if (in->status == IGQ_OK)
        in->status = igq_yaml_single(&text, &node, in->error);
    return text;
}

static int parse_int(reader *in, const igq_yaml_node *section, const char *name, int min, int max)
{
    const igq_yaml_node node = member(in, section, name);
    int value = 0;
    if (in->status == IGQ_OK)
        in->status = igq_yaml_int(&value, &node, min, max, in->error);
    return value;
}

static igq_yaml_node parse_items(reader *in, const igq_yaml_node *section, const char *name, int min, int max)
{
    const igq_yaml_node node = member(in, section, name);
    if (in->status == IGQ_OK)
        in->status = igq_yaml_check_list(&node, min, max, in->error);
    return node;
}

// One int16 of a string, or 0 where there is none. Quick: strtol would take most of the time of a load.
static int next_int16(int *value, const char **text)
{
    const char *c = *text;
    int negative = *c == '-', magnitude = 0, num_digits = 0;
    for (c += negative; *c >= '0' && *c <= '9' && num_digits < 6; c++, num_digits++)
        magnitude = magnitude * 10 + (*c - '0');
    *value = negative ? -magnitude : magnitude;
    *text = c;
    return num_digits > 0 && *value >= INT16_MIN && *value <= INT16_MAX;
}

static void parse_string(reader *in, const igq_yaml_node *section, const char *name, int16_t *out, int num)
{
    const igq_yaml_node node = member(in, section, name);
    const char *text = parse_text(in, section, name);
    int i = 0, value;
    while (in->status == IGQ_OK && *text != '\0') {
        if (i == num || !next_int16(&value, &text) || (*text != ' ' && *text != '\0')) {
            REFUSE(in, &node, "fault after %d numbers; allowed: %d integers from %d to %d, separated by single blanks",
                   i, num, INT16_MIN, INT16_MAX);
            return;
        }
        out[i++] = (int16_t)value;
        text += *text == ' ';
    }
    if (i != num)
        REFUSE(in, &node, "has %d numbers; allowed: %d, one per member", i, num);
}

static void parse_list(reader *in, const igq_yaml_node *list, int16_t *out)
{
    int value = 0;
    for (int i = 0; in->status == IGQ_OK && i < igq_yaml_num(list); i++) {
        const igq_yaml_node item = igq_yaml_item(list, i, NULL);
        in->status = igq_yaml_int(&value, &item, INT16_MIN, INT16_MAX, in->error);
        out[i] = (int16_t)value;
    }
}

static void check_order(reader *in, const igq_yaml_node *node, const int16_t *lower, const int16_t *upper, int num)
{
    for (int i = 0; i < num; i++)
        if (lower[i] > upper[i])
            REFUSE(in, node, "entry %d is %d, above its upper bound %d; allowed: lower <= upper", i, lower[i],
                   upper[i]);
}

static void parse_cover(reader *in, igq_group_bounds *bounds, const igq_yaml_node *section)
{
    const igq_yaml_node lower = igq_yaml_find(section, "cover_lower"), upper = igq_yaml_find(section, "cover_upper");
    int num = bounds->num_groups, num_lower = igq_yaml_num(&lower), num_upper = igq_yaml_num(&upper);
    bounds->covers = lower.node != NULL || upper.node != NULL;
    if (!bounds->covers)
        return;
    if (!igq_yaml_is_list(&lower) || !igq_yaml_is_list(&upper) || num_lower != num || num_upper != num) {
        REFUSE(
            in, section,
            "cover_lower and cover_upper are no lists of %d; allowed: lists with one entry each per group, or neither",
            num);
        return;
    }
    parse_list(in, &lower, bounds->cover_lower);
    parse_list(in, &upper, bounds->cover_upper);
    check_order(in, &lower, bounds->cover_lower, bounds->cover_upper, num);
}

// Quantizers over groups of members, of these keys of a section:
#define BOUNDS_NAMES "bits", "lower", "upper", "cover_lower", "cover_upper", "member_lo", "member_hi"
static void parse_bounds(reader *in, igq_group_bounds *bounds, const igq_yaml_node *section)
{
    bounds->bits = parse_int(in, section, "bits", 2, IGQ_MAX_CODE_BITS);
    const igq_yaml_node lower = parse_items(in, section, "lower", 1, IGQ_MAX_GROUPS);
    const igq_yaml_node upper = parse_items(in, section, "upper", 1, IGQ_MAX_GROUPS);
    int num = igq_yaml_num(&lower);
    if (igq_yaml_num(&upper) != num)
        REFUSE(in, &upper, "has %d entries, lower has %d; allowed: one each per group", igq_yaml_num(&upper), num);
    if (num > bounds->num_members)
        REFUSE(in, &lower, "has %d groups for %d members; allowed: at most as many groups as members", num,
               bounds->num_members);
    if (in->status != IGQ_OK)
        return;
    bounds->num_groups = num;
    parse_list(in, &lower, bounds->lower);
    parse_list(in, &upper, bounds->upper);
    check_order(in, &lower, bounds->lower, bounds->upper, num);
    parse_cover(in, bounds, section);
    parse_string(in, section, "member_lo", bounds->member_lo, bounds->num_members);
    parse_string(in, section, "member_hi", bounds->member_hi, bounds->num_members);
    const igq_yaml_node members = igq_yaml_find(section, "member_lo");
    check_order(in, &members, bounds->member_lo, bounds->member_hi, bounds->num_members);
}

// Of networks other than vision transformers: their family and how many layers they have. Names and widths of layers
// tell the rest.
static void check_graph(reader *in, const igq_yaml_node *top, const igq_workload *workload, int num_layers)
{
    static const char *const names[] = {"name", "family", "layers", NULL};
    const igq_yaml_node section = member(in, top, "network");
    check_keys(in, &section, names);
    const char *network = parse_text(in, &section, "name"), *family = parse_text(in, &section, "family");
    int layers = parse_int(in, &section, "layers", 1, INT32_MAX);
    if (in->status == IGQ_OK && (strcmp(family, igq_family_names[workload->family]) != 0 || layers != num_layers))
        REFUSE(in, &section,
               "is of another network (%.60s, family %.20s, %d layers); allowed with workload %s: family %s, %d layers",
               network, family, layers, workload->name, igq_family_names[workload->family], num_layers);
}

static void check_network(reader *in, const igq_yaml_node *top, const igq_workload *workload)
{
    const char *names[IGQ_NUM_SHAPE_MEMBERS + 2] = {"name"};
    for (int i = 0; i < IGQ_NUM_SHAPE_MEMBERS; i++)
        names[1 + i] = igq_shape_members[i].name;
    const igq_yaml_node section = member(in, top, "network");
    check_keys(in, &section, names);
    const char *network = parse_text(in, &section, "name");
    for (int i = 0; in->status == IGQ_OK && i < IGQ_NUM_SHAPE_MEMBERS; i++) {
        const char *name = igq_shape_members[i].name;
        int value = parse_int(in, &section, name, 1, INT32_MAX), wanted = igq_shape_value(&workload->shape, i);
        const igq_yaml_node node = igq_yaml_find(&section, name);
        if (value != wanted)
            REFUSE(in, &node, "is %d: a calibration of another network (%.60s); allowed with workload %s: %d", value,
                   network, workload->name, wanted);
    }
}

static void parse_layer(reader *in, igq_linear_calibration *out, const igq_yaml_node *section, const char *name)
{
    static const char *const names[] = {"name",          "exponent",   "weight_bits", "weight_epsilon_pct",
                                        "weight_groups", BOUNDS_NAMES, NULL};
    check_keys(in, section, names);
    const igq_yaml_node name_node = igq_yaml_find(section, "name");
    const char *given = parse_text(in, section, "name");
    if (strcmp(given, name) != 0)
        REFUSE(in, &name_node, "is %.60s; allowed here: %s", given, name);
    out->act.exponent = parse_int(in, section, "exponent", MIN_EXPONENT, MAX_EXPONENT);
    out->weight_bits = parse_int(in, section, "weight_bits", 2, IGQ_MAX_CODE_BITS);
    if (igq_yaml_find(section, "weight_groups").node != NULL)
        out->weight_groups = parse_int(in, section, "weight_groups", 0, IGQ_MAX_CHANNELS);
    const igq_yaml_node epsilon = member(in, section, "weight_epsilon_pct");
    if (in->status == IGQ_OK)
        in->status = igq_yaml_real(&out->weight_epsilon_pct, &epsilon, 0, 49, in->error);
    parse_bounds(in, &out->act, section);
}

static void parse_linear(reader *in, igq_calibration *out, const igq_yaml_node *top, const igq_network *network)
{
    const igq_yaml_node list = parse_items(in, top, "linear", out->num_linear, out->num_linear);
    for (int i = 0; in->status == IGQ_OK && i < out->num_linear; i++) {
        const igq_yaml_node section = igq_yaml_item(&list, i, NULL);
        parse_layer(in, &out->linear[i], &section, igq_network_linear(network, i)->name);
    }
}

static void parse_pair(reader *in, const igq_yaml_node *section, const char *name, int16_t *lower, int16_t *upper)
{
    int16_t pair[2] = {0, 0};
    const igq_yaml_node node = parse_items(in, section, name, 2, 2);
    parse_list(in, &node, pair);
    *lower = pair[0];
    *upper = pair[1];
    check_order(in, &node, lower, upper, 1);
}

static void parse_head(reader *in, igq_head_calibration *head, const igq_yaml_node *section)
{
    static const char *const names[] = {"q", "k", "v", BOUNDS_NAMES, NULL};
    check_keys(in, section, names);
    parse_pair(in, section, "q", &head->q_lower, &head->q_upper);
    parse_pair(in, section, "k", &head->k_lower, &head->k_upper);
    parse_pair(in, section, "v", &head->v_lower, &head->v_upper);
    parse_bounds(in, &head->softmax, section);
}

static void parse_blocks(reader *in, igq_calibration *out, const igq_yaml_node *top, const igq_network *network)
{
    static const char *const names[] = {"qkv_exponent", "heads", NULL};
    const igq_yaml_node list = parse_items(in, top, "blocks", network->num_attention, network->num_attention);
    for (int block = 0; in->status == IGQ_OK && block < network->num_attention; block++) {
        const igq_layer *attention = igq_network_attention(network, block);
        const igq_yaml_node section = igq_yaml_item(&list, block, NULL);
        check_keys(in, &section, names);
        out->qkv_exponent[block] = parse_int(in, &section, "qkv_exponent", MIN_EXPONENT, MAX_EXPONENT);
        const igq_yaml_node heads = parse_items(in, &section, "heads", attention->heads, attention->heads);
        for (int h = 0; in->status == IGQ_OK && h < attention->heads; h++) {
            const igq_yaml_node head = igq_yaml_item(&heads, h, NULL);
            parse_head(in, &out->head[attention->first_head + h], &head);
        }
    }
}

static igq_status parse_tree(igq_calibration **calibration, const igq_yaml_tree *tree, const igq_workload *workload,
                             igq_error *error)
{
    static const char *const names[] = {"igqsim_version", "network", "num_images",   "attn_bits",
                                        "linear",         "blocks",  "bounds_alpha", NULL};
    reader in = {.error = error, .status = IGQ_OK};
    const igq_yaml_node top = igq_yaml_top(tree);
    check_keys(&in, &top, names);
    parse_text(&in, &top, "igqsim_version");
    igq_network *network = igq_workload_network(workload);
    if (in.status == IGQ_OK && network != NULL && workload->family == IGQ_FAMILY_VIT)
        check_network(&in, &top, workload);
    else if (in.status == IGQ_OK && network != NULL)
        check_graph(&in, &top, workload, network->num_layers);
    if (in.status != IGQ_OK) {
        igq_network_free(network);
        return in.status;
    }
    igq_calibration *out = network ? igq_calibration_new(network, IGQ_MAX_GROUPS) : NULL;
    if (out == NULL) {
        igq_network_free(network);
        return igq_out_of_memory(error);
    }
    out->num_images = parse_int(&in, &top, "num_images", 1, INT32_MAX);
    out->attn_bits = parse_int(&in, &top, "attn_bits", 2, IGQ_MAX_CODE_BITS);
    const igq_yaml_node alpha = igq_yaml_find(&top, "bounds_alpha");
    if (in.status == IGQ_OK && alpha.node != NULL)
        in.status = igq_yaml_real(&out->bounds_alpha, &alpha, 0, 1, error);
    parse_linear(&in, out, &top, network);
    parse_blocks(&in, out, &top, network);
    igq_network_free(network);
    if (in.status == IGQ_OK)
        *calibration = out;
    else
        igq_calibration_free(out);
    return in.status;
}

igq_status igq_calibration_load(igq_calibration **calibration, const char *path, const igq_workload *workload,
                                igq_error *error)
{
    igq_yaml_tree tree;
    igq_status status = igq_yaml_tree_open_up_to(&tree, path, MAX_FILE_BYTES, error);
    if (status != IGQ_OK)
        return status;
    status = parse_tree(calibration, &tree, workload, error);
    igq_yaml_tree_close(&tree);
    return status;
}
