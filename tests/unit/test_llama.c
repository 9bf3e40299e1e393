// SPDX-License-Identifier: Apache-2.0
// Decoders with a cache of keys and values against the same decoder that sees all tokens at once, and their layers.
#include "calibrate.h"
#include "datapath.h"
#include "small_llama.h"
#include <math.h>

enum { TOKENS = 9 };

static void draw_ids(int64_t *ids, int num)
{
    rng random = {3};
    for (int i = 0; i < num; i++)
        ids[i] = rng_int(&random, 0, SMALL_LLAMA_WORDS - 1);
}

static void assert_close(const float *a, const float *b, int num)
{
    for (int i = 0; i < num; i++)
        ck_assert_msg(fabsf(a[i] - b[i]) < 2e-5f, "%d: %g, not %g", i, (double)a[i], (double)b[i]);
}

// Logits of all tokens at once.
static void whole_prompt(float *logits, const igq_llama_shape *like, const int64_t *ids)
{
    igq_llama_shape shape = *like;
    shape.prefill_tokens = TOKENS;
    shape.decode_tokens = shape.causal_block = 0;
    llama_pass pass = llama_pass_new(&shape);
    memcpy(logits, llama_pass_run(&pass, ids, 0), sizeof(float) * TOKENS * SMALL_LLAMA_WORDS);
    llama_pass_free(&pass);
}

START_TEST(decoding_gives_what_the_whole_prompt_gives)
{
    igq_llama_shape shape = small_llama;
    int64_t ids[TOKENS];
    float whole[TOKENS * SMALL_LLAMA_WORDS];
    draw_ids(ids, TOKENS);
    shape.style = _i < 18 ? IGQ_DECODER_LLAMA : IGQ_DECODER_GPT2;
    shape.rotary_pairs = _i % 2 ? IGQ_ROTARY_NEIGHBOURS : IGQ_ROTARY_HALVES;
    shape.tied = _i % 3 == 0;
    shape.kv_heads = _i % 4 == 1 || _i >= 18 ? 6 : _i % 4 == 2 ? 1 : 2;
    whole_prompt(whole, &shape, ids);
    shape.prefill_tokens = 1 + _i % TOKENS;
    shape.decode_tokens = TOKENS - shape.prefill_tokens;
    shape.causal_block = _i % 5;
    shape.logits = _i % 2 ? IGQ_LOGITS_LAST : IGQ_LOGITS_ALL;
    llama_pass pass = llama_pass_new(&shape);
    int rows = igq_llama_logit_rows(&shape);
    ck_assert_int_eq(rows, shape.logits == IGQ_LOGITS_ALL ? TOKENS : 1 + shape.decode_tokens);
    assert_close(llama_pass_run(&pass, ids, 0), whole + (TOKENS - rows) * SMALL_LLAMA_WORDS, rows * SMALL_LLAMA_WORDS);
    llama_pass_free(&pass);
}
END_TEST

START_TEST(a_token_does_not_see_those_behind_it)
{
    int64_t ids[TOKENS];
    float before[TOKENS * SMALL_LLAMA_WORDS], after[TOKENS * SMALL_LLAMA_WORDS];
    draw_ids(ids, TOKENS);
    whole_prompt(before, &small_llama, ids);
    ids[5] = (ids[5] + 1) % SMALL_LLAMA_WORDS;
    whole_prompt(after, &small_llama, ids);
    ck_assert_mem_eq(before, after, sizeof(float) * 5 * SMALL_LLAMA_WORDS);
    ck_assert_mem_ne(before + 5 * SMALL_LLAMA_WORDS, after + 5 * SMALL_LLAMA_WORDS, sizeof(float) * SMALL_LLAMA_WORDS);
}
END_TEST

// The text of the likeliest tokens, given back to the decoder that is told what to read, has the same logits.
START_TEST(greedy_text_is_that_of_the_likeliest_tokens)
{
    igq_llama_shape shape = small_llama;
    int64_t ids[TOKENS];
    float whole[TOKENS * SMALL_LLAMA_WORDS];
    draw_ids(ids, TOKENS);
    shape.prefill_tokens = 2;
    shape.decode_tokens = TOKENS - 2;
    shape.text = IGQ_TEXT_GREEDY;
    ck_assert_int_eq(igq_llama_given_tokens(&shape), 2);
    llama_pass pass = llama_pass_new(&shape);
    memcpy(ids, llama_pass_run(&pass, ids, 1), sizeof ids);
    whole_prompt(whole, &shape, ids);
    assert_close(igq_executor_output(pass.executor, 0), whole, TOKENS * SMALL_LLAMA_WORDS);
    for (int t = 2; t < TOKENS; t++)
        for (int word = 0; word < SMALL_LLAMA_WORDS; word++)
            ck_assert(whole[(t - 1) * SMALL_LLAMA_WORDS + word] <= whole[(t - 1) * SMALL_LLAMA_WORDS + ids[t]] + 1e-5f);
    llama_pass_free(&pass);
}
END_TEST

