// SPDX-License-Identifier: Apache-2.0
// A better machine is not slower (docs/timing.md, "Bounds", says where that is not so and why).
#include "machine.h"
#include "random_machine.h"
#include "sc_main.h"
#include <check.h>

enum { NUM_MACHINES = 1000, GROUPS = 4 };

typedef struct run_time {
    uint64_t cycles;
    uint64_t row_conflict_cycles;
} run_time;

static run_time time_of(const igq_accelerator *machine, const igq_jobs *jobs)
{
    igq_job_result *results = calloc((size_t)jobs->num_jobs, sizeof *results);
    run_time time = {0};
    igq_machine_run(results, machine, jobs->job, jobs->num_jobs, IGQ_ASSIGN_MODEL_C);
    for (int j = 0; j < jobs->num_jobs; j++) {
        time.cycles += results[j].cycles;
        time.row_conflict_cycles += results[j].cause_cycles[IGQ_CAUSE_ROW_CONFLICT];
    }
    free(results);
    return time;
}

typedef void (*change)(igq_accelerator *machine);
typedef struct comparison {
    int ran, slower;
    double worst; // share of its cycles that a run lost
    int more_conflicts;
} comparison;

// Runs random machines and networks as they are and with the change.
static comparison compare(change improve, uint64_t seed)
{
    rng random = {.state = seed};
    comparison sum = {0};
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        igq_accelerator machine = random_machine(GROUPS, &random);
        test_network network;
        test_network_init(&network, &shape, GROUPS, rng_int(&random, 2, 8), (uint64_t)i);
        igq_jobs *jobs = test_network_jobs(&network, &machine);
        char message[256];
        if (igq_machine_check(message, sizeof message, &machine, jobs->job, jobs->num_jobs) == 0) {
            run_time before = time_of(&machine, jobs);
            improve(&machine);
            run_time after = time_of(&machine, jobs);
            double lost = ((double)after.cycles - (double)before.cycles) / (double)before.cycles;
            sum.ran++;
            sum.slower += after.cycles > before.cycles;
            sum.more_conflicts += after.row_conflict_cycles > before.row_conflict_cycles;
            sum.worst = lost > sum.worst ? lost : sum.worst;
        }
        igq_jobs_free(jobs);
        test_network_free(&network);
    }
    ck_assert_int_gt(sum.ran, NUM_MACHINES / 2);
    return sum;
}

static void double_bandwidth(igq_accelerator *machine)
{
    machine->dram.bandwidth_bytes_per_cycle *= 2;
}
static void deepen_queue(igq_accelerator *machine)
{
    machine->row_selector.queue_depth += 3;
}
static void double_range_lanes(igq_accelerator *machine)
{
    machine->group_assignment.range_lanes *= 2;
}
static void double_distance_lanes(igq_accelerator *machine)
{
    machine->group_assignment.distance_lanes *= 2;
}
static void double_banks(igq_accelerator *machine)
{
    machine->row_selector.num_banks *= 2;
}
static void add_port(igq_accelerator *machine)
{
    machine->row_selector.ports_per_bank++;
}

START_TEST(more_bandwidth_never_costs_cycles)
{
    ck_assert_int_eq(compare(double_bandwidth, 21).slower, 0);
}
END_TEST

START_TEST(deeper_queues_never_cost_cycles)
{
    ck_assert_int_eq(compare(deepen_queue, 22).slower, 0);
}
END_TEST

START_TEST(wider_assignment_never_costs_cycles)
{
    ck_assert_int_eq(compare(double_range_lanes, 23).slower, 0);
    ck_assert_int_eq(compare(double_distance_lanes, 24).slower, 0);
}
END_TEST

START_TEST(more_banks_and_ports_never_add_conflicts)
{
    comparison banks = compare(double_banks, 21), ports = compare(add_port, 21);
    ck_assert_int_eq(banks.more_conflicts, 0);
    ck_assert_int_eq(ports.more_conflicts, 0);
    // A prefetch that starts sooner may hold the bus when a store wants it.
    ck_assert_int_le(banks.slower, NUM_MACHINES / 100);
    ck_assert_int_le(ports.slower, NUM_MACHINES / 100);
    ck_assert_double_le(banks.worst, 0.04);
    ck_assert_double_le(ports.worst, 0.04);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("monotonic");
    TCase *monotonic = tcase_create("monotonic");
    tcase_add_test(monotonic, more_bandwidth_never_costs_cycles);
    tcase_add_test(monotonic, deeper_queues_never_cost_cycles);
    tcase_add_test(monotonic, wider_assignment_never_costs_cycles);
    tcase_add_test(monotonic, more_banks_and_ports_never_add_conflicts);
    suite_add_tcase(suite, monotonic);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
