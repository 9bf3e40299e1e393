// SPDX-License-Identifier: Apache-2.0
// assignment_operations.c - the group assignment module: ranges, distances, lists and what is dealt by them.
#include "latency.h"
#include "operations.h"

// Bounds of a group, and with zero_skip the values that it turns into zero.
static int bound_bits(const igq_accelerator *accelerator)
{
    return accelerator->row_selector.zero_skip ? 2 * IGQ_RANGE_BITS : IGQ_RANGE_BITS;
}

// Steps of scoring that a row of the range memory holds.
static uint64_t range_parts(const igq_group_assignment_cfg *unit)
{
    int columns = unit->range_lanes > unit->distance_lanes ? unit->range_lanes : unit->distance_lanes;
    return igq_ceil_div((uint64_t)columns, (uint64_t)unit->distance_lanes);
}

// Old value or new one, of one of two banks. What a score step reads is a part of a row of a bank: the bank's
// multiplexer, and those of the parts.
static void add_ranges(igq_operations *sums, uint64_t members, uint64_t values)
{
    const igq_group_assignment_cfg *unit = &sums->accelerator->group_assignment;
    uint64_t P = (uint64_t)unit->range_lanes, D = (uint64_t)unit->distance_lanes;
    int parts = (int)range_parts(unit);
    igq_operation bank = igq_selection(IGQ_EVENT_RANGE_SELECT, IGQ_RANGE_BITS, 2, 2, D, members);
    igq_operation part = igq_selection(IGQ_EVENT_RANGE_SELECT, IGQ_RANGE_BITS, parts, parts, D, members);
    part.units.count = part.events.count = 0; // one selection with that of the bank
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_RANGE_COMPARE, IGQ_ACT_IN_BITS, 2 * P, 2 * values),
        igq_operation_of(IGQ_EVENT_RANGE_SELECT, 2 * IGQ_RANGE_BITS, P, values),
        bank,
        part,
    };
    IGQ_OPERATIONS_ADD(sums, list);
}

// A squarer has every pair of digits once.
static igq_operation squares(uint64_t units, uint64_t times)
{
    const uint64_t pairs_of_digits = IGQ_ACT_IN_BITS * (IGQ_ACT_IN_BITS + 1) / 2;
    igq_operation square =
        igq_multiplication(IGQ_EVENT_DISTANCE_SQUARE, IGQ_ACT_IN_BITS, IGQ_ACT_IN_BITS, units, times);
    square.units.bit_products = units * pairs_of_digits;
    square.events.bit_products = times * pairs_of_digits;
    return square;
}

// |a - b| of both ends: a comparison and a subtraction each.
static void add_distances(igq_operations *sums, uint64_t members, uint64_t groups)
{
    uint64_t D = (uint64_t)sums->accelerator->group_assignment.distance_lanes;
    uint64_t G = (uint64_t)sums->accelerator->num_groups, pairs = members * groups;
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_DISTANCE_SUBTRACT, IGQ_ACT_IN_BITS, 4 * D * G, 4 * pairs),
        igq_operation_of(IGQ_EVENT_DISTANCE_ADD, sums->widths.distance, D * G, pairs),
        igq_operation_of(IGQ_EVENT_ARGMIN_COMPARE, sums->widths.argmin, D * (G - 1), pairs - (groups ? members : 0)),
    };
    const igq_operation square = squares(2 * D * G, 2 * pairs);
    IGQ_OPERATIONS_ADD(sums, list);
    if (sums->accelerator->scheme.distance == IGQ_DISTANCE_L2)
        igq_operations_add(sums, &square, 1);
}

