// SPDX-License-Identifier: Apache-2.0
#include "yaml_file.h"
#include "file.h"
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define KEY_BYTES 256

igq_status igq_yaml_open(igq_yaml_file *file, const char *path, igq_error *error)
{
    file->path = path;
    return igq_file_read(&file->text, &file->size, path, error);
}

void igq_yaml_close(igq_yaml_file *file)
{
    free(file->text);
}

// The value of a key in a mapping and the key's own node; NULL if there is none.
static yaml_node_t *find_key(yaml_document_t *document, const yaml_node_t *mapping, const char *key, size_t length,
                             const yaml_node_t **key_node)
{
    yaml_node_t *value = NULL;
    if (mapping->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *node = yaml_document_get_node(document, pair->key);
        if (node->type == YAML_SCALAR_NODE && node->data.scalar.length == length &&
            memcmp(node->data.scalar.value, key, length) == 0) {
            *key_node = node;
            value = yaml_document_get_node(document, pair->value);
        }
    }
    return value;
}

static yaml_node_t *find_item(yaml_document_t *document, const yaml_node_t *sequence, long i)
{
    if (sequence->type != YAML_SEQUENCE_NODE || i < 0 ||
        i >= sequence->data.sequence.items.top - sequence->data.sequence.items.start)
        return NULL;
    return yaml_document_get_node(document, sequence->data.sequence.items.start[i]);
}

// The value of a key such as "layers[3].bits", NULL if there is none, and where its last part stands.
static yaml_node_t *find_path(yaml_document_t *document, const char *key, const yaml_node_t **key_node)
{
    yaml_node_t *node = yaml_document_get_root_node(document);
    while (node != NULL && *key != '\0') {
        if (*key == '[') {
            char *end;
            node = find_item(document, node, strtol(key + 1, &end, 10));
            *key_node = node;
            key = *end == ']' ? end + 1 : end;
        } else {
            size_t length = strcspn(key, "[");
            yaml_node_t *value = find_key(document, node, key, length, key_node);
            while (value == NULL && memchr(key, '.', length) != NULL) { // a key may have dots in its name
                while (key[--length] != '.')
                    ;
                value = find_key(document, node, key, length, key_node);
            }
            node = value;
            key += length;
        }
        key += *key == '.';
    }
    return node;
}

