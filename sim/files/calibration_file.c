// SPDX-License-Identifier: Apache-2.0
#include "calibration_file.h"
#include "shape_members.h"
#include "yaml_file.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES 128
#define MIN_EXPONENT (-40) // of igq_grid_exponent
#define MAX_EXPONENT 40

// What libcyaml loads: texts.

typedef struct bounds_texts {
    char *bits;
    char **lower, **upper, **cover_lower, **cover_upper; // the latter two may be missing
    uint32_t lower_count, upper_count, cover_lower_count, cover_upper_count;
    char *member_lo, *member_hi;
} bounds_texts;

typedef struct linear_texts {
    char *name, *exponent, *weight_bits, *weight_epsilon_pct;
    char *weight_groups; // may be missing: 0
    bounds_texts bounds;
} linear_texts;

typedef struct head_texts {
    char *q[2], *k[2], *v[2];
    bounds_texts bounds;
} head_texts;

typedef struct block_texts {
    char *qkv_exponent;
    head_texts *heads;
    uint32_t heads_count;
} block_texts;

typedef struct file_texts {
    char *igqsim_version, *name, *num_images, *attn_bits;
    char *shape[IGQ_NUM_SHAPE_MEMBERS];
    linear_texts *linear;
    block_texts *blocks;
    uint32_t linear_count, blocks_count;
} file_texts;

static const cyaml_schema_value_t text_schema = {IGQ_YAML_TEXT};

#define BOUNDS_FIELDS(structure)                                                                                       \
    {.key = "bits", .data_offset = offsetof(structure, bounds.bits), .value = {IGQ_YAML_TEXT}},                        \
        TEXT_LIST(structure, lower, 0), TEXT_LIST(structure, upper, 0),                                                \
        TEXT_LIST(structure, cover_lower, CYAML_FLAG_OPTIONAL),                                                        \
        TEXT_LIST(structure, cover_upper, CYAML_FLAG_OPTIONAL),                                                        \
        {.key = "member_lo", .data_offset = offsetof(structure, bounds.member_lo), .value = {IGQ_YAML_TEXT}},          \
    {                                                                                                                  \
        .key = "member_hi", .data_offset = offsetof(structure, bounds.member_hi), .value = { IGQ_YAML_TEXT }           \
    }
#define TEXT_LIST(structure, member, flag)                                                                             \
    {                                                                                                                  \
        .key = #member, .data_offset = offsetof(structure, bounds.member),                                             \
        .count_offset = offsetof(structure, bounds.member##_count), .count_size = sizeof(uint32_t), .value = {         \
            .type = CYAML_SEQUENCE,                                                                                    \
            .flags = CYAML_FLAG_POINTER | (flag),                                                                      \
            .data_size = sizeof(char *),                                                                               \
            .sequence = {&text_schema, 1, IGQ_MAX_GROUPS}                                                              \
        }                                                                                                              \
    }
#define TEXT_PAIR(structure, member)                                                                                   \
    {                                                                                                                  \
        .key = #member, .data_offset = offsetof(structure, member), .value = {                                         \
            .type = CYAML_SEQUENCE_FIXED,                                                                              \
            .data_size = sizeof(char *),                                                                               \
            .sequence = {&text_schema, 2, 2}                                                                           \
        }                                                                                                              \
    }

static const cyaml_schema_field_t linear_fields[] = {
    IGQ_YAML_FIELD(linear_texts, name),
    IGQ_YAML_FIELD(linear_texts, exponent),
    IGQ_YAML_FIELD(linear_texts, weight_bits),
    {.key = "weight_groups",
     .data_offset = offsetof(linear_texts, weight_groups),
     .value = {.type = CYAML_STRING,
               .flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
               .data_size = sizeof(char),
               .string = {0, CYAML_UNLIMITED}}},
    IGQ_YAML_FIELD(linear_texts, weight_epsilon_pct),
    BOUNDS_FIELDS(linear_texts),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t linear_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, linear_texts, linear_fields)};