// Bounds come in three sets (being written, and those of the layers being scored and observed) and are copied for a
// layer; a distance waits a cycle, and its two differences one before; a member moves both ends of its list, in one
// lane, and the list's length.
static void add_assign_registers(igq_operations *sums, uint64_t members, uint64_t groups)
{
    uint64_t D = (uint64_t)sums->accelerator->group_assignment.distance_lanes;
    uint64_t G = (uint64_t)sums->accelerator->num_groups, moved = groups ? members : 0;
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_ASSIGN_REGISTER, bound_bits(sums->accelerator), 3 * G, groups),
        igq_operation_of(IGQ_EVENT_ASSIGN_REGISTER, 2 * IGQ_ACT_IN_BITS, D * G, members * groups),
        igq_operation_of(IGQ_EVENT_ASSIGN_REGISTER, sums->widths.argmin, D * G, members * groups),
        igq_operation_of(IGQ_EVENT_ASSIGN_REGISTER, sums->widths.list_end, 2 * D * G, 2 * moved),
        igq_operation_of(IGQ_EVENT_ASSIGN_REGISTER, sums->widths.index, G, moved),
    };
    IGQ_OPERATIONS_ADD(sums, list);
}

// Lists with a capacity: the places left of a list count down with every member; each lane asks every list for more
// places than lower lanes may take, and whether it takes the last.
static void add_capacity(igq_operations *sums, uint64_t members, uint64_t groups)
{
    uint64_t D = (uint64_t)sums->accelerator->group_assignment.distance_lanes;
    uint64_t G = (uint64_t)sums->accelerator->num_groups, moved = groups ? members : 0;
    int places = sums->widths.index + 1;
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_ARGMIN_COMPARE, places, (2 * D + 1) * G, 2 * members * groups + moved),
        igq_operation_of(IGQ_EVENT_ASSIGN_REGISTER, places, G, moved),
    };
    if (sums->accelerator->scheme.group_capacity_pct > 0)
        IGQ_OPERATIONS_ADD(sums, list);
}

// Elastic, lists of channels: a slice is dealt in a cycle, by comparing G - 1 pairs of vectors / slices by two products
// each.
static void add_deal(igq_operations *sums, uint64_t groups)
{
    uint64_t G = (uint64_t)sums->accelerator->num_groups;
    int vectors = sums->widths.deal_vectors, slices = sums->widths.deal_slices;
    int deals = sums->work->selects && groups > 0;
    uint64_t compared = deals ? igq_deal_cycles(sums->accelerator->mac_array.num_arrays) * (groups - 1) : 0;
    const igq_operation list[] = {
        igq_multiplication(IGQ_EVENT_DEAL_MULTIPLY, vectors, slices, 2 * (G - 1), 2 * compared),
        igq_operation_of(IGQ_EVENT_DEAL_COMPARE, vectors + slices, G - 1, compared),
    };
    if (sums->accelerator->mac_organisation == IGQ_ORGANISATION_ELASTIC)
        IGQ_OPERATIONS_ADD(sums, list);
}

// zero_skip: both ends of a channel's range against what its group turns into zero.
static void add_zero_skip(igq_operations *sums, uint64_t members, uint64_t groups)
{
    uint64_t D = (uint64_t)sums->accelerator->group_assignment.distance_lanes;
    uint64_t channels = sums->work->selects && groups > 0 ? members : 0;
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_ZERO_COMPARE, IGQ_ACT_IN_BITS, 2 * D, 2 * channels),
        igq_selection(IGQ_EVENT_ZERO_SELECT, 2 * IGQ_ACT_IN_BITS, sums->accelerator->num_groups, (int)groups, D,
                      channels),
    };
    if (sums->accelerator->row_selector.zero_skip)
        IGQ_OPERATIONS_ADD(sums, list);
}

void igq_operations_of_assignment(igq_operations *sums)
{
    uint64_t members = (uint64_t)sums->work->assign_members, groups = members ? (uint64_t)sums->work->assign_groups : 0;
    igq_scheme scheme = sums->accelerator->scheme.scheme;
    if (igq_scheme_needs_ranges(scheme))
        add_ranges(sums, members, members * (uint64_t)sums->work->assign_observations);
    if (!igq_scheme_assigns(scheme))
        return;
    add_distances(sums, members, groups);
    add_assign_registers(sums, members, groups);
    add_capacity(sums, members, groups);
    add_deal(sums, groups);
    add_zero_skip(sums, members, groups);
}
