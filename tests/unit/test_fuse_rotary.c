// SPDX-License-Identifier: Apache-2.0
// Rotary embeddings written out in elementwise operations become one operation, with the same bits.
#include "executor.h"
#include "fuse.h"
#include "graph_build.h"
#include "rng.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { HEADS = 2, TOKENS = 3, WIDTH = 6, HALF = WIDTH / 2, NUM = HEADS * TOKENS * WIDTH };

static float cosines[TOKENS * WIDTH], sines[TOKENS * WIDTH]; // [TOKENS][WIDTH] with equal halves, or [TOKENS][HALF]

static void fill_angles(int width)
{
    rng random = {5};
    for (int i = 0; i < TOKENS * width; i++) {
        int repeats = width == WIDTH && i % WIDTH >= HALF;
        cosines[i] = repeats ? cosines[i - HALF] : (float)rng_real(&random, -1, 1);
        sines[i] = repeats ? sines[i - HALF] : (float)rng_real(&random, -1, 1);
    }
}

static int constant(igq_graph *graph, const float *data, int width)
{
    const igq_shape shape = igq_shape_of(2, (int64_t[]){TOKENS, width});
    return igq_graph_add_weight(graph, "", data, IGQ_ELEMENT_FLOAT, &shape);
}

// x[start::2] along the last axis.
static int every_second(igq_graph *graph, int x, int start)
{
    const int inputs[] = {x, igq_graph_add_ints(graph, 1, (int64_t[]){start}),
                          igq_graph_add_ints(graph, 1, (int64_t[]){WIDTH}),
                          igq_graph_add_ints(graph, 1, (int64_t[]){-1}), igq_graph_add_ints(graph, 1, (int64_t[]){2})};
    return igq_build(graph, IGQ_OP_SLICE, (igq_attributes){0}, 5, inputs);
}

static int build_halves(igq_graph *graph, int x)
{
    int cosine = constant(graph, cosines, WIDTH), sine = constant(graph, sines, WIDTH);
    const int turned[] = {igq_build_one(graph, IGQ_OP_NEG, igq_build_slice(graph, x, 2, HALF, HALF)),
                          igq_build_slice(graph, x, 2, 0, HALF)};
    int both = igq_build(graph, IGQ_OP_CONCAT, (igq_attributes){.axis = 2}, 2, turned);
    return igq_build_two(graph, IGQ_OP_ADD, igq_build_two(graph, IGQ_OP_MUL, x, cosine),
                         igq_build_two(graph, IGQ_OP_MUL, both, sine));
}

static int build_neighbours(igq_graph *graph, int x)
{
    int cosine = constant(graph, cosines, HALF), sine = constant(graph, sines, HALF);
    int a = every_second(graph, x, 0), b = every_second(graph, x, 1);
    int first = igq_build_two(graph, IGQ_OP_SUB, igq_build_two(graph, IGQ_OP_MUL, a, cosine),
                              igq_build_two(graph, IGQ_OP_MUL, b, sine));
    int a_sine = igq_build_two(graph, IGQ_OP_MUL, a, sine), b_cosine = igq_build_two(graph, IGQ_OP_MUL, b, cosine);
    int second = igq_build_two(graph, IGQ_OP_ADD, a_sine, b_cosine);
    const int64_t apart[] = {HEADS, TOKENS, HALF, 1}, whole[] = {HEADS, TOKENS, WIDTH};
    const int parts[] = {igq_build_reshape(graph, first, 4, apart), igq_build_reshape(graph, second, 4, apart)};
    int both = igq_build(graph, IGQ_OP_CONCAT, (igq_attributes){.axis = 3}, 2, parts);
    return igq_build_reshape(graph, both, 3, whole);
}

static igq_graph *build(int neighbours)
{
    const igq_shape shape = igq_shape_of(3, (int64_t[]){HEADS, TOKENS, WIDTH});
    igq_graph *graph = igq_graph_new();
    int x = igq_graph_add_input(graph, "x", IGQ_ELEMENT_FLOAT, &shape);
    igq_graph_add_output(graph, neighbours ? build_neighbours(graph, x) : build_halves(graph, x));
    return graph;
}

