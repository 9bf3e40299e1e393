// SPDX-License-Identifier: Apache-2.0
// Passes in pieces, states and memory, on small vision transformers.
#include "small_vit.h"
#include "../suite.h"
#include <stdlib.h>
#include <string.h>

// An executor whose pass is run in two pieces, with another pass in between, gives what one piece gives.
START_TEST(a_pass_goes_on_from_a_saved_state)
{
    small_vit *vit = small_vit_new(_i + 1, 1 + _i % 2), *other = small_vit_new(_i + 50, 1);
    vit_pass pass = vit_pass_new(&vit->weights, &vit->shape);
    igq_fp32_engine *fp32 = igq_fp32_engine_new(pass.products, NULL);
    const igq_engine engine = igq_fp32_engine_get(fp32);
    const void *const inputs[] = {vit->image}, *const other_inputs[] = {other->image};
    float whole[SMALL_VIT_CLASSES];
    vit_pass_run(whole, &pass, &engine, vit->image);
    for (int first = 0; first <= pass.graph->num_nodes; first++) {
        void *state = malloc(igq_executor_state_bytes(pass.executor, first) + 1);
        igq_executor_start(pass.executor, inputs);
        igq_executor_run(pass.executor, &engine, 0, first);
        igq_executor_save(state, pass.executor, first);
        igq_execute(pass.executor, &engine, other_inputs);
        igq_executor_start(pass.executor, inputs);
        igq_executor_restore(pass.executor, first, state);
        igq_executor_run(pass.executor, &engine, first, pass.graph->num_nodes);
        ck_assert_mem_eq(whole, igq_executor_output(pass.executor, 0), sizeof whole);
        free(state);
    }
    igq_fp32_engine_free(fp32);
    vit_pass_free(&pass);
    small_vit_free(vit);
    small_vit_free(other);
}
END_TEST

START_TEST(memory_does_not_grow_with_depth)
{
    size_t bytes[2];
    for (int i = 0; i < 2; i++) {
        igq_vit_shape shape = {.image_size = 16,
                               .patch_size = 4,
                               .image_channels = 3,
                               .dim = 12,
                               .depth = 2 + 10 * i,
                               .heads = 3,
                               .mlp_dim = 24,
                               .classes = 10,
                               .prefix_tokens = 1};
        vit_pass pass = vit_pass_new(NULL, &shape);
        bytes[i] = igq_executor_memory_bytes(pass.executor);
        vit_pass_free(&pass);
    }
    ck_assert_uint_gt(bytes[0], 0);
    ck_assert_uint_eq(bytes[0], bytes[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("executor");
    TCase *tests = tcase_create("executor");
    tcase_add_loop_test(tests, a_pass_goes_on_from_a_saved_state, 0, 4);
    tcase_add_test(tests, memory_does_not_grow_with_depth);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
