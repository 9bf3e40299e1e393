// SPDX-License-Identifier: Apache-2.0
// Small machines and layers worked out by hand, to the cycle.
#include "machine.h"
#include "machine_check.h"
#include "random_machine.h"
#include "sc_main.h"
#include "small_layer.h"
#include "stall.h"
#include <string.h>
#include "../suite.h"

static igq_job_result run_one(const igq_accelerator *machine, const igq_job *job)
{
    igq_job_result result;
    char message[256] = "";
    ck_assert_msg(igq_machine_check(message, sizeof message, machine, job, 1) == 0, "%s", message);
    igq_machine_run(&result, machine, job, 1, IGQ_ASSIGN_MODEL_C);
    return result;
}

// All tokens and two outputs.
static const igq_tiling_cfg tiles_of_two = {IGQ_TILING_CHOICE_FIXED,     2, 2, IGQ_LOOP_WEIGHTS_OUTER, 1, 0,
                                            IGQ_TILING_OBJECTIVE_CYCLES, 0};

START_TEST(shared_layer_of_one_tile_worked_by_hand)
{
    // Activations 2*6*2 = 24 bytes: bus 0-6, there at 16. Weights 2*6*4/8 = 6 bytes, 8 on the bus: 6-8, there at 18.
    // Tile 18-35 (17 cycles: 8 compute, 2 conflict, 2 rescale, 5 drain). Vector unit: 4 values on 2 lanes + 1 = 35-38.
    // Store of 8 bytes 38-40.
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    machine.tiling = tiles_of_two;
    small_layer small;
    small_layer_init(&small, 2, 6, 2, 4, 2, (const int[]){0, 1, 0, 1, 0, 1});
    igq_job_result result = run_one(&machine, &small.job);
    ck_assert_uint_eq(result.cycles, 40);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_ACTIVATIONS], 16);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_WEIGHTS], 2);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_COMPUTE], 6);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_PADDING], 2);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_ROW_CONFLICT], 2);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_RESCALE], 2);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_DRAIN], 5);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_VECTOR_UNIT], 3);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_STORES], 2);
    ck_assert_uint_eq(result.dram_read_bytes, 24 + 8);
    ck_assert_uint_eq(result.dram_write_bytes, 8);
    ck_assert_uint_eq(result.compute_bound_cycles, 6);
}
END_TEST

START_TEST(per_group_layer_of_one_tile_worked_by_hand)
{
    // Operands as above: there at 16 and 18. Tile of 11 cycles 18-29, vector unit 29-32, store 32-34.
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_PER_GROUP);
    machine.mac_array.num_arrays = 2;
    machine.post_processing.lanes = 4;
    small_layer small;
    small_layer_init(&small, 2, 6, 2, 4, 2, (const int[]){0, 0, 0, 0, 1, 1});
    igq_job_result result = run_one(&machine, &small.job);
    ck_assert_uint_eq(result.cycles, 34);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_COMPUTE], 3);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_FULLEST_GROUP], 1);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_DRAIN], 5);
}
END_TEST

START_TEST(temporal_layer_of_one_tile_worked_by_hand)
{
    // Activations 3*3*2 = 18 bytes, 20 on the bus: 0-5, there at 15. Weights 2*3*4/8 = 3 bytes, 4 on the bus: 5-6,
    // there at 16. Tile of 19 cycles 16-35, vector unit 6 values: 35-39, store of 12 bytes 39-42.
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_TEMPORAL);
    machine.scheme.group_scale = IGQ_GROUP_SCALE_POW2;
    machine.mac_array.vector_length = 1;
    machine.mac_array.token_rows = 2;
    machine.mac_array.accumulator_sets = 2;
    machine.mac_array.rescale_cycles = 1;
    small_layer small;
    small_layer_init(&small, 3, 3, 2, 8, 2, (const int[]){0, 1, 0});
    igq_job_result result = run_one(&machine, &small.job);
    ck_assert_uint_eq(result.cycles, 42);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_COMPUTE], 9);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_EDGE], 3);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_RESCALE], 2);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_DRAIN], 4);
}
END_TEST

