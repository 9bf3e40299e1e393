// SPDX-License-Identifier: Apache-2.0
#include "graph_weights.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 512 };

struct igq_graph_weights {
    igq_tensor_store *store;
    float **joined; // (num_joined)
    int num_joined;
};

typedef struct loader {
    igq_graph_weights *weights;
    igq_tensor_store *store;
    const igq_dialect *dialect;
    char prefix[NAME_BYTES];
    unsigned char *used; // (tensors)
    int num_missing;
    char first_missing[NAME_BYTES];
    igq_error *error;
} loader;

/// Names ///

// Alternative `which` of "a.{b,c}.d", without "[n]" at its end; 0: there are fewer. A plain name is its own only one.
static int alternative(char out[NAME_BYTES], const char *name, int which)
{
    const char *open = strchr(name, '{'), *close = open ? strchr(open, '}') : NULL, *from = open;
    size_t length = strcspn(name, "[");
    if (!close) {
        snprintf(out, NAME_BYTES, "%.*s", (int)length, name);
        return which == 0;
    }
    for (int i = 0; i < which; i++) {
        from += 1 + strcspn(from + 1, ",}");
        if (from >= close)
            return 0;
    }
    from++;
    snprintf(out, NAME_BYTES, "%.*s%.*s%.*s", (int)(open - name), name, (int)strcspn(from, ",}"), from,
             (int)(name + length - close - 1), close + 1);
    return 1;
}

// Piece n of "name[n]"; -1: the whole tensor.
static int piece_of(const char *name)
{
    const char *open = strchr(name, '[');
    return open ? atoi(open + 1) : -1;
}

// The shortest that stands before a tensor of this name; "" if there is none.
static void find_prefix(loader *load, const char *name)
{
    size_t length = strlen(name), shortest = NAME_BYTES;
    for (int i = 0; i < igq_tensor_store_num(load->store); i++) {
        const char *own = igq_tensor_store_at(load->store, i)->name;
        size_t own_length = strlen(own), before = own_length - length;
        if (own_length >= length && before < shortest && strcmp(own + before, name) == 0 &&
            (before == 0 || own[before - 1] == '.')) {
            shortest = before;
            snprintf(load->prefix, sizeof load->prefix, "%.*s", (int)before, own);
        }
    }
}

// Number of the tensor behind the prefix, or behind less of it; -1: there is none.
static int find(const loader *load, const char *name)
{
    char full[2 * NAME_BYTES];
    size_t length = strlen(load->prefix);
    for (;;) {
        snprintf(full, sizeof full, "%.*s%s", (int)length, load->prefix, name);
        int found = igq_tensor_store_find(load->store, full);
        if (found >= 0 || length == 0)
            return found;
        for (length--; length > 0 && load->prefix[length - 1] != '.'; length--) {
        }
    }
}

/// Values ///

// Rows of a tensor that has the weight's other dimensions; -1: it does not fit.
static int64_t rows_of(const igq_tensor *tensor, const igq_shape *shape)
{
    int skip = 0;
    while (tensor->rank - skip > shape->rank && tensor->shape[skip] == 1)
        skip++;
    int64_t each = shape->rank > 0 && shape->dim[0] > 0 ? igq_shape_elements(shape) / shape->dim[0] : 1;
    int64_t rows = tensor->rank > skip && shape->rank > 0 ? tensor->shape[skip] : 1;
    return (int64_t)igq_tensor_num_elems(tensor) == rows * each ? rows : -1;
}

static igq_status refuse_shape(const loader *load, int tensor, const igq_shape *shape)
{
    char got[128], wanted[128];
    const igq_tensor *own = igq_tensor_store_at(load->store, tensor);
    igq_tensor_shape_text(got, sizeof got, own->rank, own->shape);
    igq_tensor_shape_text(wanted, sizeof wanted, shape->rank, shape->dim);
    return igq_fail(load->error, "%s: tensor %s has shape %s, the workload's network needs %s",
                    igq_tensor_store_file(load->store, tensor), own->name, got, wanted);
}

