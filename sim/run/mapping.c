// SPDX-License-Identifier: Apache-2.0
#include "mapping.h"
#include "json_file.h"
#include "tiling.h"
#include <jansson.h>
#include <string.h>

// Where in the file something stands.
typedef struct place {
    const char *path;
    size_t entry;
} place;

static igq_layer *find_layer(igq_network *network, const char *name)
{
    for (int k = 0; k < network->num_layers; k++)
        if (strcmp(network->layer[k].name, name) == 0)
            return &network->layer[k];
    return NULL;
}

// A size of tiles: a multiple of `unit`, or all of the layer.
static igq_status read_size(int *size, const json_t *mapping, const char *key, int unit, int all, place at,
                            igq_error *error)
{
    const json_t *value = json_object_get(mapping, key);
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value))
        return igq_fail(error,
                        "%s: layers[%zu].mapping.%s: is missing or no whole number; allowed: multiples of %d, or %d",
                        at.path, at.entry, key, unit, all);
    if (number < 1 || (number < all && number % unit != 0))
        return igq_fail(error, "%s: layers[%zu].mapping.%s: is %lld; allowed: multiples of %d, or all of the layer, %d",
                        at.path, at.entry, key, (long long)number, unit, all);
    *size = number < all ? (int)number : all;
    return IGQ_OK;
}

static igq_status read_order(igq_loop_order *order, const json_t *mapping, place at, igq_error *error)
{
    const char *name = json_string_value(json_object_get(mapping, "loop_order"));
    for (int i = 0; name && i < IGQ_LOOP_ORDER_COUNT; i++)
        if (strcmp(name, igq_loop_order_names[i]) == 0) {
            *order = (igq_loop_order)i;
            return IGQ_OK;
        }
    return igq_fail(error, "%s: layers[%zu].mapping.loop_order: is %s; allowed: weights_outer, activations_outer",
                    at.path, at.entry, name ? name : "missing");
}

// A misspelt key would leave a choice to the program.
static igq_status check_keys(json_t *mapping, place at, igq_error *error)
{
    static const char *const known[] = {"tile_tokens", "tile_outputs", "tile_channels", "loop_order", "block_tokens"};
    void *member = json_object_iter(mapping);
    for (; member; member = json_object_iter_next(mapping, member)) {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(json_object_iter_key(member), known[i]) != 0)
            i++;
        if (i == sizeof known / sizeof *known)
            return igq_fail(error,
                            "%s: layers[%zu].mapping.%s: unknown key; allowed: tile_tokens, tile_outputs, "
                            "tile_channels, loop_order, block_tokens",
                            at.path, at.entry, json_object_iter_key(member));
    }
    return IGQ_OK;
}

static igq_status read_tiles(igq_layer *layer, json_t *mapping, const igq_accelerator *accelerator, place at,
                             igq_error *error)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    igq_layer_tiles *tiles = &layer->tiles;
    if (!json_is_object(mapping))
        return igq_fail(error,
                        "%s: layers[%zu].mapping: is missing; allowed: a section with tile_tokens, tile_outputs, "
                        "tile_channels, loop_order",
                        at.path, at.entry);
    igq_status status = check_keys(mapping, at, error);
    if (status == IGQ_OK)
        status = read_size(&tiles->tokens, mapping, "tile_tokens", array->token_rows, layer->T, at, error);
    if (status == IGQ_OK)
        status = read_size(&tiles->outputs, mapping, "tile_outputs", array->lanes, layer->O, at, error);
    if (status == IGQ_OK)
        status =
            read_size(&tiles->channels, mapping, "tile_channels", igq_channel_unit(accelerator), layer->C, at, error);
    if (status == IGQ_OK)
        status = read_order(&tiles->order, mapping, at, error);
    tiles->block_tokens = array->tokens_in_flight;
    if (status == IGQ_OK && json_object_get(mapping, "block_tokens"))
        status = read_size(&tiles->block_tokens, mapping, "block_tokens", array->token_rows, array->tokens_in_flight,
                           at, error);
    return status;
}

static igq_status read_layers(igq_network *network, igq_accelerator *accelerator, const json_t *layers,
                              const char *path, igq_error *error)
{
    igq_status status = IGQ_OK;
    size_t i;
    const json_t *entry;
    for (int k = 0; k < network->num_layers; k++)
        network->layer[k].tiles = (igq_layer_tiles){0};
    json_array_foreach(layers, i, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "name"));
        igq_layer *layer = name ? find_layer(network, name) : NULL;
        if (!name)
            status = igq_fail(error, "%s: layers[%zu].name: is missing; allowed: names of layers", path, i);
        else if (!layer)
            status = igq_fail(error, "%s: layers[%zu].name: is %s; allowed: layers of the network, such as %s", path, i,
                              name, network->layer[0].name);
        else if (layer->tiles.tokens > 0)
            status = igq_fail(error, "%s: layers[%zu].name: %s stands there twice; allowed: once", path, i, name);
        else
            status = read_tiles(layer, json_object_get(entry, "mapping"), accelerator, (place){path, i}, error);
        if (status != IGQ_OK)
            break;
    }
    return status;
}

igq_status igq_mapping_load(igq_network *network, igq_accelerator *accelerator, const char *path, igq_error *error)
{
    json_t *file = NULL;
    igq_status status = igq_json_read(&file, path, "a report.json written by igqsim run, or its like", error);
    if (status != IGQ_OK)
        return status;
    const json_t *layers = json_object_get(file, "layers");
    if (json_is_array(layers))
        status = read_layers(network, accelerator, layers, path, error);
    else
        status = igq_fail(error,
                          "%s: layers: is missing; allowed: a list of layers with name and mapping, as in a "
                          "report.json",
                          path);
    accelerator->tiling.mapped = status == IGQ_OK;
    json_decref(file);
    return status;
}