START_TEST(layer_norm_over_rows_in_two_tiles_worked_by_hand)
{
    // The shared layer above with 4 outputs in two tiles, residual (1 pass) and LayerNorm (2 passes). DRAM bus:
    //   activations 0-6 (there at 16), weights 6-8 (18) and 8-10 (20), residual tiles of 8 bytes when a tile gets its
    //   output slot: 18-20 (30) and 35-37 (47)
    // Tiles 18-35 and 35-52. Vector unit: residual of 4 values on 2 lanes 35-38 and 52-55, stored 38-40 and 55-57; then
    // the rows: 2 passes of 8 values 55-64. Their 16 bytes are stored 64-68.
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    machine.tiling = tiles_of_two;
    machine.output_buffer.capacity_bytes = 2 * (8 + 8);
    machine.vector_unit.residual_passes = 1;
    machine.vector_unit.layer_norm_passes = 2;
    small_layer small;
    small_layer_init(&small, 2, 6, 4, 4, 2, (const int[]){0, 1, 0, 1, 0, 1});
    small.layer.post_op = IGQ_VECTOR_OP_LAYER_NORM;
    small.layer.residual = 1;
    igq_job_result result = run_one(&machine, &small.job);
    ck_assert_uint_eq(result.cycles, 68);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_DRAIN], 5 + 5);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_VECTOR_UNIT], 3 + 9);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_STORES], 4);
    ck_assert_uint_eq(result.traffic_bytes[IGQ_TRAFFIC_RESIDUAL_WRITE], 8 + 8);
    ck_assert_uint_eq(result.traffic_bytes[IGQ_TRAFFIC_OUTPUTS_WRITE], 16);
    ck_assert_uint_eq(result.dram_read_bytes, 24 + 8 + 8 + 8 + 8);
    ck_assert_uint_eq(result.dram_write_bytes, 8 + 8 + 16);
}
END_TEST

// Even channels are narrow, odd ones wide.
static const int16_t channel_lo[] = {-9, -99, -10, -90, -11, -80}, channel_hi[] = {9, 99, 10, 90, 11, 80};
static const int16_t group_lower[] = {-10, -95}, group_upper[] = {10, 95};

static void assign_nearest(igq_job *job)
{
    job->assign = IGQ_ASSIGN_NEAREST;
    job->assign_members = job->layer->C;
    job->assign_observations = job->layer->T;
    job->num_groups = 2;
    job->lo = channel_lo;
    job->hi = channel_hi;
    job->lower = group_lower;
    job->upper = group_upper;
}

START_TEST(assignment_of_the_first_layer_is_waited_for)
{
    // The range pass has the bus first: its 24 bytes 0-6, there at 16. Ranges 2*ceil(6/2) = 6 cycles to 22, scores
    // ceil(6/3)+4 = 6 to 28, lists 6 to 34. Activations (22) and weights (24) are there by then. Tile 34-51, as in the
    // shared layer above since the lists are the same, vector unit and store to 56.
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    small_layer small;
    small_layer_init(&small, 2, 6, 2, 4, 2, (const int[]){0, 0, 0, 0, 0, 0});
    assign_nearest(&small.job);
    igq_job_result result = run_one(&machine, &small.job);
    for (int c = 0; c < 6; c++)
        ck_assert_int_eq(small.grouping.group[c], c % 2);
    ck_assert_int_eq(small.grouping.start[1], 3);
    ck_assert_int_eq(small.grouping.channel[1], 2);
    ck_assert_uint_eq(result.cycles, 56);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_ASSIGNMENT], 34);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_ACTIVATIONS], 0);
    ck_assert_uint_eq(result.assign_cycles, 6 + 6 + 6);
    ck_assert_uint_eq(result.assign_hidden_cycles, 0);
    ck_assert_uint_eq(result.dram_read_bytes, 24 + 24 + 8);
}
END_TEST