START_TEST(layers_of_later_tokens_are_like_those_of_the_prompt)
{
    igq_llama_shape shape = small_llama;
    shape.decode_tokens = 3;
    shape.causal_block = 4; // of 9: parts of 4, 4 and 1
    llama_pass pass = llama_pass_new(&shape);
    const igq_network *network = pass.products->network;
    const igq_layer *layer = network->layer;
    int prompt = shape.depth * (4 + 2 * 3) + 1, token = shape.depth * (4 + 2) + 1;
    ck_assert_int_eq(network->num_layers, prompt + 3 * token);
    for (int k = 0; k < network->num_layers; k++) {
        ck_assert_int_eq(layer[k].step, k < prompt ? 0 : 1 + (k - prompt) / token);
        int shares_qkv = layer[k].attention >= 0 && strstr(layer[k].name, ".2") == NULL;
        ck_assert_int_eq(layer[k].like >= 0, layer[k].step > 0 || shares_qkv);
        if (layer[k].like >= 0) {
            const igq_layer *like = &layer[layer[k].like];
            ck_assert_int_eq(like->kind, layer[k].kind);
            ck_assert_int_eq(like->block, layer[k].block);
            ck_assert_int_eq(like->step, 0);
            ck_assert_int_lt(like->like, 0);
        }
        ck_assert_int_eq(layer[k].kept_channels, layer[k].kind == IGQ_LAYER_QKV ? 16 : 0);
        ck_assert(layer[k].kind != IGQ_LAYER_QKV || layer[k].read_again);
    }
    // b0: the second part of the scores has 4 tokens of 3 queries each and 8 keys.
    ck_assert_str_eq(layer[3].name, "b0.scores.1");
    ck_assert_int_eq(layer[3].T, 12);
    ck_assert_int_eq(layer[3].O, 8);
    ck_assert_int_eq(layer[3].products, 2);
    ck_assert_int_eq(layer[3].keys_from, 0);
    ck_assert_int_eq(layer[0].post_op, IGQ_VECTOR_OP_ROTARY);
    // t3: a token reads the keys of all twelve.
    const igq_layer *last = &layer[prompt + 2 * token + 1];
    ck_assert_str_eq(last->name, "t3.b0.scores");
    ck_assert_int_eq(last->T, 3);
    ck_assert_int_eq(last->O, 12);
    llama_pass_free(&pass);
}
END_TEST

// A decoder of one block whose MLP and attention give nothing: the logits follow from LayerNorm of word and position.
START_TEST(a_gpt2_adds_positions_and_has_layer_norm)
{
    const igq_llama_shape shape = {.style = IGQ_DECODER_GPT2,
                                   .vocabulary = 3,
                                   .dim = 2,
                                   .depth = 1,
                                   .heads = 1,
                                   .kv_heads = 1,
                                   .mlp_dim = 2,
                                   .prefill_tokens = 1,
                                   .decode_tokens = 1,
                                   .tied = 1,
                                   .logits = IGQ_LOGITS_ALL};
    static const float words[6] = {1, 2, 3, -1, 0, 5}, positions[4] = {0, 0, 1, -1}, ones[6] = {1, 1, 1, 1, 1, 1};
    static const float nothing[16] = {0};
    const int64_t ids[2] = {1, 0};
    llama_pass pass = llama_pass_new(&shape);
    for (int v = 0; v < pass.graph->num_values; v++) {
        igq_value *value = &pass.graph->value[v];
        if (*value->name == '\0' || !value->is_constant)
            continue;
        value->data = strcmp(value->name, "wte.weight") == 0      ? words
                      : strcmp(value->name, "wpe.weight[0]") == 0 ? positions
                      : strcmp(value->name, "ln_f.weight") == 0   ? ones
                                                                  : nothing;
    }
    igq_products_free(pass.products);
    igq_executor_free(pass.executor);
    igq_fp32_engine_free(pass.fp32);
    pass.products = igq_products_of(pass.graph);
    pass.executor = igq_executor_new(pass.products);
    pass.fp32 = igq_fp32_engine_new(pass.products, NULL);
    const float *logits = llama_pass_run(&pass, ids, 0);
    // Token 0: (3, -1) normalized is (1, -1). Token 1: (1, 2) + (1, -1) = (2, 1), the same.
    static const float wanted[6] = {-1, 4, -5, -1, 4, -5};
    assert_close(logits, wanted, 6);
    llama_pass_free(&pass);
}
END_TEST