static const cyaml_schema_field_t head_fields[] = {
    TEXT_PAIR(head_texts, q),  TEXT_PAIR(head_texts, k), TEXT_PAIR(head_texts, v),
    BOUNDS_FIELDS(head_texts), CYAML_FIELD_END,
};
static const cyaml_schema_value_t head_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, head_texts, head_fields)};

static const cyaml_schema_field_t block_fields[] = {
    IGQ_YAML_FIELD(block_texts, qkv_exponent),
    CYAML_FIELD_SEQUENCE("heads", CYAML_FLAG_POINTER, block_texts, heads, &head_schema, 0, CYAML_UNLIMITED),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t block_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, block_texts, block_fields)};

// The schema of the whole file; the network's fields follow igq_shape_members.
typedef struct file_schema {
    cyaml_schema_field_t network[IGQ_NUM_SHAPE_MEMBERS + 2];
    cyaml_schema_field_t fields[7];
    cyaml_schema_value_t top;
} file_schema;

static void init_schema(file_schema *schema)
{
    const cyaml_schema_field_t fields[7] = {
        IGQ_YAML_FIELD(file_texts, igqsim_version),
        {.key = "network", .value = {.type = CYAML_MAPPING, .data_size = 1, .mapping = {schema->network}}},
        IGQ_YAML_FIELD(file_texts, num_images),
        IGQ_YAML_FIELD(file_texts, attn_bits),
        CYAML_FIELD_SEQUENCE("linear", CYAML_FLAG_POINTER, file_texts, linear, &linear_schema, 0, CYAML_UNLIMITED),
        CYAML_FIELD_SEQUENCE("blocks", CYAML_FLAG_POINTER, file_texts, blocks, &block_schema, 0, CYAML_UNLIMITED),
        CYAML_FIELD_END,
    };
    const cyaml_schema_field_t name = IGQ_YAML_FIELD(file_texts, name);
    memset(schema, 0, sizeof *schema);
    memcpy(schema->fields, fields, sizeof fields);
    schema->network[0] = name;
    for (int i = 0; i < IGQ_NUM_SHAPE_MEMBERS; i++)
        schema->network[1 + i] =
            (cyaml_schema_field_t){.key = igq_shape_members[i].name,
                                   .data_offset = (uint32_t)(offsetof(file_texts, shape) + (size_t)i * sizeof(char *)),
                                   .value = text_schema};
    schema->top = (cyaml_schema_value_t){.type = CYAML_MAPPING,
                                         .flags = CYAML_FLAG_POINTER,
                                         .data_size = sizeof(file_texts),
                                         .mapping = {schema->fields}};
}

// From texts to numbers. The first fault stays in `status` and later steps do nothing.

typedef struct reader {
    const igq_yaml_file *file;
    igq_error *error;
    igq_status status;
    char section[KEY_BYTES]; // "linear[3]"
} reader;

// Key of a member of the section at hand.
static const char *full_key(char key[2 * KEY_BYTES], const reader *in, const char *name)
{
    snprintf(key, 2 * KEY_BYTES, "%s%s%s", in->section, *in->section != '\0' ? "." : "", name);
    return key;
}

static int parse_int(reader *in, const char *name, const char *text, int min, int max)
{
    char key[2 * KEY_BYTES];
    int value = 0;
    if (in->status == IGQ_OK)
        in->status = igq_yaml_int(&value, text, min, max, in->file, full_key(key, in, name), in->error);
    return value;
}

