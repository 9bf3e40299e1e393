// SPDX-License-Identifier: Apache-2.0
#include "accelerator_file.h"
#include "accelerator_rules.h"
#include "dram_keys.h"
#include "keys.h"
#include <assert.h>
#include <string.h>

static_assert(sizeof(igq_scheme) == sizeof(int), "choices are stored as int");

#define AT(member) offsetof(igq_accelerator, member)
#define INT(section, name, member, min, max, unit, meaning)                                                            \
    {                                                                                                                  \
        section, name, IGQ_KEY_INT, AT(member), min, max, NULL, 0, unit, meaning, NULL, NULL                           \
    }
#define CHOICE(section, name, member, choices, num, meaning)                                                           \
    {                                                                                                                  \
        section, name, IGQ_KEY_CHOICE, AT(member), 0, 0, choices, num, "", meaning, NULL, NULL                         \
    }
// Keys that are new since 0.1, whose files do not have them: the default is what 0.1 did. `initial` is a text as in a
// file. A derived key may also say "auto", for the value that `derive` gives; its initial may be "auto".
#define INT_DEFAULT(section, name, member, min, max, initial, unit, meaning)                                           \
    {                                                                                                                  \
        section, name, IGQ_KEY_INT, AT(member), min, max, NULL, 0, unit, meaning, initial, NULL                        \
    }
#define REAL_DEFAULT(section, name, member, min, max, initial, unit, meaning)                                          \
    {                                                                                                                  \
        section, name, IGQ_KEY_REAL, AT(member), min, max, NULL, 0, unit, meaning, initial, NULL                       \
    }
#define CHOICE_DEFAULT(section, name, member, choices, num, initial, meaning)                                          \
    {                                                                                                                  \
        section, name, IGQ_KEY_CHOICE, AT(member), 0, 0, choices, num, "", meaning, initial, NULL                      \
    }
#define INT_DERIVED(section, name, member, min, max, initial, derive, unit, meaning)                                   \
    {                                                                                                                  \
        section, name, IGQ_KEY_INT, AT(member), min, max, NULL, 0, unit, meaning, initial, derive                      \
    }
#define REAL_DERIVED(section, name, member, min, max, initial, derive, unit, meaning)                                  \
    {                                                                                                                  \
        section, name, IGQ_KEY_REAL, AT(member), min, max, NULL, 0, unit, meaning, initial, derive                     \
    }
#define TIME_NS(name, time, derive, meaning)                                                                           \
    REAL_DERIVED("dram", name, dram.part.time_ns[time], 0, 1e6, "auto", derive, "ns", meaning " (model banks)")

static const char *const off_on[2] = {"off", "on"};
static const char *const bufferings[IGQ_BUFFERING_COUNT] = {"no", "yes", "words"};
static const char *const own_shared[2] = {"own", "shared"};
static const char *const none_row[2] = {"none", "row"};
static const char *const lanes_ideal[2] = {"lanes", "ideal"};
static const char *const dram_models[IGQ_DRAM_MODEL_COUNT] = {
    [IGQ_DRAM_MODEL_BANDWIDTH] = "bandwidth", [IGQ_DRAM_MODEL_IDEAL] = "ideal", [IGQ_DRAM_MODEL_BANKS] = "banks"};

static double least_bank_width(const void *values)
{
    const igq_mac_array_cfg *array = &((const igq_accelerator *)values)->mac_array;
    return igq_row_bits(array) > igq_token_bits(array) ? igq_row_bits(array) : igq_token_bits(array);
}