int igq_yaml_peek(char *text, size_t text_bytes, const igq_yaml_file *file, const char *key)
{
    yaml_parser_t parser;
    yaml_document_t document;
    int found = 0;
    if (!yaml_parser_initialize(&parser))
        return 0;
    yaml_parser_set_input_string(&parser, (const unsigned char *)file->text, file->size);
    if (yaml_parser_load(&parser, &document)) {
        const yaml_node_t *place, *node = find_path(&document, key, &place);
        found = node != NULL && node->type == YAML_SCALAR_NODE;
        if (found)
            snprintf(text, text_bytes, "%s", (const char *)node->data.scalar.value);
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    return found;
}

int igq_yaml_line(const igq_yaml_file *file, const char *key)
{
    yaml_parser_t parser;
    yaml_document_t document;
    int line;
    if (!yaml_parser_initialize(&parser))
        return 0;
    yaml_parser_set_input_string(&parser, (const unsigned char *)file->text, file->size);
    if (yaml_parser_load(&parser, &document)) {
        const yaml_node_t *place = NULL, *node = find_path(&document, key, &place);
        line = node != NULL && place != NULL ? (int)place->start_mark.line + 1 : 0;
        yaml_document_delete(&document);
    } else {
        line = (int)parser.problem_mark.line + 1;
    }
    yaml_parser_delete(&parser);
    return line;
}

igq_status igq_yaml_refuse(const igq_yaml_file *file, const char *key, igq_error *error, const char *format, ...)
{
    char place[32] = "";
    int line = file != NULL ? igq_yaml_line(file, key) : 0, used = 0;
    if (line > 0)
        snprintf(place, sizeof place, "%d:", line);
    if (file != NULL)
        used = snprintf(error->message, sizeof error->message, "%s:%s ", file->path, place);
    if (used >= 0 && (size_t)used < sizeof error->message)
        used += snprintf(error->message + used, sizeof error->message - (size_t)used, "%s%s", key,
                         *key == '\0' ? "" : ": ");
    va_list arguments;
    va_start(arguments, format);
    if (used >= 0 && (size_t)used < sizeof error->message)
        vsnprintf(error->message + used, sizeof error->message - (size_t)used, format, arguments);
    va_end(arguments);
    return IGQ_USER_ERROR;
}

igq_status igq_yaml_int(int *value, const char *text, int min, int max, const igq_yaml_file *file, const char *key,
                        igq_error *error)
{
    char *end;
    errno = 0;
    long parsed = strtol(text, &end, 10);
    if (*text == '\0' || strchr(" \t\n", *text) != NULL || *end != '\0')
        return igq_yaml_refuse(file, key, error, "\"%.60s\" is not an integer; allowed: %d to %d", text, min, max);
    if (errno != 0 || parsed < min || parsed > max)
        return igq_yaml_refuse(file, key, error, "%.60s is out of range; allowed: %d to %d", text, min, max);
    *value = (int)parsed;
    return IGQ_OK;
}

igq_status igq_yaml_real(double *value, const char *text, double min, double max, const igq_yaml_file *file,
                         const char *key, igq_error *error)
{
    char *end;
    double parsed = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || text[strspn(text, "+-.0123456789eE")] != '\0') // no "nan", no "0x1p4"
        return igq_yaml_refuse(file, key, error, "\"%.60s\" is not a number; allowed: %g to %g", text, min, max);
    if (!(parsed >= min && parsed <= max))
        return igq_yaml_refuse(file, key, error, "%.60s is out of range; allowed: %g to %g", text, min, max);
    *value = parsed;
    return IGQ_OK;
}

// What libcyaml says of a fault: its reason, and the keys on the way to it, innermost first.
typedef struct fault {
    char reason[KEY_BYTES];
    char key[KEY_BYTES];
    int more_documents;
} fault;

// Puts "part" before what the key has so far.
static void prepend(char key[KEY_BYTES], const char *part)
{
    char joined[2 * KEY_BYTES];
    snprintf(joined, sizeof joined, "%s%s%s", part, *key != '\0' && *key != '[' ? "." : "", key);
    snprintf(key, KEY_BYTES, "%.*s", KEY_BYTES - 1, joined);
}

static void collect(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    fault *found = context;
    char line[2 * KEY_BYTES], part[KEY_BYTES];
    unsigned entry;
    (void)level;
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "  in mapping field '%255[^']'", part) == 1) {
        prepend(found->key, part);
    } else if (sscanf(line, "  in sequence entry '%u'", &entry) == 1) {
        snprintf(part, sizeof part, "[%u]", entry - (entry > 0)); // libcyaml counts from 1
        prepend(found->key, part);
    } else if (strncmp(line, "Load: ", 6) == 0 && *found->reason == '\0') {
        snprintf(found->reason, sizeof found->reason, "%.*s", KEY_BYTES - 1, line + 6);
    }
    found->more_documents |= strstr(line, "Ignoring documents") != NULL;
}

// Cuts the last part off a key: what is left is the section it stands in.
static void leave_key(char *key)
{
    char *dot = strrchr(key, '.'), *bracket = strrchr(key, '[');
    char *end = dot > bracket ? dot : bracket;
    *(end != NULL ? end : key) = '\0';
}

// The fields that may stand in a section.
static const cyaml_schema_field_t *fields_of(const cyaml_schema_value_t *schema, const char *section)
{
    while (*section != '\0') {
        if (*section == '[') {
            schema = schema->sequence.entry;
            section = strchr(section, ']') + 1;
        } else {
            size_t length = strcspn(section, ".[");
            const cyaml_schema_field_t *field = schema->mapping.fields;
            while (strncmp(field->key, section, length) != 0 || field->key[length] != '\0')
                field++;
            schema = &field->value;
            section += length;
        }
        section += *section == '.';
    }
    return schema->mapping.fields;
}

