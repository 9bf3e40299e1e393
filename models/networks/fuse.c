// SPDX-License-Identifier: Apache-2.0
#include "fuse.h"
#include "fuse_rotary.h"
#include <math.h>
#include <stdlib.h>

typedef struct fuser {
    igq_graph *graph;
    int *num_readers; // (num_values), outputs of the graph count as one
} fuser;

// The node that computes a value, if it is of this kind and has two inputs at most; NULL else.
static const igq_node *made_by(const fuser *f, int value, igq_op op)
{
    int node = f->graph->value[value].node;
    return node >= 0 && f->graph->node[node].op == op ? &f->graph->node[node] : NULL;
}

static int is_number(const fuser *f, int value, double number)
{
    const igq_value *v = &f->graph->value[value];
    return v->data && v->element == IGQ_ELEMENT_FLOAT && igq_shape_elements(&v->shape) == 1 &&
           fabs((double)*(const float *)v->data - number) <= 1e-5 * fabs(number);
}

// A constant vector (C) that applies to the last axis.
static int is_vector(const fuser *f, int value, int64_t C)
{
    const igq_value *v = &f->graph->value[value];
    return v->is_constant && v->element == IGQ_ELEMENT_FLOAT && igq_shape_elements(&v->shape) == C &&
           (v->shape.rank == 0 ? C == 1 : v->shape.dim[v->shape.rank - 1] == C);
}

static int64_t channels_of(const fuser *f, int value)
{
    const igq_shape *shape = &f->graph->value[value].shape;
    return shape->rank > 0 ? shape->dim[shape->rank - 1] : 0;
}

// Of the input and the one constant input of a node; 0 if it has none.
static int split_constant(const fuser *f, const igq_node *node, int *x, int *constant)
{
    for (int i = 0; node && i < 2; i++)
        if (f->graph->value[node->input[i]].is_constant && !f->graph->value[node->input[1 - i]].is_constant) {
            *constant = node->input[i];
            *x = node->input[1 - i];
            return 1;
        }
    return 0;
}

static void become(fuser *f, int n, igq_op op, const igq_attributes *with, int num_inputs, const int *inputs)
{
    igq_node *node = &f->graph->node[n];
    int *list = igq_graph_take(f->graph, (size_t)num_inputs * sizeof *list);
    if (!list)
        return;
    for (int i = 0; i < num_inputs; i++)
        list[i] = inputs[i];
    node->op = op;
    node->attributes = *with;
    node->num_inputs = num_inputs;
    node->input = list;
}

/// Norms ///

// The mean of x along its last axis, of which `value` is one.
static int is_last_mean(const fuser *f, int value, int x)
{
    const igq_node *node = made_by(f, value, IGQ_OP_MEAN);
    const igq_shape *shape = &f->graph->value[x].shape;
    return node && node->input[0] == x && node->attributes.num_ints == 1 && node->attributes.keep_dims &&
           node->attributes.ints[0] == shape->rank - 1;
}

// x of x^2; -1: it is no square.
static int root_of_square(const fuser *f, int value)
{
    const igq_node *power = made_by(f, value, IGQ_OP_POW), *product = made_by(f, value, IGQ_OP_MUL);
    if (power && is_number(f, power->input[1], 2))
        return power->input[0];
    return product && product->input[0] == product->input[1] ? product->input[0] : -1;
}

// x of sqrt(mean(x^2) + epsilon); -1: it is none.
static int root_mean_square_of(const fuser *f, int value, double *epsilon)
{
    const igq_node *root = made_by(f, value, IGQ_OP_SQRT), *mean;
    int under, constant;
    if (!root || !split_constant(f, made_by(f, root->input[0], IGQ_OP_ADD), &under, &constant) ||
        !f->graph->value[constant].data || igq_shape_elements(&f->graph->value[constant].shape) != 1)
        return -1;
    *epsilon = (double)*(const float *)f->graph->value[constant].data;
    mean = made_by(f, under, IGQ_OP_MEAN);
    if (!mean || !is_last_mean(f, under, mean->input[0]))
        return -1;
    return root_of_square(f, mean->input[0]);
}