// clang-format off
static const igq_key keys[] = {
    {NULL, "name", IGQ_KEY_TEXT, AT(name), 0, 0, NULL, 0, "", "name of the machine in reports", NULL, NULL},
    INT(NULL, "clock_mhz", clock_mhz, 1, 10000, "MHz", "clock; turns cycles into time"),
    CHOICE(NULL, "mac_organisation", mac_organisation, igq_organisation_names, IGQ_ORGANISATION_COUNT,
           "how the channels of a group meet the multipliers"),
    CHOICE(NULL, "zero_point", zero_point, igq_zero_point_names, IGQ_ZERO_POINT_COUNT,
           "zero points are subtracted before the multiplier or corrected after it"),
    CHOICE(NULL, "zero_gating", zero_gating, off_on, 2,
           "a multiplier stays still when an operand is zero (counted where weights are executed)"),
    INT(NULL, "num_groups", num_groups, 1, IGQ_MAX_GROUPS, "", "groups that the hardware can hold"),
    CHOICE(NULL, "scheme", scheme.scheme, igq_scheme_names, IGQ_SCHEME_COUNT,
           "which channels share a quantizer"),
    CHOICE_DEFAULT(NULL, "weight_scheme", scheme.weight_scheme, igq_weight_scheme_names, IGQ_WEIGHT_SCHEME_COUNT, "auto",
                   "how weights are coded; auto: as activations with vsquant, mx, nvfp4, bfp, else as calibrated"),
    CHOICE(NULL, "distance", scheme.distance, igq_distance_names, IGQ_DISTANCE_COUNT,
           "of a channel's range from a group's bounds (igq)"),
    CHOICE(NULL, "group_scale", scheme.group_scale, igq_group_scale_names, IGQ_GROUP_SCALE_COUNT,
           "how the sums of the groups are scaled and added up"),
    INT(NULL, "group_scale_bits", scheme.group_scale_bits, 1, 16, "bits", "width of a group's scale (group_scale int)"),
    INT_DEFAULT(NULL, "group_capacity_pct", scheme.group_capacity_pct, 0, 800, "0", "%",
                "most channels of a list, of channels / groups (igq, igq_fixed); 0: no limit"),
    CHOICE_DEFAULT(NULL, "capacity_rounds_to", scheme.capacity_rounds_to, igq_capacity_unit_names,
                   IGQ_CAPACITY_UNIT_COUNT, "channel", "vector: a multiple of mac_array.vector_length"),

    INT_DEFAULT("vsquant", "vector_length", scheme.vsquant_vector_length, 0, 1024, "0", "channels",
                "that share a scale; 0: mac_array.vector_length, or 16 where that is 1"),
    INT("vsquant", "act_scale_bits", scheme.vsquant_act_scale_bits, 1, 10, "bits", "scale of an activation vector"),
    INT("vsquant", "weight_scale_bits", scheme.vsquant_weight_scale_bits, 1, 10, "bits", "scale of a weight vector"),
    INT("vsquant", "scale_product_bits", scheme.vsquant_scale_product_bits, 0, 20, "bits",
        "top bits kept of the product of the two scales; 0 keeps all"),

    CHOICE_DEFAULT("mx", "element", scheme.mx_element, igq_element_names, IGQ_ELEMENT_COUNT, "fp4_e2m1",
                   "number that shares a scale (OCP MX; int4 is not in the standard)"),
    INT_DEFAULT("mx", "block_length", scheme.mx_block_length, 1, 1024, "32", "channels", "that share a scale"),
    CHOICE_DEFAULT("mx", "scale_rule", scheme.mx_scale_rule, igq_scale_rule_names, IGQ_SCALE_RULE_COUNT, "floor",
                   "floor: of the largest magnitude's exponent; ceil: nothing saturates; even: after rounding it"),
    CHOICE_DEFAULT("mx", "rounding", scheme.mx_rounding, igq_ties_names, IGQ_TIES_COUNT, "even",
                   "where a number half way between two elements goes"),

    CHOICE_DEFAULT("nvfp4", "variant", scheme.nvfp4_variant, igq_nvfp4_variant_names, IGQ_NVFP4_VARIANT_COUNT, "plain",
                   "squares: a scale for 16 x 16 weights; rows: an FP32 scale a row; four_over_six: the better of two"),

    INT_DEFAULT("bfp", "block_length", scheme.bfp_block_length, 1, 1024, "16", "channels", "that share an exponent"),

    CHOICE_DEFAULT("tender", "subtract_middle", scheme.tender_subtracts_middle, igq_no_yes, 2, "yes",
                   "yes: half way between a channel's calibrated ends is taken from it before it is quantized"),

    INT("mac_array", "num_arrays", mac_array.num_arrays, 1, IGQ_MAX_GROUPS, "",
        "arrays; per_group: one per group, elastic: slices, one per group or more, unbound: any number, else 1"),
    INT("mac_array", "lanes", mac_array.lanes, 1, 4096, "", "output channels of an array worked on at once"),
    INT("mac_array", "vector_length", mac_array.vector_length, 1, 1024, "channels",
        "V, channels of one vector MAC; temporal: 1"),
    INT("mac_array", "token_rows", mac_array.token_rows, 1, 4096, "tokens",
        "tokens of an array worked on in the same cycle"),
    INT("mac_array", "tokens_in_flight", mac_array.tokens_in_flight, 1, IGQ_MAX_TOKENS, "tokens",
        "tokens for which a gathered vector of weights is kept; a multiple of token_rows"),
    INT("mac_array", "mac_bits", mac_array.mac_bits, 2, IGQ_MAX_CODE_BITS, "bits",
        "operand width of a multiplier; wider codes take several passes"),
    INT("mac_array", "acc_bits", mac_array.acc_bits, 8, 48, "bits",
        "accumulator; at most 32, with scheme vsquant at least 16"),
    INT("mac_array", "accumulator_sets", mac_array.accumulator_sets, 1, 2, "",
        "1: the array waits while sums are handed to post-processing; 2: it goes on"),
    INT("mac_array", "rescale_cycles", mac_array.rescale_cycles, 0, 1024, "cycles",
        "accumulator shift at a group change (group_scale pow2)"),
    CHOICE_DEFAULT("mac_array", "wide_rate", mac_array.wide_rate, igq_wide_rate_names, IGQ_WIDE_RATE_COUNT, "quarter",
                   "of products of codes of twice mac_bits, beside those of mac_bits"),
    CHOICE_DEFAULT("mac_array", "stream_sums", mac_array.stream_sums, igq_no_yes, 2, "no",
                   "sums leave during the last step of an accumulation, row after row of tokens"),
    CHOICE_DEFAULT("mac_array", "systolic", mac_array.systolic, igq_no_yes, 2, "no",
                   "operands go through the array from its edges, a row and a lane per cycle"),
    INT_DEFAULT("mac_array", "pipeline_cycles", mac_array.pipeline_cycles, 0, 1024, "5", "cycles",
        "from the start of a step to its first sum: row, quantizer, products, accumulator"),

    INT("weight_buffer", "capacity_bytes", weight_buffer.capacity_bytes, 64, 1 << 30, "bytes", "weights on chip"),
    CHOICE("weight_buffer", "double_buffered", weight_buffer.double_buffered, bufferings, IGQ_BUFFERING_COUNT,
           "yes: one half is filled while the other is used; words: each word as soon as it has been read"),
    INT_DEFAULT("weight_buffer", "operand_bits_per_cycle", operand_bits_per_cycle, 0, 65536, "0", "bits/cycle",
                "of K and V from the activation buffer, V turned on its way; 0: they take no time"),
    INT("activation_buffer", "capacity_bytes", activation_buffer.capacity_bytes, 64, 1 << 30, "bytes",
        "activations on chip"),
    CHOICE("activation_buffer", "double_buffered", activation_buffer.double_buffered, bufferings, IGQ_BUFFERING_COUNT,
           "yes: one half is filled while the other is used; words: each word as soon as it has been read"),
    CHOICE_DEFAULT("activation_buffer", "stores", activation_stores, igq_stores_names, IGQ_STORES_COUNT, "auto",
                   "codes where the quantizer is known at the write-back, else 16-bit values; there, and in DRAM"),
    INT("output_buffer", "capacity_bytes", output_buffer.capacity_bytes, 64, 1 << 30, "bytes",
        "results of a tile on their way out"),
    CHOICE("output_buffer", "double_buffered", output_buffer.double_buffered, igq_no_yes, 2,
           "one half is filled while the other is emptied"),

    CHOICE("tiling", "choice", tiling.choice, igq_tiling_choice_names, IGQ_TILING_CHOICE_COUNT,
           "auto: by the objective; fixed: as tile_tokens, tile_outputs, tile_channels and loop_order say"),
    CHOICE_DEFAULT("tiling", "objective", tiling.objective, igq_tiling_objective_names, IGQ_TILING_OBJECTIVE_COUNT,
                   "cycles", "what choice auto makes least: cycles, DRAM traffic, energy of DRAM and buffers"),
    INT("tiling", "tile_tokens", tiling.tile_tokens, 1, IGQ_MAX_TOKENS, "tokens",
        "of a tile, a multiple of mac_array.tokens_in_flight (choice fixed)"),
    INT("tiling", "tile_outputs", tiling.tile_outputs, 1, 65536, "channels",
        "of a tile, a multiple of mac_array.lanes (choice fixed)"),
    INT_DEFAULT("tiling", "tile_channels", tiling.tile_channels, 0, IGQ_MAX_CHANNELS, "0", "channels",
        "of a tile, whole vectors; 0: all (choice fixed)"),
    CHOICE("tiling", "loop_order", tiling.loop_order, igq_loop_order_names, IGQ_LOOP_ORDER_COUNT,
           "weights_outer: a weight tile meets all activation tiles in turn (choice fixed)"),
    INT("tiling", "batch_images", tiling.batch_images, 1, IGQ_MAX_BATCH_IMAGES, "images",
        "images that go through the layers together and share weight tiles"),

    INT("row_selector", "num_banks", row_selector.num_banks, 1, 4096, "",
        "banks of weight and activation buffer; channel c lives in bank c mod num_banks"),
    INT("row_selector", "ports_per_bank", row_selector.ports_per_bank, 1, 16, "reads/cycle", "reads per cycle and bank"),
    INT_DERIVED("row_selector", "bank_width_bits", row_selector.bank_width_bits, 8, 65536, NULL, least_bank_width, "bits",
        "one read; at least lanes * mac_bits (wider codes take several) and token_rows * 16, which is auto"),
    INT("row_selector", "queue_depth", row_selector.queue_depth, 1, 1024, "vectors",
        "gathered vectors that may wait for the array"),
    CHOICE_DEFAULT("row_selector", "write_ports", row_selector.shared_ports, own_shared, 2, "own",
                   "own: words are written beside the reads; shared: through their ports, in cycles without gathers"),
    CHOICE("row_selector", "zero_skip", row_selector.zero_skip, none_row, 2,
           "row: channels whose products are all zero stay off the lists of igq, igq_fixed, peg"),
    INT_DEFAULT("row_selector", "setup_cycles", row_selector.setup_cycles, 0, 1024, "3", "cycles",
        "from the start of a tile to its first read"),
    INT_DEFAULT("row_selector", "pipeline_cycles", row_selector.pipeline_cycles, 0, 1024, "2", "cycles",
        "from the last read of a vector until the arrays can start on it: bank, crossbar"),

    CHOICE("group_assignment", "range_source", group_assignment.range_source, igq_range_source_names,
           IGQ_RANGE_SOURCE_COUNT, "ranges from a pass over the activation buffer, or while the producer writes it"),
    INT("group_assignment", "range_lanes", group_assignment.range_lanes, 1, 4096, "activations/cycle",
        "P, activations per cycle into the range unit"),
    INT("group_assignment", "distance_lanes", group_assignment.distance_lanes, 1, 1024, "channels/cycle",
        "D, channels per cycle scored against all groups"),
    INT("group_assignment", "max_members", group_assignment.max_members, 1, IGQ_MAX_CHANNELS, "channels",
        "channels, or softmax rows, that range memory and index buffer hold"),
    INT("group_assignment", "list_sets", group_assignment.list_sets, 1, IGQ_MAX_LIST_SETS, "sets",
        "depth of the index buffer: lists in use and lists that wait; with 1 no list is ready ahead"),
    CHOICE_DEFAULT("group_assignment", "recode", group_assignment.recode, igq_no_yes, 2, "no",
                   "values of igq and channelwise are rewritten as codes when their groups are known"),

    INT("post_processing", "lanes", post_processing.lanes, 1, 65536, "sums/cycle", "group sums scaled and accumulated"),
    INT("post_processing", "latency_cycles", post_processing.latency_cycles, 0, 10000, "cycles", "from sum to output"),
    INT_DEFAULT("post_processing", "add_cycles", post_processing.add_cycles, 1, 64, "2", "cycles",
        "least time between two visits to a running sum"),

    CHOICE_DEFAULT("vector_unit", "model", vector_unit.ideal, lanes_ideal, 2, "lanes",
                   "ideal: takes no cycles, energy or area, whatever the other keys say"),
    INT("vector_unit", "lanes", vector_unit.lanes, 1, 65536, "elements/cycle", "elements per cycle and pass"),
    INT("vector_unit", "latency_cycles", vector_unit.latency_cycles, 0, 10000, "cycles", "of a task"),
    INT("vector_unit", "layer_norm_passes", vector_unit.layer_norm_passes, 0, 64, "passes", "over the elements"),
    INT("vector_unit", "softmax_passes", vector_unit.softmax_passes, 0, 64, "passes", "over the elements"),
    INT("vector_unit", "gelu_passes", vector_unit.gelu_passes, 0, 64, "passes", "over the elements"),
    INT_DEFAULT("vector_unit", "rotary_passes", vector_unit.rotary_passes, 0, 64, "2", "passes",
                "over the elements of queries, keys and values: times the cosines, then times the sines of the partners"),
    INT("vector_unit", "residual_passes", vector_unit.residual_passes, 0, 64, "passes", "over the elements"),
    INT_DEFAULT("vector_unit", "elementwise_passes", vector_unit.elementwise_passes, 0, 64, "0", "passes",
                "over the values of other operations: sums and products of activations, pooling, reductions; 0: free"),
    INT_DEFAULT("vector_unit", "move_passes", vector_unit.move_passes, 0, 64, "0", "passes",
                "over values that are transposed, joined, padded or gathered; 0: free"),

    CHOICE_DEFAULT("dram", "model", dram.model, dram_models, IGQ_DRAM_MODEL_COUNT, "bandwidth",
                   "ideal: operands are there; bandwidth: so many bytes a cycle; banks: rows, bank groups, refresh"),
    CHOICE_DEFAULT("dram", "preset", dram.preset, igq_dram_preset_names, 1 + IGQ_DRAM_NUM_PARTS, "none",
                   "a part, for the keys below that say auto"),
    CHOICE_DEFAULT("dram", "mapping", dram.mapping, igq_dram_mapping_names, IGQ_DRAM_MAPPING_COUNT, "usual",
                   "of addresses to rows and banks (model banks)"),
    INT_DERIVED("dram", "channels", dram.channels, 1, 1024, "auto", igq_dram_auto_channels, "",
                "that work side by side"),
    INT_DERIVED("dram", "width_bits", dram.part.width_bits, 4, 4096, "auto", igq_dram_auto_width_bits, "bits",
                "data pins of a channel"),
    REAL_DERIVED("dram", "data_rate_mtps", dram.part.data_rate_mtps, 0, 100000, "auto", igq_dram_auto_data_rate,
                 "MT/s", "of a pin; 0: not known"),
    REAL_DERIVED("dram", "bandwidth_gbytes_per_s", dram.bandwidth_gbytes_per_s, 0, 100000, "auto",
                 igq_dram_auto_gbytes_per_s, "GB/s", "peak of all channels; auto: data rate, or bytes per cycle"),
    REAL_DERIVED("dram", "bandwidth_bytes_per_cycle", dram.bandwidth_bytes_per_cycle, 0, 1e6, "auto",
                 igq_dram_auto_bytes_per_cycle, "bytes/cycle", "the same in cycles of the machine"),
    REAL_DERIVED("dram", "latency_ns", dram.latency_ns, 0, 1e6, "auto", igq_dram_auto_latency_ns, "ns",
                 "from request to first byte, with model banks beyond its times; auto: of the part"),
    INT_DERIVED("dram", "latency_cycles", dram.latency_cycles, 0, 10000000, "auto", igq_dram_auto_latency_cycles,
                "cycles", "the same in cycles of the machine"),
    INT_DERIVED("dram", "burst_bytes", dram.burst_bytes, 1, 65536, "auto", igq_dram_auto_burst_bytes, "bytes",
                "of a channel; a transfer is rounded up to whole bursts"),
    INT_DERIVED("dram", "bank_groups", dram.part.bank_groups, 0, 16, "auto", igq_dram_auto_bank_groups, "",
                "of a channel (model banks)"),
    INT_DERIVED("dram", "banks_per_group", dram.part.banks_per_group, 0, 64, "auto", igq_dram_auto_banks_per_group, "",
                "(model banks)"),
    INT_DERIVED("dram", "row_bytes", dram.part.row_bytes, 0, 1 << 20, "auto", igq_dram_auto_row_bytes, "bytes",
                "of a channel, all its chips together (model banks)"),
    TIME_NS("t_rcd_ns", IGQ_DRAM_RCD, igq_dram_auto_rcd, "activate to read or write"),
    TIME_NS("t_rp_ns", IGQ_DRAM_RP, igq_dram_auto_rp, "precharge to activate"),
    TIME_NS("t_ras_ns", IGQ_DRAM_RAS, igq_dram_auto_ras, "activate to precharge"),
    TIME_NS("t_cl_ns", IGQ_DRAM_CL, igq_dram_auto_cl, "read to data"),
    TIME_NS("t_cwl_ns", IGQ_DRAM_CWL, igq_dram_auto_cwl, "write to data"),
    TIME_NS("t_ccd_l_ns", IGQ_DRAM_CCD_L, igq_dram_auto_ccd_l, "from burst to burst in the same bank group"),
    TIME_NS("t_rrd_s_ns", IGQ_DRAM_RRD_S, igq_dram_auto_rrd_s, "activate to activate, other bank group"),
    TIME_NS("t_rrd_l_ns", IGQ_DRAM_RRD_L, igq_dram_auto_rrd_l, "activate to activate, same bank group"),
    TIME_NS("t_faw_ns", IGQ_DRAM_FAW, igq_dram_auto_faw, "five activates take longer"),
    TIME_NS("t_wtr_s_ns", IGQ_DRAM_WTR_S, igq_dram_auto_wtr_s, "written data to read, other bank group"),
    TIME_NS("t_wtr_l_ns", IGQ_DRAM_WTR_L, igq_dram_auto_wtr_l, "written data to read, same bank group"),
    TIME_NS("t_wr_ns", IGQ_DRAM_WR, igq_dram_auto_wr, "written data to precharge"),
    TIME_NS("t_rtp_ns", IGQ_DRAM_RTP, igq_dram_auto_rtp, "read to precharge"),
    TIME_NS("t_rfc_ns", IGQ_DRAM_RFC, igq_dram_auto_rfc, "refresh of all banks"),
    TIME_NS("t_refi_ns", IGQ_DRAM_REFI, igq_dram_auto_refi, "from refresh to refresh"),
};
// clang-format on
#define NUM_KEYS ((int)(sizeof keys / sizeof *keys))

