// SPDX-License-Identifier: Apache-2.0
#include "jobs.h"
#include "detr.h"
#include "products.h"
#include "swin.h"
#include "../timing/network.h"
#include <string.h>
#include "../suite.h"

static const igq_vit_shape small_shape = {.image_size = 8,
                                          .patch_size = 4,
                                          .image_channels = 3,
                                          .dim = 12,
                                          .depth = 2,
                                          .heads = 3,
                                          .mlp_dim = 24,
                                          .classes = 7,
                                          .prefix_tokens = 1,
                                          .layer_norm_epsilon = 1e-6};
enum { GROUPS = 4, TOKENS = 5 };

static igq_accelerator machine_of(igq_scheme scheme)
{
    return (igq_accelerator){.num_groups = GROUPS, .scheme = {.scheme = scheme, .num_groups = GROUPS}};
}

static int has_all_channels_once(const igq_grouping *grouping)
{
    char seen[64] = {0};
    for (int i = 0; i < grouping->C; i++)
        seen[grouping->channel[i]]++;
    for (int c = 0; c < grouping->C; c++)
        if (seen[c] != 1)
            return 0;
    return grouping->start[0] == 0 && grouping->start[grouping->G] == grouping->C;
}

START_TEST(heads_alternate_so_that_softmax_runs_behind_the_arrays)
{
    static const struct {
        const char *name;
        int head, acts_from, weights_from;
    } expected[] = {
        {"patch_embed", 0, -1, -1}, {"b0.qkv", 0, 0, -1},   {"b0.scores", 0, 1, 1},  {"b0.scores", 1, 1, 1},
        {"b0.context", 0, 2, 1},    {"b0.scores", 2, 1, 1}, {"b0.context", 1, 3, 1}, {"b0.context", 2, 5, 1},
        {"b0.proj", 0, 7, -1},      {"b0.fc1", 0, 8, -1},   {"b0.fc2", 0, 9, -1},    {"b1.qkv", 0, 10, -1},
    };
    test_network network;
    test_network_init(&network, &small_shape, GROUPS, 4, 1);
    igq_accelerator machine = machine_of(IGQ_SCHEME_IGQ);
    igq_jobs *jobs = test_network_jobs(&network, &machine);
    ck_assert_int_eq(jobs->num_jobs, 2 + 2 * (4 + 2 * 3));
    for (size_t j = 0; j < sizeof expected / sizeof *expected; j++) {
        ck_assert_str_eq(jobs->job[j].layer->name, expected[j].name);
        ck_assert_int_eq(jobs->job[j].head, expected[j].head);
        ck_assert_int_eq(jobs->job[j].acts_from_job, expected[j].acts_from);
        ck_assert_int_eq(jobs->job[j].weights_from_job, expected[j].weights_from);
        ck_assert_ptr_eq(jobs->job[j].layer, &network.network->layer[jobs->job[j].layer_index]);
    }
    igq_jobs_free(jobs);
    test_network_free(&network);
}
END_TEST

START_TEST(a_single_head_needs_no_alternation)
{
    igq_vit_shape shape = small_shape;
    shape.heads = 1;
    test_network network;
    test_network_init(&network, &shape, GROUPS, 4, 1);
    igq_accelerator machine = machine_of(IGQ_SCHEME_LAYERWISE);
    igq_jobs *jobs = test_network_jobs(&network, &machine);
    ck_assert_str_eq(jobs->job[3].layer->name, "b0.context");
    ck_assert_int_eq(jobs->job[3].acts_from_job, 2);
    ck_assert_str_eq(jobs->job[4].layer->name, "b0.proj");
    ck_assert_int_eq(jobs->job[4].acts_from_job, 3);
    igq_jobs_free(jobs);
    test_network_free(&network);
}
END_TEST