// x of x / sqrt(mean(x^2) + epsilon), or of x * (1 / ...); -1: it is none. *numerator: the x above, which may be
// computed a second time.
static int normalized_by(const fuser *f, int value, int *numerator, double *epsilon)
{
    const igq_node *quotient = made_by(f, value, IGQ_OP_DIV), *product = made_by(f, value, IGQ_OP_MUL);
    if (quotient) {
        *numerator = quotient->input[0];
        return root_mean_square_of(f, quotient->input[1], epsilon);
    }
    for (int i = 0; product && i < 2; i++) {
        const igq_node *inverse = made_by(f, product->input[i], IGQ_OP_DIV);
        const igq_node *reciprocal = made_by(f, product->input[i], IGQ_OP_RECIPROCAL);
        int root = inverse && is_number(f, inverse->input[0], 1) ? inverse->input[1]
                   : reciprocal                                  ? reciprocal->input[0]
                                                                 : -1;
        int x = root >= 0 ? root_mean_square_of(f, root, epsilon) : -1;
        *numerator = product->input[1 - i];
        if (x >= 0)
            return x;
    }
    return -1;
}

// x of x - mean(x); -1: it is none.
static int centred_of(const fuser *f, int value)
{
    const igq_node *difference = made_by(f, value, IGQ_OP_SUB);
    return difference && is_last_mean(f, difference->input[1], difference->input[0]) ? difference->input[0] : -1;
}

// gain * x / rms(x), at a product.
static void fuse_rms_norm(fuser *f, int n)
{
    int value, gain, numerator;
    igq_attributes with = {0};
    const igq_node *node = &f->graph->node[n];
    if (!split_constant(f, node, &value, &gain))
        return;
    int x = normalized_by(f, value, &numerator, &with.epsilon);
    if (x >= 0 && numerator == x && centred_of(f, x) < 0 && is_vector(f, gain, channels_of(f, x)))
        become(f, n, IGQ_OP_RMS_NORM, &with, 2, (int[]){x, gain});
}

// gain * (x - mean) / sqrt(variance + epsilon) + bias, at the sum.
static void fuse_layer_norm(fuser *f, int n)
{
    int scaled, bias, value, gain, numerator;
    igq_attributes with = {0};
    if (!split_constant(f, &f->graph->node[n], &scaled, &bias) ||
        !split_constant(f, made_by(f, scaled, IGQ_OP_MUL), &value, &gain))
        return;
    int square = normalized_by(f, value, &numerator, &with.epsilon), x = square >= 0 ? centred_of(f, square) : -1;
    if (x >= 0 && centred_of(f, numerator) == x && is_vector(f, gain, channels_of(f, x)) &&
        is_vector(f, bias, channels_of(f, x)))
        become(f, n, IGQ_OP_LAYER_NORM, &with, 3, (int[]){x, gain, bias});
}

/// Activations ///

// x of 1 + erf(x / sqrt 2); -1: it is none.
static int erf_argument(const fuser *f, int value)
{
    const igq_node *sum = made_by(f, value, IGQ_OP_ADD), *erf = NULL;
    for (int i = 0; sum && !erf && i < 2; i++)
        if (is_number(f, sum->input[1 - i], 1))
            erf = made_by(f, sum->input[i], IGQ_OP_ERF);
    if (!erf)
        return -1;
    const igq_node *quotient = made_by(f, erf->input[0], IGQ_OP_DIV), *product = made_by(f, erf->input[0], IGQ_OP_MUL);
    if (quotient && is_number(f, quotient->input[1], 1.4142135623730951))
        return quotient->input[0];
    for (int i = 0; product && i < 2; i++)
        if (is_number(f, product->input[1 - i], 0.70710678118654752))
            return product->input[i];
    return -1;
}

// The factors of a product of three, two of them in a product of their own: all three orders. 0: it is none.
static int three_factors(const fuser *f, const igq_node *node, int order, int factor[3])
{
    const igq_node *inner = made_by(f, node->input[order & 1], IGQ_OP_MUL);
    if (!inner)
        return 0;
    factor[0] = inner->input[0];
    factor[1] = inner->input[1];
    factor[2] = node->input[1 - (order & 1)];
    return 1;
}

// x/2 (1 + erf(x / sqrt 2)), at the outer product.
static void fuse_gelu(fuser *f, int n)
{
    const igq_node *node = &f->graph->node[n];
    for (int order = 0; order < 2; order++) {
        int factor[3], x = -1, half = 0, plain = 0;
        if (!three_factors(f, node, order, factor))
            continue;
        for (int i = 0; i < 3; i++)
            x = x < 0 ? erf_argument(f, factor[i]) : x;
        for (int i = 0; i < 3; i++) {
            half += is_number(f, factor[i], 0.5);
            plain += factor[i] == x;
        }
        if (x >= 0 && half == 1 && plain == 1) {
            become(f, n, IGQ_OP_GELU, &(igq_attributes){0}, 1, &x);
            return;
        }
    }
}