static igq_status check(const igq_accelerator *accelerator, igq_key_source *source)
{
    igq_keys_check(accelerator, keys, NUM_KEYS, source);
    if (igq_key_source_status(source) != IGQ_OK)
        return IGQ_USER_ERROR;
    igq_accelerator_rules(accelerator, source);
    return igq_key_source_status(source);
}

igq_status igq_accelerator_check(const igq_accelerator *accelerator, igq_error *error)
{
    igq_key_source nowhere = igq_key_source_none(error);
    return check(accelerator, &nowhere);
}

static igq_status finish(igq_accelerator *accelerator, igq_key_source *source)
{
    igq_keys_derive(accelerator, keys, NUM_KEYS);
    igq_dram_keys_finish(accelerator, source);
    accelerator->scheme.num_groups = accelerator->num_groups;
    accelerator->scheme.acc_bits = accelerator->mac_array.acc_bits;
    accelerator->scheme.vector_length = accelerator->mac_array.vector_length;
    return check(accelerator, source);
}

// Reads keys; those that say "auto" are still to be derived.
static igq_status read_keys(igq_accelerator *accelerator, igq_key_source *source, const char *path,
                            const igq_string_list *sets, const char *scheme, igq_error *error)
{
    memset(accelerator, 0, sizeof *accelerator);
    igq_status status = igq_key_source_open(source, path, sets, error);
    if (status == IGQ_OK && scheme != NULL)
        status = igq_key_source_set(source, "--scheme", "scheme", scheme);
    if (status == IGQ_OK)
        status = igq_keys_read(accelerator, keys, NUM_KEYS, source);
    if (status == IGQ_OK)
        igq_dram_keys_choose(accelerator, keys, NUM_KEYS, source);
    return status;
}

