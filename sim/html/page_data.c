// SPDX-License-Identifier: Apache-2.0
#include "page_data.h"
#include "drawing.h"

static void add_to(json_t *sums, const char *key, const json_t *value)
{
    json_int_t before = json_integer_value(json_object_get(sums, key));
    json_object_set_new(sums, key, json_integer(before + json_integer_value(value)));
}

static json_t *sum_of_events(const json_t *layers)
{
    json_t *sums = json_object(), *layer, *event;
    const char *name;
    size_t k;
    json_array_foreach(layers, k, layer)
    {
        json_object_foreach(json_object_get(layer, "events"), name, event)
        {
            json_t *sum = json_object_get(sums, name);
            if (!sum)
                json_object_set_new(sums, name, sum = json_object());
            add_to(sum, "count", json_object_get(event, "count"));
            add_to(sum, "bits", json_object_get(event, "bits"));
        }
    }
    return sums;
}

// Least and most members that group g of a layer has in an image.
static void group_extent(json_int_t *least, json_int_t *most, const json_t *images, const char *layer, size_t g)
{
    json_t *image;
    size_t i;
    json_array_foreach(images, i, image)
    {
        const json_t *sizes = json_object_get(json_object_get(image, "group_sizes"), layer);
        json_int_t size = json_integer_value(json_array_get(sizes, g));
        *least = i == 0 || size < *least ? size : *least;
        *most = i == 0 || size > *most ? size : *most;
    }
}

static json_t *group_spread(const json_t *images, const json_t *layer)
{
    json_t *least = json_array(), *most = json_array();
    for (size_t g = 0; g < json_array_size(json_object_get(layer, "group_sizes")); g++) {
        json_int_t low = 0, high = 0;
        group_extent(&low, &high, images, json_string_value(json_object_get(layer, "name")), g);
        json_array_append_new(least, json_integer(low));
        json_array_append_new(most, json_integer(high));
    }
    return json_pack("{s:o, s:o}", "least", least, "most", most);
}

static json_t *layers_of(const json_t *report)
{
    json_t *layers = json_array(), *layer;
    const json_t *images = json_object_get(report, "images");
    size_t k;
    json_array_foreach(json_object_get(report, "layers"), k, layer)
    {
        json_t *copy = json_copy(layer);
        json_object_del(copy, "events");
        json_object_set_new(copy, "group_spread", group_spread(images, layer));
        json_array_append_new(layers, copy);
    }
    return layers;
}

static json_t *images_of(const json_t *report)
{
    json_t *images = json_array(), *image;
    size_t i;
    json_array_foreach(json_object_get(report, "images"), i, image)
    {
        if (json_object_get(image, "group_sizes") == NULL) { // most of many
            json_array_append(images, image);
            continue;
        }
        json_t *copy = json_copy(image);
        json_object_del(copy, "group_sizes");
        json_array_append_new(images, copy);
    }
    return images;
}

json_t *igq_page_data_run(const json_t *report)
{
    json_t *data = json_copy((json_t *)report), *totals = json_copy(json_object_get(report, "totals"));
    json_object_set_new(totals, "events", sum_of_events(json_object_get(report, "layers")));
    json_object_set_new(data, "totals", totals);
    json_object_set_new(data, "layers", layers_of(report));
    json_object_set_new(data, "images", images_of(report));
    json_object_set_new(data, "drawing", json_string(igq_drawing()));
    json_object_set_new(data, "blocks",
                        igq_block_details(json_object_get(report, "accelerator"), json_object_get(report, "hardware")));
    return data;
}