START_TEST(igq_leaves_channels_and_rows_to_the_module)
{
    test_network network;
    test_network_init(&network, &small_shape, GROUPS, 4, 1);
    igq_accelerator machine = machine_of(IGQ_SCHEME_IGQ);
    igq_jobs *jobs = test_network_jobs(&network, &machine);
    for (int j = 0; j < jobs->num_jobs; j++) {
        const igq_job *job = &jobs->job[j];
        switch (job->layer->kind) {
        case IGQ_LAYER_PATCH_EMBED:
        case IGQ_LAYER_HEAD:
        case IGQ_LAYER_SCORES: // one static list
            ck_assert_int_eq(job->assign, IGQ_ASSIGN_NONE);
            ck_assert_int_eq(job->grouping->G, 1);
            ck_assert(has_all_channels_once(job->grouping));
            break;
        case IGQ_LAYER_CONTEXT: // rows are grouped, channels are not
            ck_assert_int_eq(job->assign, IGQ_ASSIGN_NEAREST);
            ck_assert_int_eq(job->assign_members, TOKENS);
            ck_assert_int_eq(job->assign_observations, TOKENS);
            ck_assert_ptr_eq(job->lo, network.instance->softmax[job->layer->block * 3 + job->head].lo);
            ck_assert_ptr_ne(job->assigned, job->grouping->group);
            ck_assert_int_eq(job->grouping->G, 1);
            ck_assert(has_all_channels_once(job->grouping));
            break;
        default:
            ck_assert_int_eq(job->assign, IGQ_ASSIGN_NEAREST);
            ck_assert_int_eq(job->assign_members, job->layer->C);
            ck_assert_int_eq(job->assign_observations, TOKENS);
            ck_assert_int_eq(job->num_groups, GROUPS);
            ck_assert_int_eq(job->grouping->G, GROUPS);
            ck_assert_ptr_eq(job->assigned, job->grouping->group);
        }
    }
    igq_jobs_free(jobs);
    test_network_free(&network);
}
END_TEST

START_TEST(static_schemes_bring_their_lists)
{
    static const struct {
        igq_scheme scheme;
        igq_assign_kind assign;
        int groups_of_qkv;
    } expected[] = {
        {IGQ_SCHEME_LAYERWISE, IGQ_ASSIGN_NONE, 1},      {IGQ_SCHEME_CONSECUTIVE, IGQ_ASSIGN_NONE, GROUPS},
        {IGQ_SCHEME_PEG, IGQ_ASSIGN_NONE, GROUPS},       {IGQ_SCHEME_VSQUANT, IGQ_ASSIGN_NONE, 1},
        {IGQ_SCHEME_CHANNELWISE, IGQ_ASSIGN_RANGES, 12},
    };
    test_network network;
    test_network_init(&network, &small_shape, GROUPS, 4, 1);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        igq_accelerator machine = machine_of(expected[i].scheme);
        igq_jobs *jobs = test_network_jobs(&network, &machine);
        const igq_job *qkv = &jobs->job[1], *context = &jobs->job[4];
        ck_assert_int_eq(qkv->assign, expected[i].assign);
        ck_assert_int_eq(context->assign, expected[i].assign);
        ck_assert_int_eq(qkv->grouping->G, expected[i].groups_of_qkv);
        for (int j = 0; j < jobs->num_jobs; j++)
            ck_assert(has_all_channels_once(jobs->job[j].grouping));
        igq_jobs_free(jobs);
    }
    test_network_free(&network);
}
END_TEST

START_TEST(bits_come_from_the_calibration)
{
    test_network network;
    test_network_init(&network, &small_shape, GROUPS, 4, 1);
    network.calibration->attn_bits = 7;
    network.calibration->linear[0].act.bits = 8;
    network.calibration->linear[1].weight_bits = 3;
    network.calibration->head[1].softmax.bits = 6;
    igq_accelerator machine = machine_of(IGQ_SCHEME_LAYERWISE);
    igq_jobs *jobs = test_network_jobs(&network, &machine);
    ck_assert_int_eq(jobs->job[0].act_bits, 8);    // patch_embed
    ck_assert_int_eq(jobs->job[1].weight_bits, 3); // b0.qkv
    ck_assert_int_eq(jobs->job[2].act_bits, 7);    // scores(0): q and k
    ck_assert_int_eq(jobs->job[2].weight_bits, 7);
    ck_assert_int_eq(jobs->job[6].act_bits, 6); // context(1): softmax and v
    ck_assert_int_eq(jobs->job[6].weight_bits, 7);
    igq_jobs_free(jobs);
    test_network_free(&network);
}
END_TEST