static void run(float *y, igq_graph *graph, const float *x)
{
    igq_products *products = igq_products_of(graph);
    igq_executor *executor = igq_executor_new(products);
    igq_fp32_engine *fp32 = igq_fp32_engine_new(products, NULL);
    const igq_engine engine = igq_fp32_engine_get(fp32);
    const void *const inputs[] = {x};
    igq_execute(executor, &engine, inputs);
    memcpy(y, igq_executor_output(executor, 0), NUM * sizeof *y);
    igq_fp32_engine_free(fp32);
    igq_executor_free(executor);
    igq_products_free(products);
}

START_TEST(both_forms_become_one_operation_of_the_same_bits)
{
    float x[NUM], written_out[NUM], fused[NUM];
    rng random = {11};
    rng_fill_float(x, NUM, -3, 3, &random);
    fill_angles(_i ? HALF : WIDTH);
    igq_graph *graph = build(_i);
    run(written_out, graph, x);
    ck_assert_int_eq(igq_graph_fuse(graph), 1);
    ck_assert_int_eq(graph->num_nodes, 1);
    ck_assert_int_eq(graph->node[0].op, IGQ_OP_ROTARY);
    ck_assert_int_eq(graph->node[0].attributes.axis, _i);
    run(fused, graph, x);
    ck_assert_mem_eq(written_out, fused, sizeof fused);
    igq_graph_free(graph);
}
END_TEST

// One value of a second half that differs, or another sine for the second of a pair, is something else.
START_TEST(other_angles_stay_as_they_are)
{
    fill_angles(_i ? HALF : WIDTH);
    igq_graph *graph = build(_i);
    if (_i) {
        igq_node *last_mul = &graph->node[graph->num_nodes - 1];
        while (last_mul->op != IGQ_OP_MUL)
            last_mul--;
        last_mul->input[1] = constant(graph, sines, HALF);
    } else {
        sines[WIDTH - 1] += 1;
    }
    ck_assert_int_eq(igq_graph_fuse(graph), 1);
    for (int n = 0; n < graph->num_nodes; n++)
        ck_assert_int_ne(graph->node[n].op, IGQ_OP_ROTARY);
    igq_graph_free(graph);
}
END_TEST

START_TEST(a_pair_is_turned_by_its_angle)
{
    float x[NUM] = {0}, y[NUM];
    const float cosine = 0.6f, sine = 0.8f;
    fill_angles(_i ? HALF : WIDTH);
    int token = 1, pair = 2, at = token * WIDTH + (_i ? 2 * pair : pair), partner = at + (_i ? 1 : HALF);
    x[at] = 2;
    x[partner] = 1;
    cosines[token * (_i ? HALF : WIDTH) + pair] = cosine;
    sines[token * (_i ? HALF : WIDTH) + pair] = sine;
    if (!_i) {
        cosines[token * WIDTH + HALF + pair] = cosine;
        sines[token * WIDTH + HALF + pair] = sine;
    }
    igq_graph *graph = build(_i);
    ck_assert_int_eq(igq_graph_fuse(graph), 1);
    run(y, graph, x);
    ck_assert_float_eq_tol(y[at], 0.4f, 1e-6f);      // 2 cos - 1 sin
    ck_assert_float_eq_tol(y[partner], 2.2f, 1e-6f); // 2 sin + 1 cos
    for (int i = 0; i < NUM; i++)
        ck_assert(i == at || i == partner || y[i] == 0);
    igq_graph_free(graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fuse_rotary");
    TCase *tests = tcase_create("fuse_rotary");
    tcase_add_loop_test(tests, both_forms_become_one_operation_of_the_same_bits, 0, 2);
    tcase_add_loop_test(tests, other_angles_stay_as_they_are, 0, 2);
    tcase_add_loop_test(tests, a_pair_is_turned_by_its_angle, 0, 2);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
