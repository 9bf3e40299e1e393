// SPDX-License-Identifier: Apache-2.0
#include "fuse_rotary.h"
#include "graph_operations.h"
#include <string.h>

// The node that computes a value, if it is of this kind; NULL else.
static const igq_node *made_by(const igq_graph *graph, int value, igq_op op)
{
    int node = value >= 0 ? graph->value[value].node : -1;
    return node >= 0 && graph->node[node].op == op ? &graph->node[node] : NULL;
}

static int64_t last_dim(const igq_graph *graph, int value)
{
    const igq_shape *shape = &graph->value[value].shape;
    return shape->rank > 0 ? shape->dim[shape->rank - 1] : 0;
}

// x, of whose last axis a value is half the elements, from `start`, `step` apart; -1: it is none.
static int half_of(const igq_graph *graph, int value, int64_t start, int64_t step)
{
    const igq_node *slice = made_by(graph, value, IGQ_OP_SLICE);
    int num[4];
    const int64_t *ints[4] = {NULL, NULL, NULL, NULL};
    for (int i = 0; slice && i < 4; i++)
        ints[i] = igq_constant_ints(graph, slice, 1 + i, &num[i]);
    if (!ints[0] || !ints[1] || num[0] != 1)
        return -1;
    int x = slice->input[0];
    int64_t C = last_dim(graph, x), rank = graph->value[x].shape.rank;
    int64_t axis = ints[2] ? *ints[2] : 0, by = ints[3] ? *ints[3] : 1, from = *ints[0] < 0 ? *ints[0] + C : *ints[0];
    int fits = (axis == rank - 1 || axis == -1) && by == step && from == start && C % 2 == 0;
    return fits && last_dim(graph, value) == C / 2 ? x : -1;
}

static int has_floats(const igq_graph *graph, int value)
{
    return graph->value[value].is_constant && graph->value[value].data &&
           graph->value[value].element == IGQ_ELEMENT_FLOAT;
}

static int are_equal(const igq_graph *graph, int a, int b)
{
    const igq_value *of_a = &graph->value[a], *of_b = &graph->value[b];
    size_t bytes = (size_t)igq_shape_elements(&of_a->shape) * sizeof(float);
    return a == b || (igq_shape_elements(&of_b->shape) == igq_shape_elements(&of_a->shape) &&
                      memcmp(of_a->data, of_b->data, bytes) == 0);
}

// The two factors of a product, the constant one behind; 0: it is none.
static int factors(const igq_graph *graph, int value, int *x, int *constant)
{
    const igq_node *product = made_by(graph, value, IGQ_OP_MUL);
    for (int i = 0; product && i < 2; i++)
        if (has_floats(graph, product->input[i])) {
            *constant = product->input[i];
            *x = product->input[1 - i];
            return 1;
        }
    return 0;
}

static void become(igq_graph *graph, int n, int neighbours, int x, int cosine, int sine)
{
    igq_node *node = &graph->node[n];
    int *list = igq_graph_take(graph, 3 * sizeof *list);
    if (!list)
        return;
    memcpy(list, (int[]){x, cosine, sine}, 3 * sizeof *list);
    node->op = IGQ_OP_ROTARY;
    node->attributes = (igq_attributes){.axis = neighbours};
    node->num_inputs = 3;
    node->input = list;
}

/// Halves ///

// Cosines or sines [..][C] of which both halves are the same, as [..][C/2]; -1: they are not.
static int one_half(igq_graph *graph, int value)
{
    igq_shape shape = graph->value[value].shape;
    int64_t C = last_dim(graph, value), half = C / 2, rows = C > 0 ? igq_shape_elements(&shape) / C : 0;
    const float *data = graph->value[value].data;
    float *own = C % 2 == 0 && rows > 0 ? igq_graph_take(graph, (size_t)(rows * half) * sizeof *own) : NULL;
    if (!own)
        return -1;
    for (int64_t i = 0; i < rows; i++) {
        const float *row = data + i * C;
        if (memcmp(row, row + half, (size_t)half * sizeof *row) != 0)
            return -1;
        memcpy(own + i * half, row, (size_t)half * sizeof *row);
    }
    shape.dim[shape.rank - 1] = half;
    return igq_graph_add_weight(graph, "", own, IGQ_ELEMENT_FLOAT, &shape);
}