// A small encoder and decoder: cross attention reads what an earlier layer wrote.
START_TEST(cross_attention_reads_an_earlier_layer)
{
    const igq_detr_shape shape = {.image_height = 64,
                                  .image_width = 64,
                                  .image_channels = 3,
                                  .depth = {1, 1, 1, 1},
                                  .dim = 8,
                                  .heads = 2,
                                  .mlp_dim = 16,
                                  .encoder_depth = 1,
                                  .decoder_depth = 2,
                                  .queries = 6,
                                  .classes = 3};
    test_network network;
    test_network_of(&network, igq_network_of(igq_detr_graph(&shape)), GROUPS, 4, 1);
    igq_accelerator machine = machine_of(IGQ_SCHEME_IGQ);
    igq_jobs *jobs = test_network_jobs(&network, &machine);
    int memory = -1, keys = -1, num_cross = 0;
    for (int j = 0; j < jobs->num_jobs; j++) {
        const igq_job *job = &jobs->job[j];
        const char *name = job->layer->name;
        if (strcmp(name, "b0.fc2") == 0)
            memory = j;
        if (strcmp(name, "b1.qk") == 0)
            ck_assert_int_eq(job->acts_from_job, -1);
        if (strstr(name, ".x.k") || strstr(name, ".x.v"))
            ck_assert_int_eq(job->acts_from_job, memory);
        if (strstr(name, ".x.k"))
            keys = j;
        if (strstr(name, ".x.scores")) {
            ck_assert_int_eq(job->weights_from_job, keys);
            ck_assert_int_eq(job->acts_from_job, keys + 1); // the queries
            num_cross++;
        }
        if (strstr(name, ".x.context"))
            ck_assert_int_eq(job->weights_from_job, keys);
    }
    ck_assert_int_eq(num_cross, 2 * 2);
    igq_jobs_free(jobs);
    test_network_free(&network);
}
END_TEST

START_TEST(windows_share_the_quantizers_of_a_head)
{
    const igq_swin_shape shape = {.image_height = 8,
                                  .image_width = 6,
                                  .image_channels = 1,
                                  .patch_size = 1,
                                  .dim = 4,
                                  .depth = {1, 1, 1, 1},
                                  .head_dim = 2,
                                  .window_size = 2,
                                  .mlp_ratio = 2,
                                  .classes = 3};
    enum { HEADS = 2, WINDOWS = 12 };
    test_network network;
    test_network_of(&network, igq_network_of(igq_swin_graph(&shape)), GROUPS, 4, 1);
    igq_accelerator machine = machine_of(IGQ_SCHEME_IGQ);
    igq_jobs *jobs = test_network_jobs(&network, &machine);
    const igq_job *context = &jobs->job[4]; // patch_embed, qkv, scores, scores, context
    int num = 0;
    for (const igq_job *job = context; num < HEADS * WINDOWS; job++) {
        if (job->layer->kind != IGQ_LAYER_CONTEXT)
            continue;
        ck_assert_int_eq(job->head, num);
        ck_assert_ptr_eq(job->lo, network.instance->softmax[num].lo);
        ck_assert_ptr_eq(job->lower, network.calibration->head[num % HEADS].softmax.lower);
        num++;
    }
    igq_jobs_free(jobs);
    test_network_free(&network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jobs");
    TCase *jobs = tcase_create("jobs");
    tcase_add_test(jobs, heads_alternate_so_that_softmax_runs_behind_the_arrays);
    tcase_add_test(jobs, a_single_head_needs_no_alternation);
    tcase_add_test(jobs, igq_leaves_channels_and_rows_to_the_module);
    tcase_add_test(jobs, static_schemes_bring_their_lists);
    tcase_add_test(jobs, bits_come_from_the_calibration);
    tcase_add_test(jobs, cross_attention_reads_an_earlier_layer);
    tcase_add_test(jobs, windows_share_the_quantizers_of_a_head);
    suite_add_tcase(suite, jobs);
    return run_suite(suite);
}