// x sigmoid(x).
static void fuse_silu(fuser *f, int n)
{
    const igq_node *node = &f->graph->node[n];
    for (int i = 0; i < 2; i++) {
        const igq_node *sigmoid = made_by(f, node->input[i], IGQ_OP_SIGMOID);
        int x = node->input[1 - i];
        if (sigmoid && sigmoid->input[0] == x) {
            become(f, n, IGQ_OP_SILU, &(igq_attributes){0}, 1, &x);
            return;
        }
    }
}

/// Biases ///

static void fuse_bias(fuser *f, int n)
{
    const igq_node *node = &f->graph->node[n];
    int product, bias;
    if (!split_constant(f, node, &product, &bias) || f->num_readers[product] != 1)
        return;
    const igq_node *matmul = made_by(f, product, IGQ_OP_MATMUL);
    if (!matmul || matmul->num_inputs != 2 || !f->graph->value[matmul->input[1]].is_constant ||
        f->graph->value[matmul->input[1]].shape.rank != 2 || !is_vector(f, bias, channels_of(f, product)))
        return;
    become(f, n, IGQ_OP_MATMUL, &(igq_attributes){0}, 3, (int[]){matmul->input[0], matmul->input[1], bias});
}

/// All ///

int igq_graph_prune(igq_graph *graph)
{
    unsigned char *needed = calloc((size_t)graph->num_values + 1, 1);
    int *moved = calloc((size_t)graph->num_nodes + 1, sizeof *moved), kept = 0;
    if (!needed || !moved) {
        free(needed);
        free(moved);
        return 0;
    }
    for (int i = 0; i < graph->num_outputs; i++)
        needed[graph->output[i]] = 1;
    for (int n = graph->num_nodes - 1; n >= 0; n--) {
        const igq_node *node = &graph->node[n];
        for (int i = 0; i < node->num_outputs; i++)
            moved[n] |= needed[node->output[i]];
        for (int i = 0; moved[n] && i < node->num_inputs; i++)
            if (node->input[i] >= 0)
                needed[node->input[i]] = 1;
    }
    for (int n = 0; n < graph->num_nodes; n++) {
        const igq_node *node = &graph->node[n];
        for (int i = 0; i < node->num_outputs; i++)
            graph->value[node->output[i]].node = moved[n] ? kept : -1;
        if (!moved[n])
            continue;
        moved[n] = kept;
        graph->node[kept] = *node;
        if (node->scores >= 0)
            graph->node[kept].scores = moved[node->scores];
        if (node->like >= 0)
            graph->node[kept].like = moved[node->like];
        kept++;
    }
    graph->num_nodes = kept;
    free(needed);
    free(moved);
    return 1;
}

void igq_graph_count_readers(int *num_readers, const igq_graph *graph)
{
    for (int n = 0; n < graph->num_nodes; n++)
        for (int i = 0; i < graph->node[n].num_inputs; i++)
            if (graph->node[n].input[i] >= 0)
                num_readers[graph->node[n].input[i]]++;
    for (int i = 0; i < graph->num_outputs; i++)
        num_readers[graph->output[i]]++;
}

int igq_graph_fuse(igq_graph *graph)
{
    fuser f = {.graph = graph, .num_readers = calloc((size_t)graph->num_values + 1, sizeof *f.num_readers)};
    if (!f.num_readers)
        return 0;
    igq_graph_count_readers(f.num_readers, graph);
    for (int n = 0; n < graph->num_nodes; n++) {
        igq_fuse_rotary(graph, n);
        if (graph->node[n].op == IGQ_OP_ADD) {
            fuse_layer_norm(&f, n);
            if (graph->node[n].op == IGQ_OP_ADD)
                fuse_bias(&f, n);
        } else if (graph->node[n].op == IGQ_OP_MUL) {
            fuse_gelu(&f, n);
            if (graph->node[n].op == IGQ_OP_MUL)
                fuse_silu(&f, n);
            if (graph->node[n].op == IGQ_OP_MUL)
                fuse_rms_norm(&f, n);
        }
    }
    free(f.num_readers);
    return igq_graph_prune(graph) && !graph->out_of_memory;
}