// x of concat(-x[half:], x[:half]) along the last axis; -1: it is none.
static int turned_halves(const igq_graph *graph, int value)
{
    const igq_node *both = made_by(graph, value, IGQ_OP_CONCAT);
    if (!both || both->num_inputs != 2 || both->attributes.axis != graph->value[value].shape.rank - 1)
        return -1;
    const igq_node *negative = made_by(graph, both->input[0], IGQ_OP_NEG);
    int x = half_of(graph, both->input[1], 0, 1);
    return negative && x >= 0 && half_of(graph, negative->input[0], last_dim(graph, x) / 2, 1) == x ? x : -1;
}

static void fuse_halves(igq_graph *graph, int n)
{
    const igq_node *sum = &graph->node[n];
    int plain, turned, cosine, sine;
    for (int i = 0; i < 2; i++) {
        if (!factors(graph, sum->input[i], &plain, &cosine) || !factors(graph, sum->input[1 - i], &turned, &sine))
            continue;
        int x = turned_halves(graph, turned);
        if (x < 0 || x != plain || last_dim(graph, cosine) != last_dim(graph, x) ||
            last_dim(graph, sine) != last_dim(graph, x))
            continue;
        int half_cosine = one_half(graph, cosine), half_sine = one_half(graph, sine);
        if (half_cosine >= 0 && half_sine >= 0)
            become(graph, n, 0, x, half_cosine, half_sine);
        return;
    }
}

/// Neighbours ///

// a f + b g with `op` between them, f and g constants. a is every second value from 0, b from 1. x of both; -1: none.
static int turned_pair(const igq_graph *graph, int value, igq_op op, int *f, int *g)
{
    const igq_node *sum = made_by(graph, value, op);
    int a, b;
    for (int i = 0; sum && i < (op == IGQ_OP_ADD ? 2 : 1); i++) {
        if (!factors(graph, sum->input[i], &a, f) || !factors(graph, sum->input[1 - i], &b, g))
            continue;
        int x = half_of(graph, a, 0, 2);
        if (x >= 0 && half_of(graph, b, 1, 2) == x)
            return x;
    }
    return -1;
}

static void fuse_neighbours(igq_graph *graph, int n)
{
    const igq_node *node = &graph->node[n], *both = made_by(graph, node->input[0], IGQ_OP_CONCAT), *part[2];
    int cosine, sine, cosine_too, sine_too;
    if (!both || both->num_inputs != 2 || last_dim(graph, node->input[0]) != 2 ||
        both->attributes.axis != graph->value[node->input[0]].shape.rank - 1)
        return;
    for (int i = 0; i < 2; i++)
        part[i] = made_by(graph, both->input[i], IGQ_OP_RESHAPE);
    if (!part[0] || !part[1])
        return;
    int x = turned_pair(graph, part[0]->input[0], IGQ_OP_SUB, &cosine, &sine);
    if (x < 0 || turned_pair(graph, part[1]->input[0], IGQ_OP_ADD, &sine_too, &cosine_too) != x ||
        !are_equal(graph, cosine, cosine_too) || !are_equal(graph, sine, sine_too))
        return;
    const igq_shape *in = &graph->value[x].shape, *out = &graph->value[node->output[0]].shape;
    if (in->rank == out->rank && memcmp(in->dim, out->dim, (size_t)in->rank * sizeof *in->dim) == 0)
        become(graph, n, 1, x, cosine, sine);
}

void igq_fuse_rotary(igq_graph *graph, int n)
{
    if (graph->node[n].op == IGQ_OP_ADD)
        fuse_halves(graph, n);
    else if (graph->node[n].op == IGQ_OP_RESHAPE)
        fuse_neighbours(graph, n);
}