static void list_fields(char *text, size_t text_bytes, const cyaml_schema_field_t *field)
{
    size_t used = 0;
    text[0] = '\0';
    for (int first = 1; field->key != NULL && used < text_bytes; field++, first = 0)
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", first ? "" : ", ", field->key);
}

// libcyaml's words for a key that is no good end with its name.
static const char *name_in(const char *reason)
{
    const char *colon = strstr(reason, ": ");
    return colon != NULL ? colon + 2 : reason;
}

static igq_status explain(cyaml_err_t result, fault *found, const igq_yaml_file *file,
                          const cyaml_schema_value_t *schema, igq_error *error)
{
    char allowed[1024], key[2 * KEY_BYTES];
    const char *name = name_in(found->reason);
    switch (result) {
    case CYAML_ERR_INVALID_KEY: // found->key is the section
        list_fields(allowed, sizeof allowed, fields_of(schema, found->key));
        snprintf(key, sizeof key, "%s%s%s", found->key, *found->key != '\0' ? "." : "", name);
        return igq_yaml_refuse(file, key, error, "unknown key; allowed here: %s", allowed);
    case CYAML_ERR_MAPPING_FIELD_MISSING: // found->key is the last key before the end of the section
        leave_key(found->key);
        return igq_yaml_refuse(file, found->key, error, "key %s is missing; every key is required", name);
    case CYAML_ERR_UNEXPECTED_EVENT:
        if (strncmp(found->reason, "Mapping field already seen", 26) != 0)
            break;
        leave_key(found->key);
        snprintf(key, sizeof key, "%s%s%s", found->key, *found->key != '\0' ? "." : "", name);
        return igq_yaml_refuse(file, key, error, "key is given twice; allowed: once");
    case CYAML_ERR_INVALID_VALUE:
        if (strncmp(found->reason, "Expecting MAPPING", 17) == 0) {
            list_fields(allowed, sizeof allowed, fields_of(schema, found->key));
            return igq_yaml_refuse(file, found->key, error, "must be a section with the keys %s", allowed);
        }
        if (strncmp(found->reason, "Expecting SEQUENCE", 18) == 0)
            return igq_yaml_refuse(file, found->key, error, "must be a list [..]");
        return igq_yaml_refuse(file, found->key, error, "must be a single value, not a list or a section");
    case CYAML_ERR_SEQUENCE_ENTRIES_MIN:
    case CYAML_ERR_SEQUENCE_ENTRIES_MAX:
    case CYAML_ERR_SEQUENCE_FIXED_COUNT:
        leave_key(found->key);
        return igq_yaml_refuse(file, found->key, error, "wrong number of values: %s", found->reason);
    default:
        break;
    }
    return igq_yaml_refuse(file, found->key, error, "cannot be read as YAML: %s",
                           *found->reason != '\0' ? found->reason : cyaml_strerror(result));
}

static cyaml_config_t configure(fault *found)
{
    return (cyaml_config_t){.log_fn = collect,
                            .log_ctx = found,
                            .log_level = CYAML_LOG_WARNING,
                            .mem_fn = cyaml_mem,
                            .flags = CYAML_CFG_NO_ALIAS};
}

igq_status igq_yaml_load(void **data, const igq_yaml_file *file, const cyaml_schema_value_t *schema, igq_error *error)
{
    fault found = {0};
    cyaml_config_t config = configure(&found);
    *data = NULL;
    cyaml_err_t result = cyaml_load_data((const uint8_t *)file->text, file->size, &config, schema, data, NULL);
    if (result != CYAML_OK)
        return explain(result, &found, file, schema, error);
    if (*data == NULL)
        return igq_fail(error, "%s: holds no keys", file->path);
    if (found.more_documents) {
        igq_yaml_free(*data, schema);
        return igq_fail(error, "%s: holds more than one YAML document; allowed: one", file->path);
    }
    return IGQ_OK;
}

void igq_yaml_free(void *data, const cyaml_schema_value_t *schema)
{
    fault ignored = {0};
    cyaml_config_t config = configure(&ignored);
    cyaml_free(&config, schema, data, 0);
}