START_TEST(elastic_layer_is_dealt_its_slices_first)
{
    // Lists as above at 34, then 3 slices are dealt, one a cycle: 37. Lists of 2 vectors each; list 0 gets two slices.
    //   slice 0: {0,2}   slice 1: {4}   slice 2: {1,3} {5}
    //   reads of banks 0 and 1: step 0: 0,2,4 and 1,3 = 3 cycles, step 1: 5 = 1 cycle
    //   gather   0-3  3-4
    //   compute  3-5  5-7
    //   hand-over     5-9 (slices 0 and 1, 8 sums, 2 lanes)  9-11 (slice 2), then 3 cycles: 14
    // Tile 37-51, vector unit 54, store 56. Of 4 x 12 slots 24 are useful (2 cycles), 8 padding (0), 16 idle (1).
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_ELASTIC);
    machine.tiling = tiles_of_two;
    machine.mac_array.num_arrays = 3;
    small_layer small;
    small_layer_init(&small, 2, 6, 2, 4, 2, (const int[]){0, 0, 0, 0, 0, 0});
    assign_nearest(&small.job);
    igq_job_result result = run_one(&machine, &small.job);
    ck_assert_uint_eq(result.cycles, 56);
    ck_assert_uint_eq(result.assign_cycles, 6 + 6 + 6 + 3);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_ASSIGNMENT], 37);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_ROW_CONFLICT], 3);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_COMPUTE], 2);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_PADDING], 0);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_FULLEST_GROUP], 1);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_EDGE], 1);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_DRAIN], 7);
}
END_TEST

// Cycles that the second of two layers waits for its assignment; the first writes its 2 x 6 activations in `pieces`
// pieces.
static uint64_t assignment_wait(igq_range_source source, int pieces)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    machine.group_assignment.range_source = source;
    machine.activation_buffer.capacity_bytes = 200;
    machine.tiling = (igq_tiling_cfg){IGQ_TILING_CHOICE_FIXED,     2, 6 / pieces, IGQ_LOOP_WEIGHTS_OUTER, 1, 0,
                                      IGQ_TILING_OBJECTIVE_CYCLES, 0};
    small_layer first, second;
    small_layer_init(&first, 2, 6, 6, 4, 1, (const int[6]){0});
    small_layer_init(&second, 2, 6, 2, 4, 2, (const int[6]){0});
    assign_nearest(&second.job);
    second.job.acts_from_job = 0;
    second.job.layer_index = 1;
    igq_job jobs[2] = {first.job, second.job};
    igq_job_result results[2];
    char message[256] = "";
    ck_assert_msg(igq_machine_check(message, sizeof message, &machine, jobs, 2) == 0, "%s", message);
    igq_machine_run(results, &machine, jobs, 2, IGQ_ASSIGN_MODEL_C);
    ck_assert_uint_eq(results[1].assign_cycles, 18);
    ck_assert_uint_eq(results[1].assign_hidden_cycles, 18 - results[1].cause_cycles[IGQ_CAUSE_ASSIGNMENT]);
    return results[1].cause_cycles[IGQ_CAUSE_ASSIGNMENT];
}

START_TEST(a_model_that_is_wrong_is_an_error_and_the_next_run_is_right)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    small_layer small;
    small_layer_init(&small, 2, 6, 2, 4, 2, (const int[]){0, 1, 0, 1, 0, 1});
    uint64_t cycles = run_one(&machine, &small.job).cycles;
    igq_job stuck = small.job;
    igq_job_plan plan, less;
    igq_job_result result;
    igq_error error = {0};
    char message[256];
    ck_assert_int_eq(igq_plan_jobs(&plan, message, sizeof message, &machine, &small.job, 1), 0);
    less = plan;
    less.read_bytes -= 8;
    stuck.acts_from_job = 0; // waits for itself
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(igq_machine_run_planned(&result, NULL, &machine, &stuck, &plan, 1, IGQ_ASSIGN_MODEL_C, &error),
                         IGQ_INTERNAL_ERROR);
        ck_assert_str_eq(error.message, "internal error: machine: the blocks wait for one another");
        ck_assert_uint_eq(run_one(&machine, &small.job).cycles, cycles);
        ck_assert_int_eq(
            igq_machine_run_planned(&result, NULL, &machine, &small.job, &less, 1, IGQ_ASSIGN_MODEL_C, &error),
            IGQ_INTERNAL_ERROR);
        ck_assert_ptr_nonnull(strstr(error.message, "DRAM traffic differs from its closed form"));
        ck_assert_uint_eq(run_one(&machine, &small.job).cycles, cycles);
    }
}
END_TEST

