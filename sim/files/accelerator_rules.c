// SPDX-License-Identifier: Apache-2.0
#include "accelerator_rules.h"
#include "format.h"
#include "scaled_gemm.h"
#include "slices.h"
#include "tender.h"
#include <limits.h>

static void check_arrays(const igq_accelerator *machine, igq_key_source *source)
{
    const igq_mac_array_cfg *array = &machine->mac_array;
    int per_group = machine->mac_organisation == IGQ_ORGANISATION_PER_GROUP;
    int elastic = machine->mac_organisation == IGQ_ORGANISATION_ELASTIC;
    int unbound = machine->mac_organisation == IGQ_ORGANISATION_UNBOUND;
    int arrays = per_group ? machine->num_groups : 1;
    if (elastic && array->num_arrays < machine->num_groups)
        igq_key_source_refuse(source, "mac_array.num_arrays",
                              "is %d; allowed with mac_organisation elastic: num_groups (%d) to %d, since every group "
                              "may need a slice of its own",
                              array->num_arrays, machine->num_groups, IGQ_MAX_GROUPS);
    if (!elastic && !unbound && array->num_arrays != arrays)
        igq_key_source_refuse(source, "mac_array.num_arrays", "is %d; allowed with mac_organisation %s: %d%s",
                              array->num_arrays, igq_organisation_names[machine->mac_organisation], arrays,
                              per_group ? " (num_groups)" : "");
    if (unbound && (array->stream_sums || array->systolic))
        igq_key_source_refuse(source, array->systolic ? "mac_array.systolic" : "mac_array.stream_sums",
                              "is yes; allowed with mac_organisation unbound: no, since the lists of a block may be on "
                              "several arrays and are handed over in their order");
    if (machine->mac_organisation == IGQ_ORGANISATION_TEMPORAL && array->vector_length != 1)
        igq_key_source_refuse(source, "mac_array.vector_length",
                              "is %d; allowed with mac_organisation temporal: 1 (one channel per cycle)",
                              array->vector_length);
    if (array->wide_rate == IGQ_WIDE_RATE_HALF && array->mac_bits < IGQ_MAX_CODE_BITS / 2)
        igq_key_source_refuse(source, "mac_array.wide_rate",
                              "is half; allowed with mac_array.mac_bits %d: quarter, since codes of %d bits have more "
                              "than two digits",
                              array->mac_bits, IGQ_MAX_CODE_BITS);
    if (array->tokens_in_flight % array->token_rows != 0)
        igq_key_source_refuse(source, "mac_array.tokens_in_flight",
                              "is %d; allowed: multiples of mac_array.token_rows, which is %d", array->tokens_in_flight,
                              array->token_rows);
    if ((double)array->num_arrays * array->lanes * array->vector_length * array->token_rows > INT_MAX)
        igq_key_source_refuse(source, "mac_array.token_rows",
                              "makes num_arrays * lanes * vector_length * token_rows larger than %d", INT_MAX);
}

// What an array takes from a bank in one cycle has to come with one read.
static void check_words(const igq_accelerator *machine, igq_key_source *source)
{
    const igq_mac_array_cfg *array = &machine->mac_array;
    int width_bits = machine->row_selector.bank_width_bits;
    if (igq_row_bits(array) > width_bits)
        igq_key_source_refuse(
            source, "row_selector.bank_width_bits",
            "is %d; allowed: at least %d, a channel's row of weights (mac_array.lanes %d x mac_bits %d)", width_bits,
            igq_row_bits(array), array->lanes, array->mac_bits);
    if (igq_token_bits(array) > width_bits)
        igq_key_source_refuse(source, "row_selector.bank_width_bits",
                              "is %d; allowed: at least %d, a channel's activations of a cycle (mac_array.token_rows "
                              "%d x %d bits)",
                              width_bits, igq_token_bits(array), array->token_rows, IGQ_ACT_IN_BITS);
}

static void check_tiling(const igq_accelerator *machine, igq_key_source *source)
{
    const igq_tiling_cfg *tiling = &machine->tiling;
    if (tiling->choice == IGQ_TILING_CHOICE_AUTO)
        return;
    if (tiling->tile_tokens % machine->mac_array.tokens_in_flight != 0)
        igq_key_source_refuse(source, "tiling.tile_tokens",
                              "is %d; allowed: multiples of mac_array.tokens_in_flight, which is %d",
                              tiling->tile_tokens, machine->mac_array.tokens_in_flight);
    if (tiling->tile_outputs % machine->mac_array.lanes != 0)
        igq_key_source_refuse(source, "tiling.tile_outputs",
                              "is %d; allowed: multiples of mac_array.lanes, which is %d", tiling->tile_outputs,
                              machine->mac_array.lanes);
    int unit = igq_scheme_channel_unit(&machine->scheme, machine->mac_array.vector_length);
    if (tiling->tile_channels % unit != 0)
        igq_key_source_refuse(source, "tiling.tile_channels",
                              "is %d; allowed: 0 or multiples of %d: whole vectors (mac_array.vector_length is %d) and "
                              "blocks of the scheme %s",
                              tiling->tile_channels, unit, machine->mac_array.vector_length,
                              igq_scheme_names[machine->scheme.scheme]);
}

