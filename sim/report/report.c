// SPDX-License-Identifier: Apache-2.0
#include "report.h"
#include "accelerator_file.h"
#include "columns.h"
#include "decoder_result.h"
#include "events_json.h"
#include "file.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *inputs_json(const igq_run_result *result)
{
    json_t *inputs = json_object();
    json_object_set_new(inputs, "mode", json_string(igq_run_mode_names[result->mode]));
    json_object_set_new(inputs, "seed", result->mode == IGQ_RUN_SHAPE ? integer(result->seed) : json_null());
    json_t *files = json_array();
    for (int i = 0; i < result->num_inputs; i++) {
        const igq_input_file *file = &result->input[i];
        json_array_append_new(
            files, json_pack("{s:s, s:s, s:s}", "role", file->role, "path", file->path, "sha256", file->sha256));
    }
    json_object_set_new(inputs, "files", files);
    json_t *settings = json_array();
    for (int i = 0; i < result->settings.num; i++)
        json_array_append_new(settings, json_string(result->settings.items[i]));
    json_object_set_new(inputs, "settings", settings);
    json_t *skipped = json_array();
    for (int i = 0; i < result->num_skipped; i++)
        json_array_append_new(
            skipped, json_pack("{s:s, s:s}", "path", result->skipped[i].path, "reason", result->skipped[i].reason));
    json_object_set_new(inputs, "skipped", skipped);
    return inputs;
}

static json_t *totals_json(const igq_run_result *result)
{
    igq_run_totals totals;
    igq_run_totals_of(&totals, result);
    json_t *object = json_object();
    const igq_scope scope = {.result = result, .sums = &totals};
    igq_columns_set(object, IGQ_IN_TOTALS, &scope);
    igq_columns_set_known(object, IGQ_IN_DECODER, &scope);
    return object;
}

static json_t *phase_json(const igq_phase_totals *phase)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "tokens", integer(phase->tokens), "cycles", integer(phase->cycles),
                     "assign_cycles", integer(phase->assign_cycles), "dram_bytes", integer(phase->dram_bytes),
                     "kv_read_bytes", integer(phase->kv_read_bytes));
}

// What stands behind the totals of a decoder.
static json_t *decoder_json(const igq_run_result *result)
{
    igq_decoder_totals totals;
    igq_decoder_totals_of(&totals, result);
    return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o}", "prefill", phase_json(&totals.prefill), "decoding",
                     phase_json(&totals.decoding), "kv_stores", igq_stores_names[totals.kv_stores], "masked_macs",
                     integer(totals.causal.masked), "masked_macs_skipped", integer(totals.causal.skipped),
                     "predictions", integer(result->datapath.num));
}

static json_t *group_sizes_json(const uint64_t *group_sizes, int num_groups)
{
    json_t *sizes = json_array();
    for (int g = 0; g < num_groups; g++)
        json_array_append_new(sizes, integer(group_sizes[g]));
    return sizes;
}

// How the (first) product of a layer was cut into tiles.
static json_t *mapping_json(const igq_tiling *tiling, int C, const igq_mac_array_cfg *array)
{
    int channels = tiling->num_channel_tiles > 1 ? tiling->tile_channels : C;
    return json_pack("{s:i, s:i, s:i, s:s, s:i}", "tile_tokens", tiling->tile_tokens, "tile_outputs",
                     tiling->tile_outputs, "tile_channels", channels, "loop_order", igq_loop_order_names[tiling->order],
                     "block_tokens", igq_tiling_block_tokens(tiling, array));
}

// A layer over all images: every figure is a sum, except the SQNR, which is that of the summed powers.
static json_t *layer_json(const igq_run_result *result, int k)
{
    const igq_layer *layer = &result->layer[k];
    igq_run_totals sums;
    igq_layer_totals_of(&sums, result, k);
    const igq_scope scope = {.result = result, .sums = &sums};
    json_t *object = json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:b}", "name", layer->name, "kind",
                               igq_layer_kind_names[layer->kind], "T", layer->T, "C", layer->C, "O", layer->O, "heads",
                               layer->products, "act_bits", result->act_bits[k], "weight_bits", result->weight_bits[k],
                               "groups", result->sum[k].num_groups, "grouped", igq_run_layer_is_grouped(result, k));
    igq_column_set(object, IGQ_COLUMN_WEIGHT_QUANTIZERS, &scope);
    json_object_set_new(object, "group_sizes", group_sizes_json(result->sum[k].group_sizes, result->sum[k].num_groups));
    igq_column_set(object, IGQ_COLUMN_SKIPPED_CHANNELS, &scope);
    igq_columns_set(object, IGQ_IN_LAYERS, &scope);
    json_object_set_new(object, "stores", json_string(igq_stores_names[result->sum[k].stores]));
    json_object_set_new(object, "mapping",
                        mapping_json(&result->sum[k].tiling, layer->C, &result->accelerator.mac_array));
    json_object_set_new(object, "events", igq_events_to_json(&result->sum[k].events));
    return object;
}