// On the datapath, a channel of a decoded token has its value as its range, or all that it has been.
START_TEST(ranges_of_decoded_tokens_are_their_own_or_running)
{
    igq_llama_shape shape = small_llama;
    int64_t ids[TOKENS];
    draw_ids(ids, TOKENS);
    shape.prefill_tokens = 5;
    shape.decode_tokens = TOKENS - 5;
    shape.decode_ranges = _i ? IGQ_DECODE_RANGES_RUNNING : IGQ_DECODE_RANGES_TOKEN;
    llama_pass pass = llama_pass_new(&shape);
    const igq_network *network = pass.products->network;
    igq_real_instance *real = igq_real_instance_new(network);
    igq_range_collector collector = {.instance = real};
    const igq_observer observer = igq_range_collector_observer(&collector);
    igq_fp32_engine_free(pass.fp32);
    pass.fp32 = igq_fp32_engine_new(pass.products, &observer);
    llama_pass_run(&pass, ids, 0);
    const igq_calibrate_cfg cfg = {
        .num_groups = 4, .act_bits = 8, .weight_bits = 8, .attn_bits = 8, .edge_bits = 8, .max_iterations = 20};
    igq_calibration *calibration = igq_calibrate(network, &real, 1, &cfg);
    const igq_scheme_cfg scheme = {.scheme = IGQ_SCHEME_IGQ, .num_groups = 4, .group_scale_bits = 8, .acc_bits = 32};
    igq_datapath *datapath = igq_datapath_new(pass.products, calibration, &scheme, NULL);
    igq_instance *instance = igq_instance_new(network);
    ck_assert(datapath && instance);
    const igq_engine engine = igq_datapath_engine(datapath, instance);
    const void *const inputs[] = {ids};
    igq_execute(pass.executor, &engine, inputs);
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        int joins = _i && layer->step > 0 && igq_layer_kind_is_grouped(layer->kind);
        ck_assert_int_eq(layer->ranges_from >= 0, joins);
        if (layer->linear < 0 || layer->step == 0)
            continue;
        const igq_range *range = &instance->linear[layer->linear];
        for (int c = 0; c < layer->C && !joins; c++)
            ck_assert_int_eq(range->lo[c], range->hi[c]);
        if (!joins)
            continue;
        const igq_layer *before = &network->layer[layer->ranges_from];
        const igq_range *earlier = &instance->linear[before->linear];
        ck_assert_int_eq(before->step, layer->step - 1);
        ck_assert_int_eq(before->step == 0 ? layer->ranges_from : before->like, layer->like);
        for (int c = 0; c < layer->C; c++)
            ck_assert(range->lo[c] <= earlier->lo[c] && range->hi[c] >= earlier->hi[c]);
    }
    igq_instance_free(instance);
    igq_datapath_free(datapath);
    igq_calibration_free(calibration);
    igq_real_instance_free(real);
    llama_pass_free(&pass);
}
END_TEST

START_TEST(causal_blocks_leave_out_what_lies_behind_them)
{
    for (int size = 0; size <= TOKENS; size++) {
        igq_llama_shape shape = small_llama;
        uint64_t macs[2] = {0};
        for (int i = 0; i < 2; i++) {
            shape.causal_block = i ? size : 0;
            llama_pass pass = llama_pass_new(&shape);
            for (int k = 0; k < pass.products->network->num_layers; k++)
                macs[i] += igq_layer_macs(&pass.products->network->layer[k]);
            llama_pass_free(&pass);
        }
        igq_causal_macs causal = igq_llama_causal_macs(&shape);
        ck_assert_uint_eq(macs[0] - macs[1], causal.skipped);
        ck_assert_uint_eq(causal.masked, 2u * 24 * 2 * (TOKENS * (TOKENS - 1) / 2));
        ck_assert(causal.skipped == causal.masked || size != 1);
        ck_assert(causal.skipped == 0 || (size > 0 && size < TOKENS));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("llama");
    TCase *tests = tcase_create("llama");
    tcase_add_loop_test(tests, decoding_gives_what_the_whole_prompt_gives, 0, 27);
    tcase_add_test(tests, a_token_does_not_see_those_behind_it);
    tcase_add_test(tests, greedy_text_is_that_of_the_likeliest_tokens);
    tcase_add_test(tests, layers_of_later_tokens_are_like_those_of_the_prompt);
    tcase_add_test(tests, a_gpt2_adds_positions_and_has_layer_norm);
    tcase_add_loop_test(tests, ranges_of_decoded_tokens_are_their_own_or_running, 0, 2);
    tcase_add_test(tests, causal_blocks_leave_out_what_lies_behind_them);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