// Scales that belong to vectors or blocks of neighbouring channels.
static void check_blocks(const igq_accelerator *machine, igq_key_source *source)
{
    const igq_scheme_cfg *cfg = &machine->scheme;
    const char *name = igq_scheme_names[cfg->scheme];
    int V = machine->mac_array.vector_length, mac_bits = machine->mac_array.mac_bits;
    if (machine->mac_organisation != IGQ_ORGANISATION_SHARED)
        igq_key_source_refuse(source, "scheme",
                              "%s needs mac_organisation shared (it is %s): its scales belong to vectors of "
                              "neighbouring channels, not to groups",
                              name, igq_organisation_names[machine->mac_organisation]);
    if (cfg->scheme == IGQ_SCHEME_VSQUANT) {
        if (igq_vsquant_length(cfg) != V)
            igq_key_source_refuse(
                source, "vsquant.vector_length",
                "is %d; allowed with scheme vsquant: 0 or %d (mac_array.vector_length), whose sums are "
                "scaled",
                cfg->vsquant_vector_length, V);
        return;
    }
    int block = igq_act_format(cfg)->act_storage(cfg, 0).block;
    if (block % V != 0)
        igq_key_source_refuse(
            source,
            cfg->scheme == IGQ_SCHEME_NVFP4 ? "scheme"
            : cfg->scheme == IGQ_SCHEME_MX  ? "mx.block_length"
                                            : "bfp.block_length",
            "%s has blocks of %d channels; allowed: multiples of mac_array.vector_length (%d), since a "
            "vector has one scale",
            name, block, V);
    int own_bits = cfg->scheme == IGQ_SCHEME_BFP ? 0 : igq_act_code_bits(cfg, 0);
    if (own_bits > mac_bits)
        igq_key_source_refuse(source, cfg->scheme == IGQ_SCHEME_MX ? "mx.element" : "scheme",
                              "%s has elements of %d bits, which do not go in parts; allowed: up to mac_array.mac_bits "
                              "(%d)",
                              name, own_bits, mac_bits);
}

static void check_tender(const igq_accelerator *machine, igq_key_source *source)
{
    if (machine->scheme.group_scale != IGQ_GROUP_SCALE_POW2)
        igq_key_source_refuse(source, "group_scale",
                              "is %s; allowed with scheme tender: pow2, since its groups are powers of two apart",
                              igq_group_scale_names[machine->scheme.group_scale]);
    if (machine->num_groups > IGQ_TENDER_MAX_GROUPS)
        igq_key_source_refuse(source, "num_groups",
                              "is %d; allowed with scheme tender: 1 to %d, each half as coarse as the one before",
                              machine->num_groups, IGQ_TENDER_MAX_GROUPS);
}

static void check_scheme(const igq_accelerator *machine, igq_key_source *source)
{
    const igq_scheme_cfg *cfg = &machine->scheme;
    const char *organisation = igq_organisation_names[machine->mac_organisation], *name = igq_scheme_names[cfg->scheme];
    const igq_pairing *pairing = igq_pairing_of(cfg);
    if (cfg->group_capacity_pct > 0 && cfg->group_capacity_pct < 100)
        igq_key_source_refuse(source, "group_capacity_pct",
                              "is %d; allowed: 0 (no limit), 100 to 800: lists must hold all channels",
                              cfg->group_capacity_pct);
    if (machine->activation_stores == IGQ_STORES_CODES && igq_scheme_needs_ranges(cfg->scheme))
        igq_key_source_refuse(source, "activation_buffer.stores",
                              "is codes; allowed with scheme %s: auto, values, since a channel's quantizer is known "
                              "after the last token only (group_assignment.recode rewrites values as codes then)",
                              name);
    if (!pairing) {
        igq_key_source_refuse(source, "weight_scheme", "is %s, which does not go with scheme %s: %s",
                              igq_weight_scheme_names[cfg->weight_scheme], name, igq_pairing_refusal(cfg));
        return;
    }
    if (machine->mac_array.acc_bits < pairing->least_acc_bits || machine->mac_array.acc_bits > pairing->most_acc_bits)
        igq_key_source_refuse(source, "mac_array.acc_bits", "is %d; allowed with scheme %s: %d to %d",
                              machine->mac_array.acc_bits, name, pairing->least_acc_bits, pairing->most_acc_bits);
    if (pairing->scaling != IGQ_SCALING_GROUPS)
        check_blocks(machine, source);
    if (pairing == &igq_pairing_scaled && IGQ_MAX_CODE_BITS + cfg->vsquant_weight_scale_bits > IGQ_SCALED_WEIGHT_BITS)
        igq_key_source_refuse(source, "vsquant.weight_scale_bits",
                              "is %d; allowed with scheme %s: up to %d, since weights are multiplied with their scales "
                              "before they meet activations",
                              cfg->vsquant_weight_scale_bits, name, IGQ_SCALED_WEIGHT_BITS - IGQ_MAX_CODE_BITS);
    if (cfg->scheme == IGQ_SCHEME_TENDER)
        check_tender(machine, source);
    if (igq_schemes[cfg->scheme].groups == IGQ_GROUPS_MEMBERS && igq_works_in_lockstep(machine->mac_organisation))
        igq_key_source_refuse(source, "scheme",
                              "%s cannot run on mac_organisation %s: it has a group per channel and would "
                              "need as many arrays; allowed: shared, temporal",
                              name, organisation);
}

void igq_accelerator_rules(const igq_accelerator *machine, igq_key_source *source)
{
    check_arrays(machine, source);
    check_words(machine, source);
    check_tiling(machine, source);
    check_scheme(machine, source);
}