static igq_status take_whole(igq_value *value, loader *load, int tensor, int piece)
{
    const float *values;
    int64_t rows = rows_of(igq_tensor_store_at(load->store, tensor), &value->shape);
    int64_t own_rows = value->shape.rank > 0 ? value->shape.dim[0] : 1;
    if (rows < 0 || (piece < 0 ? rows != own_rows : rows < (piece + 1) * own_rows))
        return refuse_shape(load, tensor, &value->shape);
    load->used[tensor] = 1;
    igq_status status = igq_tensor_store_floats(&values, load->store, tensor, load->error);
    if (status == IGQ_OK)
        value->data = values + (piece > 0 ? (size_t)piece * (size_t)igq_shape_elements(&value->shape) : 0);
    return status;
}

static float *new_joined(igq_graph_weights *weights, size_t num)
{
    float **grown = realloc(weights->joined, ((size_t)weights->num_joined + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    weights->joined = grown;
    grown[weights->num_joined] = malloc((num + 1) * sizeof **grown);
    return grown[weights->num_joined++];
}

// Tensors behind one another. All are there.
static igq_status take_joined(igq_value *value, loader *load, const char *all)
{
    size_t num = (size_t)igq_shape_elements(&value->shape), filled = 0;
    float *joined = new_joined(load->weights, num);
    char name[NAME_BYTES];
    if (!joined)
        return igq_out_of_memory(load->error);
    for (int i = 0; alternative(name, all, i); i++) {
        const float *values;
        int tensor = find(load, name);
        const igq_tensor *own = igq_tensor_store_at(load->store, tensor);
        size_t part = igq_tensor_num_elems(own);
        if (rows_of(own, &value->shape) < 0 || part > num - filled)
            return refuse_shape(load, tensor, &value->shape);
        load->used[tensor] = 1;
        if (igq_tensor_store_floats(&values, load->store, tensor, load->error) != IGQ_OK)
            return IGQ_USER_ERROR;
        memcpy(joined + filled, values, part * sizeof *joined);
        filled += part;
    }
    value->data = joined;
    return filled == num
               ? IGQ_OK
               : igq_fail(load->error, "%s: tensors %s have %zu values together, the workload's network needs %zu",
                          igq_tensor_store_path(load->store), all, filled, num);
}

static igq_status take(igq_value *value, loader *load)
{
    char all[IGQ_TENSOR_NAME_BYTES], name[NAME_BYTES];
    int num = 0, missing = 0, tensor = -1;
    igq_weight_name(all, value->name, load->dialect);
    for (; alternative(name, all, num); num++) {
        int found = find(load, name);
        tensor = found;
        if (found >= 0)
            continue;
        if (load->num_missing++ == 0)
            snprintf(load->first_missing, sizeof load->first_missing, "%s", name);
        missing = 1;
    }
    if (missing)
        return IGQ_OK; // all that are missing are counted
    return num == 1 ? take_whole(value, load, tensor, piece_of(all)) : take_joined(value, load, all);
}

/// Tensors that nothing reads ///

// Buffers of other frameworks that are computed, not learned.
static int is_no_weight(const char *name)
{
    static const char *const ends[] = {
        "inv_freq",  "position_ids", "token_type_ids", "num_batches_tracked", "relative_position_index",
        "attn_mask", "attn.bias",    "masked_bias"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i]);
        if (length >= end && strcmp(name + length - end, ends[i]) == 0)
            return 1;
    }
    return 0;
}

// 1 if a tensor of the first module of `name` is read.
static int reads_module(const loader *load, const char *name)
{
    size_t prefix = strlen(load->prefix), module = strcspn(name, ".");
    for (int i = 0; i < igq_tensor_store_num(load->store); i++) {
        const char *own = igq_tensor_store_at(load->store, i)->name;
        if (load->used[i] && strncmp(own, load->prefix, prefix) == 0 && strncmp(own + prefix, name, module) == 0 &&
            (own[prefix + module] == '.' || own[prefix + module] == '\0'))
            return 1;
    }
    return 0;
}

// A head of its own where the network takes the embedding: the same values as a tensor that is read, or another
// network.
static int is_other_head(const loader *load, int tensor)
{
    static const char head[] = "lm_head.weight";
    const igq_tensor *own = igq_tensor_store_at(load->store, tensor);
    size_t length = strlen(own->name);
    if (length < sizeof head - 1 || strcmp(own->name + length - (sizeof head - 1), head) != 0)
        return 0;
    for (int i = 0; i < igq_tensor_store_num(load->store); i++) {
        const igq_tensor *other = igq_tensor_store_at(load->store, i);
        if (load->used[i] && other->dtype == own->dtype && other->bytes == own->bytes &&
            memcmp(other->data, own->data, own->bytes) == 0)
            return 0;
    }
    return 1;
}