// Causes, group sizes and events of the first images only, so that a report of many stays small.
static json_t *image_json(const igq_run_result *result, int i)
{
    const igq_image_result *image = &result->image[i];
    igq_run_totals sums;
    igq_image_totals_of(&sums, result, i);
    json_t *object = json_pack("{s:s}", "name", image->name);
    igq_columns_set(object, IGQ_IN_IMAGES, &(igq_scope){.result = result, .sums = &sums});
    if (image->layer) {
        json_t *sizes = json_object();
        for (int k = 0; k < result->num_layers; k++)
            json_object_set_new(sizes, result->layer[k].name,
                                group_sizes_json(image->layer[k].group_sizes, image->layer[k].num_groups));
        json_object_set_new(object, "group_sizes", sizes);
        json_object_set_new(object, "events", igq_events_to_json(image->events));
    } else {
        json_object_del(object, "stall_cycles");
    }
    if (result->mode == IGQ_RUN_EXECUTION)
        igq_accuracy_set_json(object, &image->accuracy);
    return object;
}

static json_t *accuracy_json(const igq_run_result *result)
{
    igq_accuracy_totals totals;
    igq_run_accuracy_of(&totals, result);
    return igq_accuracy_totals_json(&totals);
}

// What costs.c needs to say what the images would have cost without groups.
static json_t *references_json(const igq_run_result *result)
{
    json_t *references = json_array();
    for (int i = 0; i < result->num_references; i++) {
        const igq_reference *reference = &result->reference[i];
        igq_units units;
        igq_units_of(&units, &reference->machine);
        json_array_append_new(references, json_pack("{s:o, s:o, s:o, s:o}", "accelerator",
                                                    igq_accelerator_to_json(&reference->machine), "hardware",
                                                    igq_units_to_json(&units), "cycles", integer(reference->cycles),
                                                    "events", igq_events_to_json(&reference->events)));
    }
    return references;
}