START_TEST(listening_to_the_write_back_hides_ranges)
{
    // A pass after the write-back is seen in full: 6 + 6 + 6. Listening to one piece begins at the same time. Of three
    // pieces, only the last third of the range phase is left when the activations are written.
    ck_assert_uint_eq(assignment_wait(IGQ_RANGE_SOURCE_PASS, 1), 18);
    ck_assert_uint_eq(assignment_wait(IGQ_RANGE_SOURCE_WRITEBACK, 1), 18);
    ck_assert_uint_eq(assignment_wait(IGQ_RANGE_SOURCE_PASS, 3), 18);
    ck_assert_uint_eq(assignment_wait(IGQ_RANGE_SOURCE_WRITEBACK, 3), 14);
}
END_TEST

START_TEST(lists_wait_in_the_index_buffer_as_far_as_it_is_deep)
{
    // Three layers that all read the image, memory without latency. Ranges are read one layer after another, 6 cycles
    // of the bus, and take 6: to 12, 24, 36. Scores take 6, lists 6: those of the first layer are there at 24, its
    // product is 24-41. With two sets the second layer's lists follow 30-36 and those of the third 42-48, when the
    // first set is free: nobody waits again. With one set each layer's 6 cycles come after the product before.
    for (int sets = 1; sets <= 2; sets++) {
        igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
        machine.group_assignment.list_sets = sets;
        machine.dram.latency_cycles = 0;
        small_layer small[3];
        igq_job jobs[3];
        igq_job_result results[3];
        char message[256] = "";
        for (int j = 0; j < 3; j++) {
            small_layer_init(&small[j], 2, 6, 2, 4, 2, (const int[6]){0});
            assign_nearest(&small[j].job);
            small[j].job.layer_index = j;
            jobs[j] = small[j].job;
        }
        ck_assert_msg(igq_machine_check(message, sizeof message, &machine, jobs, 3) == 0, "%s", message);
        igq_machine_run(results, &machine, jobs, 3, IGQ_ASSIGN_MODEL_C);
        ck_assert_uint_eq(results[0].cause_cycles[IGQ_CAUSE_ASSIGNMENT], 24);
        for (int j = 1; j < 3; j++)
            ck_assert_uint_eq(results[j].cause_cycles[IGQ_CAUSE_ASSIGNMENT], sets == 1 ? 6 : 0);
    }
}
END_TEST

START_TEST(urgent_ports_of_the_bus_go_first_whoever_asked_first)
{
    // Both operands are asked for at cycle 0: the activations win although both are there only after the second
    // transfer.
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    machine.tiling = tiles_of_two;
    machine.dram.latency_cycles = 0;
    small_layer small;
    small_layer_init(&small, 2, 6, 2, 4, 1, (const int[6]){0});
    igq_job_result result = run_one(&machine, &small.job);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_ACTIVATIONS], 6);
    ck_assert_uint_eq(result.cause_cycles[IGQ_CAUSE_WEIGHTS], 2);
}
END_TEST