static igq_status check_unused(const loader *load)
{
    size_t prefix = strlen(load->prefix);
    for (int i = 0; i < igq_tensor_store_num(load->store); i++) {
        const char *name = igq_tensor_store_at(load->store, i)->name;
        if (!load->used[i] && is_other_head(load, i))
            return igq_fail(load->error, "%s: tensor %s is a head of its own; allowed: a workload that is not tied",
                            igq_tensor_store_file(load->store, i), name);
        if (load->used[i] || strncmp(name, load->prefix, prefix) != 0 || is_no_weight(name) ||
            !reads_module(load, name + prefix))
            continue;
        return igq_fail(load->error,
                        "%s: tensor %s belongs to no part of the workload's network, which reads others of %.*s%.*s",
                        igq_tensor_store_file(load->store, i), name, (int)prefix, load->prefix,
                        (int)strcspn(name + prefix, "."), name + prefix);
    }
    return IGQ_OK;
}

/// All ///

static int is_wanted(const igq_value *value)
{
    return value->is_constant && !value->data && *value->name != '\0';
}

// How many of the weights are there under the names of the loader's dialect, whose prefix is found.
static int count_found(loader *load, const igq_graph *graph)
{
    int num = 0, is_first = 1;
    load->prefix[0] = '\0';
    for (int v = 0; v < graph->num_values; v++) {
        char all[IGQ_TENSOR_NAME_BYTES], name[NAME_BYTES];
        if (!is_wanted(&graph->value[v]))
            continue;
        igq_weight_name(all, graph->value[v].name, load->dialect);
        alternative(name, all, 0);
        if (is_first)
            find_prefix(load, name);
        is_first = 0;
        num += find(load, name) >= 0;
    }
    return num;
}

static void find_dialect(loader *load, const igq_graph *graph, const igq_dialect *dialects)
{
    const igq_dialect *best = dialects;
    int most = -1;
    for (load->dialect = dialects; load->dialect->name; load->dialect++) {
        int num = count_found(load, graph);
        if (num > most) {
            most = num;
            best = load->dialect;
        }
    }
    load->dialect = best;
    count_found(load, graph); // finds its prefix again
}

static igq_status load_all(loader *load, igq_graph *graph, const igq_dialect *dialects)
{
    igq_status status = IGQ_OK;
    find_dialect(load, graph, dialects);
    for (int v = 0; status == IGQ_OK && v < graph->num_values; v++)
        if (is_wanted(&graph->value[v]))
            status = take(&graph->value[v], load);
    if (status == IGQ_OK && load->num_missing > 0)
        status = igq_fail(load->error, "%s: tensor %s%s is missing (%d missing in all); read with the names of %s",
                          igq_tensor_store_path(load->store), load->prefix, load->first_missing, load->num_missing,
                          load->dialect->name);
    return status == IGQ_OK ? check_unused(load) : status;
}

igq_status igq_graph_weights_open(igq_graph_weights **weights, igq_graph *graph, const char *path,
                                  const igq_dialect *dialects, igq_error *error)
{
    igq_graph_weights *opened = calloc(1, sizeof *opened);
    *weights = NULL;
    if (!opened)
        return igq_out_of_memory(error);
    igq_status status = igq_tensor_store_open(&opened->store, path, error);
    if (status == IGQ_OK) {
        loader load = {.weights = opened, .store = opened->store, .error = error};
        load.used = calloc((size_t)igq_tensor_store_num(opened->store) + 1, 1);
        status = load.used ? load_all(&load, graph, dialects) : igq_out_of_memory(error);
        free(load.used);
    }
    if (status == IGQ_OK)
        *weights = opened;
    else
        igq_graph_weights_close(opened);
    return status;
}

void igq_graph_weights_close(igq_graph_weights *weights)
{
    if (!weights)
        return;
    for (int i = 0; i < weights->num_joined; i++)
        free(weights->joined[i]);
    free(weights->joined);
    igq_tensor_store_close(weights->store);
    free(weights);
}