// JSON has no infinity: null.
static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *outputs_json(const igq_run_result *result)
{
    json_t *outputs = json_array();
    for (int i = 0; i < result->num_outputs; i++) {
        const igq_output_error *output = &result->output[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", json_string(output->name));
        json_object_set_new(object, "sqnr_db", real_or_null(output->sqnr_db));
        json_object_set_new(object, "relative_error", real_or_null(output->relative_error));
        json_object_set_new(object, "kl_divergence", real_or_null(output->kl_divergence));
        json_array_append_new(outputs, object);
    }
    return outputs;
}

static json_t *unit_phase_json(const igq_cosim_phase *phase)
{
    double layers = (double)phase->layers;
    return json_pack("{s:o, s:o, s:o, s:f, s:o, s:o, s:o, s:f}", "first_cycles", integer(phase->first), "least_cycles",
                     integer(phase->least), "most_cycles", integer(phase->most), "mean_cycles",
                     (double)phase->sum / layers, "closed_first_cycles", integer(phase->closed_first),
                     "closed_least_cycles", integer(phase->closed_least), "closed_most_cycles",
                     integer(phase->closed_most), "closed_mean_cycles", (double)phase->closed_sum / layers);
}

static json_t *unit_cost_json(const igq_unit_cost *cost)
{
    return json_pack("{s:o, s:o, s:o}", "cycles", integer(cost->cycles), "assign_cycles", integer(cost->assign_cycles),
                     "assign_waiting_cycles", integer(cost->waiting_cycles));
}

// Somebody's unit in the place of the machine's.
static json_t *assign_unit_json(igq_user_unit *unit)
{
    static const char *const names[] = {"range", "score", "emission"};
    const igq_user_unit_report *report = igq_user_unit_report_of(unit);
    json_t *object =
        json_pack("{s:s, s:o, s:o, s:o}", "top", report->top, "assignments", integer(report->layers), "with_unit",
                  unit_cost_json(&report->with_unit), "with_machine", unit_cost_json(&report->with_machine));
    json_t *phases = json_object();
    for (int p = 0; p < IGQ_COSIM_PHASES && report->layers > 0; p++)
        json_object_set_new(phases, names[p], unit_phase_json(&report->phase[p]));
    json_object_set_new(object, "phases", phases);
    return object;
}

json_t *igq_report_json(const igq_run_result *result)
{
    json_t *report = json_object();
    json_object_set_new(report, "igqsim", json_pack("{s:s}", "version", IGQSIM_VERSION));
    json_object_set_new(report, "inputs", inputs_json(result));
    json_object_set_new(report, "accelerator", igq_accelerator_to_json(&result->accelerator));
    json_object_set_new(report, "workload", igq_workload_to_json(&result->workload));
    igq_units units;
    igq_units_of(&units, &result->accelerator);
    json_object_set_new(report, "hardware", igq_units_to_json(&units));
    json_object_set_new(report, "totals", totals_json(result));
    if (igq_is_decoder(result))
        json_object_set_new(report, "decoder", decoder_json(result));
    if (result->unit)
        json_object_set_new(report, "assign_unit", assign_unit_json(result->unit));
    json_t *layers = json_array(), *images = json_array();
    for (int k = 0; k < result->num_layers; k++)
        json_array_append_new(layers, layer_json(result, k));
    for (int i = 0; i < result->num_images; i++)
        json_array_append_new(images, image_json(result, i));
    json_object_set_new(report, "layers", layers);
    json_object_set_new(report, "images", images);
    if (result->num_outputs > 0)
        json_object_set_new(report, "outputs", outputs_json(result));
    if (result->num_references > 0)
        json_object_set_new(report, "references", references_json(result));
    if (result->mode == IGQ_RUN_EXECUTION)
        json_object_set_new(report, "accuracy", accuracy_json(result));
    return report;
}

static void csv_cell(FILE *csv, const json_t *value)
{
    if (json_is_string(value))
        fprintf(csv, "%s", json_string_value(value));
    else if (json_is_integer(value))
        fprintf(csv, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        fprintf(csv, "%.9g", json_real_value(value));
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "true" : "false", csv);
}

// Columns that a member of a layer becomes in layers.csv: one, none (lists, events), or one for each entry.
static const char *csv_columns(const char *key, const json_t *value)
{
    if (strcmp(key, "stall_cycles") == 0)
        return "stall_%s_cycles";
    if (strcmp(key, "energy_pj_by_component") == 0)
        return "energy_%s_pj";
    if (strcmp(key, "dram_bytes_by_operand") == 0)
        return "dram_%s_bytes";
    if (strcmp(key, "mapping") == 0)
        return "%s";
    return json_is_array(value) || json_is_object(value) ? NULL : "";
}

// layers.csv is the "layers" array of the report, flattened.
static void csv_rows(FILE *csv, const json_t *layers)
{
    for (size_t row = 0; row <= json_array_size(layers); row++) {
        json_t *layer = json_array_get(layers, row ? row - 1 : 0);
        const char *key, *inner_key, *comma = "";
        json_t *value, *inner;
        json_object_foreach(layer, key, value)
        {
            const char *columns = csv_columns(key, value);
            if (columns && *columns == '\0') {
                fputs(comma, csv);
                row ? csv_cell(csv, value) : (void)fputs(key, csv);
                comma = ",";
            } else if (columns) {
                json_object_foreach(value, inner_key, inner)
                {
                    fputs(comma, csv);
                    row ? csv_cell(csv, inner) : (void)fprintf(csv, columns, inner_key);
                }
            }
        }
        fputc('\n', csv);
    }
}

#define REPORT_FORMAT (JSON_INDENT(1) | JSON_REAL_PRECISION(17))

igq_status igq_report_text(char **text, const json_t *report, igq_error *error)
{
    size_t bytes = json_dumpb(report, NULL, 0, REPORT_FORMAT);
    *text = malloc(bytes + 2); // not json_dumps: a program may have given jansson another malloc
    if (*text == NULL)
        return igq_out_of_memory(error);
    json_dumpb(report, *text, bytes, REPORT_FORMAT);
    memcpy(*text + bytes, "\n", 2);
    return IGQ_OK;
}

// A file of many images is not held as text.
typedef struct json_output {
    igq_file_output *file;
    igq_error *error;
    int gone; // 1: an append failed, which closed the file
} json_output;

static int append_json(const char *text, size_t size, void *context)
{
    json_output *out = context;
    if (out->gone) // the caller may not listen at once
        return -1;
    out->gone = igq_file_append(out->file, text, size, out->error) != IGQ_OK;
    return out->gone ? -1 : 0;
}

igq_status igq_report_save(const char *path, const json_t *report, igq_error *error)
{
    json_output out = {.error = error};
    igq_status status = igq_file_open(&out.file, path, error);
    if (status != IGQ_OK)
        return status;
    int failed = json_dump_callback(report, append_json, &out, REPORT_FORMAT);
    if (failed && !out.gone) { // not the file's fault
        igq_file_discard(out.file);
        return igq_out_of_memory(error);
    }
    if (failed)
        return IGQ_USER_ERROR;
    status = igq_file_append(out.file, "\n", 1, error);
    return status == IGQ_OK ? igq_file_close(out.file, error) : status;
}

igq_status igq_report_write(const char *dir, json_t *report, igq_error *error)
{
    char path[4096];
    char *csv_text = NULL;
    size_t csv_bytes = 0;
    FILE *csv = open_memstream(&csv_text, &csv_bytes);
    assert(csv);
    csv_rows(csv, json_object_get(report, "layers"));
    fclose(csv);
    snprintf(path, sizeof path, "%s/layers.csv", dir);
    igq_status status = igq_file_write(path, csv_text, csv_bytes, error);
    snprintf(path, sizeof path, "%s/report.json", dir);
    if (status == IGQ_OK) // last: where it lies, everything lies
        status = igq_report_save(path, report, error);
    free(csv_text);
    return status;
}
