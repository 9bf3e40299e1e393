// SPDX-License-Identifier: Apache-2.0
// A better machine is not slower; where it is, an example worked out by hand says why (docs/timing.md, "Bounds").
#include "machine.h"
#include "machine_check.h"
#include "random_machine.h"
#include "sc_main.h"
#include "small_layer.h"
#include "../suite.h"

enum { NUM_MACHINES = 1000, GROUPS = 4 };

typedef struct run_time {
    uint64_t cycles;
} run_time;

static run_time time_of(const igq_accelerator *machine, const igq_jobs *jobs)
{
    igq_job_result *results = calloc((size_t)jobs->num_jobs, sizeof *results);
    run_time time = {0};
    igq_machine_run(results, machine, jobs->job, jobs->num_jobs, IGQ_ASSIGN_MODEL_C);
    for (int j = 0; j < jobs->num_jobs; j++) {
        time.cycles += results[j].cycles;
    }
    free(results);
    return time;
}

typedef void (*change)(igq_accelerator *machine);
typedef struct comparison {
    int ran, slower;
    double worst; // share of its cycles that a run lost
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

static void double_weight_buffer(igq_accelerator *machine)
{
    machine->weight_buffer.capacity_bytes *= 2;
}
static void double_activation_buffer(igq_accelerator *machine)
{
    machine->activation_buffer.capacity_bytes *= 2;
}
static void double_output_buffer(igq_accelerator *machine)
{
    machine->output_buffer.capacity_bytes *= 2;
}

static void double_tokens_in_flight(igq_accelerator *machine)
{
    machine->mac_array.tokens_in_flight *= 2;
}

// Tiles are chosen by how long they should take, so now and then a better machine is given a tiling that is worse in
// its place: most_slower of NUM_MACHINES, by `worst` of their cycles.
typedef struct improvement {
    change improve;
    uint64_t seed;
    int most_slower;
    double worst;
} improvement;

static void check(const improvement *one)
{
    comparison found = compare(one->improve, one->seed);
    ck_assert_int_le(found.slower, one->most_slower);
    ck_assert_double_le(found.worst, one->worst);
}

START_TEST(what_does_not_touch_tiles_never_costs_cycles)
{
    static const improvement all[] = {
        {deepen_queue, 22, 0, 0}, {double_range_lanes, 23, 0, 0}, {double_distance_lanes, 24, 0, 0}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        check(&all[i]);
}
END_TEST

START_TEST(larger_buffers_and_faster_buses_hardly_ever_cost_cycles)
{
    static const improvement all[] = {
        {double_bandwidth, 21, 8, 0.01},          {double_weight_buffer, 25, 25, 0.08},
        {double_activation_buffer, 26, 4, 0.02},  {double_output_buffer, 27, 65, 0.08},
        {double_tokens_in_flight, 28, 105, 0.13},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        check(&all[i]);
}
END_TEST

START_TEST(more_banks_and_ports_hardly_ever_cost_cycles)
{
    static const improvement all[] = {{double_banks, 21, 28, 0.14}, {add_port, 21, 35, 0.14}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        check(&all[i]);
}
END_TEST

/// Anomalies worked by hand

// Runs of `run` channels go to the first and the second list in turn.
static void layer_of_runs(small_layer *small, int T, int C, int O, int run)
{
    int group[64];
    ck_assert_int_le(C, 64);
    for (int c = 0; c < C; c++)
        group[c] = c / run % 2;
    small_layer_init(small, T, C, O, 4, 2, group);
}

static igq_accelerator roomy_machine(void)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    machine.weight_buffer = (igq_buffer_cfg){256, 1};
    machine.activation_buffer = (igq_buffer_cfg){512, 1};
    machine.output_buffer = (igq_buffer_cfg){16, 1};
    machine.tiling =
        (igq_tiling_cfg){IGQ_TILING_CHOICE_FIXED, 2, 2, IGQ_LOOP_WEIGHTS_OUTER, 1, 0, IGQ_TILING_OBJECTIVE_CYCLES, 0};
    machine.vector_unit = (igq_vector_unit_cfg){.lanes = 4, .latency_cycles = 15};
    machine.dram.latency_cycles = 0;
    return machine;
}

static uint64_t cycles_of(const igq_accelerator *machine, const igq_job *jobs, int num_jobs)
{
    igq_job_result results[2];
    char message[256] = "";
    uint64_t cycles = 0;
    ck_assert_msg(igq_machine_check(message, sizeof message, machine, jobs, num_jobs) == 0, "%s", message);
    igq_machine_run(results, machine, jobs, num_jobs, IGQ_ASSIGN_MODEL_C);
    for (int j = 0; j < num_jobs; j++)
        cycles += results[j].cycles;
    return cycles;
}

START_TEST(a_store_goes_before_a_prefetch)
{
    // First layer: 3 tiles of 2 outputs, results to DRAM; second layer: 64 channels, weights of 64 bytes, 16 cycles of
    // the bus. Vector unit: 16 cycles a tile, output buffer of two tiles. One port: the first gather of a tile takes 2
    // cycles, tiles 17. Activations 0-6, weights 6-8 and 8-10. Tile 0 8-25, tile 1 25-42. Vector unit on tile 0 25-41,
    // its store 41-43; the slot for the second layer's weights is free at 42, they come 43-59. Tile 2 waits for tile
    // 0's place in the output buffer: 43-60, vector unit -76, store -78. Second layer: activations of 128 bytes 78-110,
    // tile of 38 cycles -148, vector unit -164, store -165. Two ports: gathers take 1 cycle, tiles 16. Tile 0 8-24,
    // tile 1 24-40. At 40 both the store and the weights are asked for: the store goes first, 40-42, so tile 2 runs
    // 42-58, and all that follows is two cycles earlier than with one port.
    small_layer first, second;
    layer_of_runs(&first, 2, 6, 6, 1);
    layer_of_runs(&second, 1, 64, 2, 32);
    first.layer.read_again = 1; // so its results go to DRAM
    second.job.acts_from_job = 0;
    second.job.layer_index = 1;
    igq_job jobs[2] = {first.job, second.job};
    igq_accelerator machine = roomy_machine();
    ck_assert_uint_eq(cycles_of(&machine, jobs, 2), 165);
    machine.row_selector.ports_per_bank = 2;
    ck_assert_uint_eq(cycles_of(&machine, jobs, 2), 163);
}
END_TEST

START_TEST(conflicts_that_nobody_foresees_can_mislead_the_choice)
{
    // A bus of 1 byte a cycle: activations of 256 bytes, weights of 64 for two outputs. With 128 bytes there are two
    // tiles of outputs, of which one is worked on while the other is fetched. With 256 bytes, tiles of one token and
    // all outputs should take 426 cycles instead of 428, as lists of neighbouring channels would; but the channels of
    // this layer meet in one bank, each gather waits, and tiles of one token need twice as many.
    small_layer small;
    layer_of_runs(&small, 2, 64, 4, 1);
    igq_accelerator machine = roomy_machine();
    machine.tiling.choice = IGQ_TILING_CHOICE_AUTO;
    machine.dram.bandwidth_bytes_per_cycle = 1;
    machine.weight_buffer.capacity_bytes = 128;
    machine.output_buffer.capacity_bytes = 64;
    uint64_t cycles = cycles_of(&machine, &small.job, 1);
    machine.weight_buffer.capacity_bytes = 256;
    ck_assert_uint_eq(cycles, 490);
    ck_assert_uint_eq(cycles_of(&machine, &small.job, 1), 674);
    machine.tiling =
        (igq_tiling_cfg){IGQ_TILING_CHOICE_FIXED, 2, 4, IGQ_LOOP_WEIGHTS_OUTER, 1, 0, IGQ_TILING_OBJECTIVE_CYCLES, 0};
    ck_assert_uint_gt(cycles_of(&machine, &small.job, 1), cycles);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("monotonic");
    TCase *monotonic = tcase_create("monotonic");
    tcase_add_test(monotonic, what_does_not_touch_tiles_never_costs_cycles);
    tcase_add_test(monotonic, larger_buffers_and_faster_buses_hardly_ever_cost_cycles);
    tcase_add_test(monotonic, more_banks_and_ports_hardly_ever_cost_cycles);
    suite_add_tcase(suite, monotonic);
    TCase *by_hand = tcase_create("worked by hand");
    tcase_add_test(by_hand, a_store_goes_before_a_prefetch);
    tcase_add_test(by_hand, conflicts_that_nobody_foresees_can_mislead_the_choice);
    suite_add_tcase(suite, by_hand);
    return run_suite(suite);
}