static void refuse(reader *in, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void refuse(reader *in, const char *name, const char *format, ...)
{
    char key[2 * KEY_BYTES], text[512];
    va_list arguments;
    if (in->status != IGQ_OK)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    in->status = igq_yaml_refuse(in->file, full_key(key, in, name), in->error, "%s", text);
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

static void parse_string(reader *in, const char *name, int16_t *out, int num, const char *text)
{
    int i = 0, value;
    while (in->status == IGQ_OK && *text != '\0') {
        if (i == num || !next_int16(&value, &text) || (*text != ' ' && *text != '\0')) {
            refuse(in, name, "fault after %d numbers; allowed: %d integers from %d to %d, separated by single blanks",
                   i, num, INT16_MIN, INT16_MAX);
            return;
        }
        out[i++] = (int16_t)value;
        text += *text == ' ';
    }
    if (i != num)
        refuse(in, name, "has %d numbers; allowed: %d, one per member", i, num);
}

static void parse_list(reader *in, const char *name, int16_t *out, char *const *texts, int num)
{
    for (int i = 0; i < num; i++)
        out[i] = (int16_t)parse_int(in, name, texts[i], INT16_MIN, INT16_MAX);
}

static void check_order(reader *in, const char *names, const int16_t *lower, const int16_t *upper, int num)
{
    for (int i = 0; i < num; i++)
        if (lower[i] > upper[i])
            refuse(in, names, "entry %d is %d, above its upper bound %d; allowed: lower <= upper", i, lower[i],
                   upper[i]);
}

static void parse_cover(reader *in, igq_group_bounds *bounds, const bounds_texts *texts)
{
    uint32_t num = (uint32_t)bounds->num_groups;
    bounds->covers = texts->cover_lower_count > 0 || texts->cover_upper_count > 0;
    if (!bounds->covers)
        return;
    if (texts->cover_lower_count != num || texts->cover_upper_count != num) {
        refuse(in, texts->cover_lower_count != num ? "cover_lower" : "cover_upper",
               "does not have %u entries; allowed: cover_lower and cover_upper, one entry each per group, or neither",
               num);
        return;
    }
    parse_list(in, "cover_lower", bounds->cover_lower, texts->cover_lower, bounds->num_groups);
    parse_list(in, "cover_upper", bounds->cover_upper, texts->cover_upper, bounds->num_groups);
    check_order(in, "cover_lower", bounds->cover_lower, bounds->cover_upper, bounds->num_groups);
}

static void parse_bounds(reader *in, igq_group_bounds *bounds, const bounds_texts *texts)
{
    bounds->bits = parse_int(in, "bits", texts->bits, 2, IGQ_MAX_CODE_BITS);
    if (texts->lower_count != texts->upper_count)
        refuse(in, "upper", "has %u entries, lower has %u; allowed: one each per group", texts->upper_count,
               texts->lower_count);
    if ((int)texts->lower_count > bounds->num_members)
        refuse(in, "lower", "has %u groups for %d members; allowed: at most as many groups as members",
               texts->lower_count, bounds->num_members);
    if (in->status != IGQ_OK)
        return;
    bounds->num_groups = (int)texts->lower_count;
    parse_list(in, "lower", bounds->lower, texts->lower, bounds->num_groups);
    parse_list(in, "upper", bounds->upper, texts->upper, bounds->num_groups);
    check_order(in, "lower", bounds->lower, bounds->upper, bounds->num_groups);
    parse_cover(in, bounds, texts);
    parse_string(in, "member_lo", bounds->member_lo, bounds->num_members, texts->member_lo);
    parse_string(in, "member_hi", bounds->member_hi, bounds->num_members, texts->member_hi);
    check_order(in, "member_lo", bounds->member_lo, bounds->member_hi, bounds->num_members);
}

static void check_network(reader *in, const file_texts *texts, const igq_workload *workload)
{
    strcpy(in->section, "network");
    for (int i = 0; i < IGQ_NUM_SHAPE_MEMBERS; i++) {
        int value = parse_int(in, igq_shape_members[i].name, texts->shape[i], 1, INT32_MAX);
        if (value != igq_shape_value(&workload->shape, i))
            refuse(in, igq_shape_members[i].name,
                   "is %d: a calibration of another network (%.60s); allowed with workload %s: %d", value, texts->name,
                   workload->name, igq_shape_value(&workload->shape, i));
    }
    *in->section = '\0';
}

static void check_count(reader *in, const char *name, uint32_t count, int wanted)
{
    if (count != (uint32_t)wanted)
        refuse(in, name, "has %u entries; allowed: %d", count, wanted);
}

static void parse_linear(reader *in, igq_calibration *out, const file_texts *texts, const igq_network *network)
{
    check_count(in, "linear", texts->linear_count, out->num_linear);
    for (int i = 0; in->status == IGQ_OK && i < (int)texts->linear_count; i++) {
        const linear_texts *layer = &texts->linear[i];
        const char *name = igq_network_linear(network, i)->name;
        char key[2 * KEY_BYTES];
        snprintf(in->section, KEY_BYTES, "linear[%d]", i);
        if (strcmp(layer->name, name) != 0)
            refuse(in, "name", "is %.60s; allowed here: %s", layer->name, name);
        out->linear[i].act.exponent = parse_int(in, "exponent", layer->exponent, MIN_EXPONENT, MAX_EXPONENT);
        out->linear[i].weight_bits = parse_int(in, "weight_bits", layer->weight_bits, 2, IGQ_MAX_CODE_BITS);
        if (layer->weight_groups)
            out->linear[i].weight_groups = parse_int(in, "weight_groups", layer->weight_groups, 0, IGQ_MAX_CHANNELS);
        if (in->status == IGQ_OK)
            in->status = igq_yaml_real(&out->linear[i].weight_epsilon_pct, layer->weight_epsilon_pct, 0, 49, in->file,
                                       full_key(key, in, "weight_epsilon_pct"), in->error);
        parse_bounds(in, &out->linear[i].act, &layer->bounds);
    }
    *in->section = '\0';
}

static void parse_pair(reader *in, const char *name, int16_t *lower, int16_t *upper, char *const *texts)
{
    parse_list(in, name, lower, &texts[0], 1);
    parse_list(in, name, upper, &texts[1], 1);
    check_order(in, name, lower, upper, 1);
}

static void parse_blocks(reader *in, igq_calibration *out, const file_texts *texts, const igq_network *network)
{
    check_count(in, "blocks", texts->blocks_count, network->num_attention);
    for (int block = 0; in->status == IGQ_OK && block < network->num_attention; block++) {
        const igq_layer *attention = igq_network_attention(network, block);
        const block_texts *from = &texts->blocks[block];
        snprintf(in->section, KEY_BYTES, "blocks[%d]", block);
        out->qkv_exponent[block] = parse_int(in, "qkv_exponent", from->qkv_exponent, MIN_EXPONENT, MAX_EXPONENT);
        check_count(in, "heads", from->heads_count, attention->heads);
        for (int h = 0; in->status == IGQ_OK && h < attention->heads; h++) {
            igq_head_calibration *head = &out->head[attention->first_head + h];
            snprintf(in->section, KEY_BYTES, "blocks[%d].heads[%d]", block, h);
            parse_pair(in, "q", &head->q_lower, &head->q_upper, from->heads[h].q);
            parse_pair(in, "k", &head->k_lower, &head->k_upper, from->heads[h].k);
            parse_pair(in, "v", &head->v_lower, &head->v_upper, from->heads[h].v);
            parse_bounds(in, &head->softmax, &from->heads[h].bounds);
        }
    }
    *in->section = '\0';
}

static igq_status parse_texts(igq_calibration **calibration, const igq_yaml_file *file, const file_texts *texts,
                              const igq_workload *workload, igq_error *error)
{
    reader in = {.file = file, .error = error, .status = IGQ_OK};
    check_network(&in, texts, workload);
    if (in.status != IGQ_OK)
        return in.status;
    igq_network *network = igq_workload_network(workload);
    igq_calibration *out = network ? igq_calibration_new(network, IGQ_MAX_GROUPS) : NULL;
    if (out == NULL) {
        igq_network_free(network);
        return igq_fail(error, "%s: not enough memory", file->path);
    }
    out->num_images = parse_int(&in, "num_images", texts->num_images, 1, INT32_MAX);
    out->attn_bits = parse_int(&in, "attn_bits", texts->attn_bits, 2, IGQ_MAX_CODE_BITS);
    parse_linear(&in, out, texts, network);
    parse_blocks(&in, out, texts, network);
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
    igq_yaml_file file;
    file_schema schema;
    void *texts;
    igq_status status = igq_yaml_open(&file, path, error);
    if (status != IGQ_OK)
        return status;
    init_schema(&schema);
    status = igq_yaml_load(&texts, &file, &schema.top, error);
    if (status == IGQ_OK) {
        status = parse_texts(calibration, &file, texts, workload, error);
        igq_yaml_free(texts, &schema.top);
    }
    igq_yaml_close(&file);
    return status;
}
