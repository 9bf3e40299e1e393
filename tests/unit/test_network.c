// SPDX-License-Identifier: Apache-2.0
#include "vit.h"
#include "../suite.h"

static const igq_vit_shape deit_tiny = {.image_size = 224,
                                        .patch_size = 16,
                                        .image_channels = 3,
                                        .dim = 192,
                                        .depth = 12,
                                        .heads = 3,
                                        .mlp_dim = 768,
                                        .classes = 1000,
                                        .prefix_tokens = 1,
                                        .layer_norm_epsilon = 1e-6};

static void assert_layer(const igq_layer *layer, const char *name, int products, int T, int C, int O,
                         igq_vector_op post_op, int residual)
{
    ck_assert_str_eq(layer->name, name);
    ck_assert_int_eq(layer->products, products);
    ck_assert_int_eq(layer->T, T);
    ck_assert_int_eq(layer->C, C);
    ck_assert_int_eq(layer->O, O);
    ck_assert_int_eq(layer->post_op, post_op);
    ck_assert_int_eq(layer->residual, residual);
}

START_TEST(deit_tiny_has_74_products_in_execution_order)
{
    igq_network *network = igq_vit_network(&deit_tiny);
    const igq_layer *layers = network->layer;
    ck_assert_int_eq(network->num_layers, 74);
    assert_layer(&layers[0], "patch_embed", 1, 196, 768, 192, IGQ_VECTOR_OP_LAYER_NORM, 1);
    assert_layer(&layers[1], "b0.qkv", 1, 197, 192, 576, IGQ_VECTOR_OP_NONE, 0);
    assert_layer(&layers[2], "b0.scores", 3, 197, 64, 197, IGQ_VECTOR_OP_SOFTMAX, 0);
    assert_layer(&layers[3], "b0.context", 3, 197, 197, 64, IGQ_VECTOR_OP_NONE, 0);
    assert_layer(&layers[4], "b0.proj", 1, 197, 192, 192, IGQ_VECTOR_OP_LAYER_NORM, 1);
    assert_layer(&layers[5], "b0.fc1", 1, 197, 192, 768, IGQ_VECTOR_OP_GELU, 0);
    assert_layer(&layers[6], "b0.fc2", 1, 197, 768, 192, IGQ_VECTOR_OP_LAYER_NORM, 1);
    assert_layer(&layers[72], "b11.fc2", 1, 197, 768, 192, IGQ_VECTOR_OP_LAYER_NORM, 1);
    assert_layer(&layers[73], "head", 1, 1, 192, 1000, IGQ_VECTOR_OP_NONE, 0);
    ck_assert_int_eq(layers[0].block, -1);
    ck_assert_int_eq(layers[72].block, 11);
    ck_assert_int_eq(layers[73].block, -1);
    igq_network_free(network);
}
END_TEST

START_TEST(linear_indices_are_dense)
{
    igq_network *network = igq_vit_network(&deit_tiny);
    const igq_layer *layers = network->layer;
    int next = 0, attention = 0;
    for (int i = 0; i < 74; i++) {
        ck_assert_int_eq(layers[i].linear, layers[i].products == 3 ? -1 : next);
        if (layers[i].linear >= 0)
            ck_assert_ptr_eq(igq_network_linear(network, next++), &layers[i]);
        if (layers[i].kind == IGQ_LAYER_CONTEXT)
            ck_assert_ptr_eq(igq_network_attention(network, attention++), &layers[i]);
    }
    ck_assert_int_eq(next, 50);
    ck_assert_int_eq(next, network->num_linear);
    ck_assert_int_eq(attention, 12);
    igq_network_free(network);
}
END_TEST

START_TEST(layers_know_where_their_operands_come_from)
{
    igq_network *network = igq_vit_network(&deit_tiny);
    for (int i = 0; i < 74; i++) {
        const igq_layer *layer = &network->layer[i];
        ck_assert_int_eq(layer->input, i - 1);
        ck_assert_int_eq(layer->read_again, 0);
        if (layer->kind == IGQ_LAYER_SCORES || layer->kind == IGQ_LAYER_CONTEXT)
            ck_assert_int_eq(network->layer[layer->keys_from].kind, IGQ_LAYER_QKV);
        else
            ck_assert_int_eq(layer->keys_from, -1);
    }
    igq_network_free(network);
}
END_TEST

START_TEST(distillation_token_adds_a_token_and_a_head_row)
{
    igq_vit_shape distilled = deit_tiny;
    distilled.prefix_tokens = 2;
    igq_network *network = igq_vit_network(&distilled);
    ck_assert_int_eq(igq_vit_tokens(&distilled), 198);
    ck_assert_int_eq(network->layer[network->num_layers - 1].T, 2);
    ck_assert_int_eq(network->layer[0].T, 196);
    igq_network_free(network);
}
END_TEST

START_TEST(names_of_hundreds_of_blocks_keep_all_digits)
{
    igq_vit_shape deep = deit_tiny;
    deep.depth = 110;
    igq_network *network = igq_vit_network(&deep);
    ck_assert_str_eq(network->layer[1 + 6 * 10].name, "b10.qkv");
    ck_assert_str_eq(network->layer[1 + 6 * 109 + 1].name, "b109.scores");
    igq_network_free(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network");
    TCase *tests = tcase_create("network");
    tcase_add_test(tests, deit_tiny_has_74_products_in_execution_order);
    tcase_add_test(tests, linear_indices_are_dense);
    tcase_add_test(tests, layers_know_where_their_operands_come_from);
    tcase_add_test(tests, distillation_token_adds_a_token_and_a_head_row);
    tcase_add_test(tests, names_of_hundreds_of_blocks_keep_all_digits);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