igq_status igq_accelerator_load_with(igq_accelerator *accelerator, const char *path, const igq_string_list *sets,
                                     const char *scheme, igq_error *error)
{
    igq_key_source source;
    igq_status status = read_keys(accelerator, &source, path, sets, scheme, error);
    if (status == IGQ_OK)
        status = finish(accelerator, &source);
    igq_key_source_close(&source);
    return status;
}

igq_status igq_accelerator_load(igq_accelerator *accelerator, const char *path, igq_error *error)
{
    return igq_accelerator_load_with(accelerator, path, NULL, NULL, error);
}

igq_status igq_accelerator_read(igq_accelerator *accelerator, const char *path, const igq_string_list *sets,
                                igq_error *error)
{
    igq_key_source source;
    igq_status status = read_keys(accelerator, &source, path, sets, NULL, error);
    igq_accelerator copy = *accelerator;
    if (status == IGQ_OK)
        status = finish(&copy, &source);
    igq_key_source_close(&source);
    return status;
}

igq_status igq_accelerator_finish(igq_accelerator *accelerator, igq_error *error)
{
    igq_key_source nowhere = igq_key_source_none(error);
    return finish(accelerator, &nowhere);
}

const igq_key *igq_accelerator_keys(int *num_keys)
{
    *num_keys = NUM_KEYS;
    return keys;
}

json_t *igq_accelerator_to_json(const igq_accelerator *accelerator)
{
    return igq_keys_to_json(accelerator, keys, NUM_KEYS);
}

void igq_accelerator_describe_keys(FILE *out, const igq_accelerator *accelerator)
{
    igq_keys_print(out, accelerator, keys, NUM_KEYS);
}