START_TEST(runs_in_one_process_do_not_see_each_other)
{
    enum { NUM = 12 };
    igq_accelerator machine[NUM];
    test_network network[NUM];
    igq_jobs *jobs[NUM];
    igq_job_result *first[NUM];
    rng random = {.state = 31};
    char message[256];
    for (int i = 0; i < NUM; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        test_network_init(&network[i], &shape, 4, 4, (uint64_t)i);
        do {
            machine[i] = random_machine(4, &random);
            jobs[i] = test_network_jobs(&network[i], &machine[i]);
        } while (igq_machine_check(message, sizeof message, &machine[i], jobs[i]->job, jobs[i]->num_jobs) != 0 &&
                 (igq_jobs_free(jobs[i]), 1));
        first[i] = calloc((size_t)jobs[i]->num_jobs, sizeof *first[i]);
        igq_machine_run(first[i], &machine[i], jobs[i]->job, jobs[i]->num_jobs, IGQ_ASSIGN_MODEL_C);
    }
    for (int i = NUM - 1; i >= 0; i--) { // in another order
        igq_job_result *again = calloc((size_t)jobs[i]->num_jobs, sizeof *again);
        igq_machine_run(again, &machine[i], jobs[i]->job, jobs[i]->num_jobs, IGQ_ASSIGN_MODEL_C);
        ck_assert_mem_eq(first[i], again, (size_t)jobs[i]->num_jobs * sizeof *again);
        free(again);
        free(first[i]);
        igq_jobs_free(jobs[i]);
        test_network_free(&network[i]);
    }
}
END_TEST

START_TEST(impossible_machines_are_refused_by_name)
{
    small_layer small;
    small_layer_init(&small, 2, 6, 2, 4, 2, (const int[]){0, 1, 0, 1, 0, 1});
    const struct {
        size_t offset;
        int value;
        const char *key;
    } faults[] = {
        {offsetof(igq_accelerator, weight_buffer.capacity_bytes), 3, "weight_buffer: layer small needs 4 bytes"},
        {offsetof(igq_accelerator, activation_buffer.capacity_bytes), 7,
         "activation_buffer: layer small needs 8 bytes"},
        {offsetof(igq_accelerator, output_buffer.capacity_bytes), 7, "output_buffer: layer small needs 8 bytes"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
        char message[256] = "";
        ck_assert_int_eq(igq_machine_check(message, sizeof message, &machine, &small.job, 1), 0);
        memcpy((char *)&machine + faults[i].offset, &faults[i].value, sizeof faults[i].value);
        ck_assert_int_eq(igq_machine_check(message, sizeof message, &machine, &small.job, 1), 1);
        ck_assert_msg(strncmp(message, faults[i].key, strlen(faults[i].key)) == 0, "%s", message);
    }
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_PER_GROUP);
    char message[256] = "";
    ck_assert_int_eq(igq_machine_check(message, sizeof message, &machine, &small.job, 1), 1);
    ck_assert_str_eq(message, "mac_array.num_arrays: layer small has 2 groups, per_group has an array for 1 of them");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("machine");
    TCase *by_hand = tcase_create("worked by hand");
    tcase_add_test(by_hand, shared_layer_of_one_tile_worked_by_hand);
    tcase_add_test(by_hand, per_group_layer_of_one_tile_worked_by_hand);
    tcase_add_test(by_hand, temporal_layer_of_one_tile_worked_by_hand);
    tcase_add_test(by_hand, layer_norm_over_rows_in_two_tiles_worked_by_hand);
    tcase_add_test(by_hand, assignment_of_the_first_layer_is_waited_for);
    tcase_add_test(by_hand, elastic_layer_is_dealt_its_slices_first);
#ifndef __SANITIZE_ADDRESS__ // it takes the stacks of SystemC's threads for this one's when an exception leaves them
    tcase_add_test(by_hand, a_model_that_is_wrong_is_an_error_and_the_next_run_is_right);
#else
    (void)a_model_that_is_wrong_is_an_error_and_the_next_run_is_right;
#endif
    tcase_add_test(by_hand, listening_to_the_write_back_hides_ranges);
    tcase_add_test(by_hand, lists_wait_in_the_index_buffer_as_far_as_it_is_deep);
    tcase_add_test(by_hand, urgent_ports_of_the_bus_go_first_whoever_asked_first);
    suite_add_tcase(suite, by_hand);
    TCase *runs = tcase_create("runs");
    tcase_add_test(runs, runs_in_one_process_do_not_see_each_other);
    tcase_add_test(runs, impossible_machines_are_refused_by_name);
    suite_add_tcase(suite, runs);
    return run_suite(suite);
}
