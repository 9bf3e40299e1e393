// SPDX-License-Identifier: Apache-2.0
// Tensors of DeiT-Tiny in DRAM: none meets another, tiles follow one another.
#include "dram_addresses.h"
#include "latency.h"
#include "machine_check.h"
#include "../timing/network.h"
#include "../suite.h"

static const igq_accelerator machine = {
    .name = "small",
    .clock_mhz = 500,
    .mac_organisation = IGQ_ORGANISATION_SHARED,
    .num_groups = 1,
    .scheme = {.num_groups = 1, .acc_bits = 24, .vector_length = 16},
    .mac_array = {.num_arrays = 1,
                  .lanes = 64,
                  .vector_length = 16,
                  .token_rows = 1,
                  .tokens_in_flight = 16,
                  .mac_bits = 4,
                  .acc_bits = 24,
                  .accumulator_sets = 2},
    .weight_buffer = {65536, 1},
    .activation_buffer = {65536, 1},
    .output_buffer = {32768, 1},
    .tiling = {.batch_images = 1},
    .row_selector = {32, 1, 256, 4},
    .group_assignment = {.range_lanes = 16, .distance_lanes = 4, .max_members = 3072, .list_sets = 2},
    .post_processing = {.lanes = 64},
    .vector_unit = {.lanes = 32, .layer_norm_passes = 2, .softmax_passes = 3},
    .dram = {.bandwidth_bytes_per_cycle = 16, .burst_bytes = 64}};

static test_network network;
static igq_jobs *jobs;

static void plan_deit_tiny(void)
{
    char message[1024];
    test_network_init(&network, &test_deit_tiny, 1, 4, 1);
    jobs = test_network_jobs(&network, &machine);
    ck_assert_msg(igq_jobs_plan(jobs, message, sizeof message, &machine) == 0, "%s", message);
}

static void forget(void)
{
    igq_jobs_free(jobs);
    test_network_free(&network);
}

START_TEST(weights_lie_in_the_order_of_layers)
{
    igq_dram_addresses *addresses = igq_dram_addresses_new(jobs->job, jobs->plan, jobs->num_jobs);
    uint64_t end = 0;
    ck_assert_ptr_nonnull(addresses);
    for (int j = 0; j < jobs->num_jobs; j++) {
        const igq_product *product = &jobs->plan[j].product;
        if (jobs->job[j].weights_from_job >= 0)
            continue;
        uint64_t bytes = igq_dram_burst_bytes(igq_weight_tile_bytes(product, product->O, product->C), &machine.dram);
        uint64_t address = igq_dram_next_address(addresses, j, IGQ_TRAFFIC_WEIGHTS_READ, bytes);
        ck_assert_uint_eq(address % IGQ_DRAM_TENSOR_ALIGNMENT, 0);
        ck_assert_uint_eq(address, end);
        end = igq_ceil_div(end + bytes, IGQ_DRAM_TENSOR_ALIGNMENT) * IGQ_DRAM_TENSOR_ALIGNMENT;
        // Once more: from the beginning.
        ck_assert_uint_eq(igq_dram_next_address(addresses, j, IGQ_TRAFFIC_WEIGHTS_READ, bytes), address);
    }
    ck_assert_uint_gt(end, 5000000 / 2); // 5.6 million weights of 4 bits, patch_embed and head of 8
    ck_assert_uint_lt(end, addresses->bytes);
    igq_dram_addresses_free(addresses);
}
END_TEST

START_TEST(consumers_read_where_producers_wrote)
{
    igq_dram_addresses *addresses = igq_dram_addresses_new(jobs->job, jobs->plan, jobs->num_jobs);
    int num_spilled = 0;
    for (int j = 0; j < jobs->num_jobs; j++) {
        const igq_job *job = &jobs->job[j];
        int producer = job->acts_from_job;
        if (!jobs->plan[j].product.acts_in_dram || producer < 0 || job->layer->products > 1 ||
            jobs->job[producer].layer->products > 1)
            continue;
        ck_assert_uint_eq(igq_dram_next_address(addresses, producer, IGQ_TRAFFIC_OUTPUTS_WRITE, 64),
                          igq_dram_next_address(addresses, j, IGQ_TRAFFIC_ACTIVATIONS_READ, 64));
        ck_assert_uint_eq(igq_dram_next_address(addresses, producer, IGQ_TRAFFIC_OUTPUTS_WRITE, 64) + 64,
                          igq_dram_next_address(addresses, j, IGQ_TRAFFIC_ACTIVATIONS_READ, 128) + 64);
        num_spilled++;
    }
    ck_assert_int_gt(num_spilled, 10);
    igq_dram_addresses_free(addresses);
}
END_TEST

START_TEST(the_residual_stream_stays_where_it_is)
{
    igq_dram_addresses *addresses = igq_dram_addresses_new(jobs->job, jobs->plan, jobs->num_jobs);
    uint64_t first = 0;
    int num = 0;
    for (int j = 0; j < jobs->num_jobs; j++) {
        if (!jobs->plan[j].product.residual)
            continue;
        uint64_t read = igq_dram_next_address(addresses, j, IGQ_TRAFFIC_RESIDUAL_READ, 64);
        ck_assert_uint_eq(igq_dram_next_address(addresses, j, IGQ_TRAFFIC_RESIDUAL_WRITE, 64), read);
        first = num++ == 0 ? read : first;
        ck_assert_uint_eq(read, first);
    }
    ck_assert_int_gt(num, 1);
    igq_dram_addresses_free(addresses);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dram_addresses");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, plan_deit_tiny, forget);
    tcase_add_test(core, weights_lie_in_the_order_of_layers);
    tcase_add_test(core, consumers_read_where_producers_wrote);
    tcase_add_test(core, the_residual_stream_stays_where_it_is);
    suite_add_tcase(suite, core);
    return run_suite(suite);
}
