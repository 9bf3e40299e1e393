// SPDX-License-Identifier: Apache-2.0
// A better machine is not slower; where it is, an example worked out by hand says why (docs/timing.md, "Bounds").
#include "tiling_options.h"
#include "machine.h"
#include "machine_check.h"
#include "plan_cycles.h"
#include "random_machine.h"
#include "sc_main.h"
#include "small_layer.h"
#include <stdio.h>
#include "../suite.h"

enum { NUM_MACHINES = 1000, GROUPS = 4 };

// As the machine takes them, to the cycle (test_plan_cycles.c).
static uint64_t time_of(const igq_accelerator *machine, const igq_jobs *jobs)
{
    char message[256];
    igq_job_plan *plan = calloc((size_t)jobs->num_jobs, sizeof *plan);
    ck_assert_int_eq(igq_plan_jobs(plan, message, sizeof message, machine, jobs->job, jobs->num_jobs), 0);
    igq_tile_clock *clock = igq_tile_clock_new(jobs->job, jobs->num_jobs, machine);
    uint64_t cycles = igq_plan_cycles(jobs->job, plan, jobs->num_jobs, clock, UINT64_MAX - 1, machine);
    igq_tile_clock_free(clock);
    free(plan);
    return cycles;
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

typedef struct improvement {
    const char *name;
    void (*improve)(igq_accelerator *machine);
    int slower;   // runs that lost more than is allowed
    double worst; // share of its cycles that a run lost
} improvement;

// Tiles are chosen for the whole run by how long they take, but not all mappings are tried, and the machine itself may
// lose a cycle with a shorter wait. So now and then a better machine is slower. The limits guard what this test's own
// seed shows; with others a run may lose more (docs/timing.md, "Is more always better?").
enum { MOST_SLOWER = 8 };
static const double most_lost = 0.055;
// More tokens in flight are preferred to a few cycles, since they save reads of weights.
static const double short_blocks_cost = 1.0 / IGQ_SHORT_BLOCK_CHARGE;

static void compare(improvement *all, size_t num, const igq_accelerator *machine, const igq_jobs *jobs)
{
    uint64_t before = time_of(machine, jobs);
    for (size_t i = 0; i < num; i++) {
        igq_accelerator better = *machine;
        all[i].improve(&better);
        uint64_t after = time_of(&better, jobs);
        double lost = ((double)after - (double)before) / (double)before;
        all[i].slower += lost > (all[i].improve == double_tokens_in_flight ? short_blocks_cost : 0);
        all[i].worst = lost > all[i].worst ? lost : all[i].worst;
    }
}

START_TEST(more_of_anything_hardly_ever_costs_cycles)
{
    improvement all[] = {{"bandwidth", double_bandwidth, 0, 0},
                         {"weight buffer", double_weight_buffer, 0, 0},
                         {"activation buffer", double_activation_buffer, 0, 0},
                         {"output buffer", double_output_buffer, 0, 0},
                         {"tokens in flight", double_tokens_in_flight, 0, 0},
                         {"banks", double_banks, 0, 0},
                         {"ports", add_port, 0, 0},
                         {"queue depth", deepen_queue, 0, 0},
                         {"range lanes", double_range_lanes, 0, 0},
                         {"distance lanes", double_distance_lanes, 0, 0}};
    const size_t num = sizeof all / sizeof *all;
    rng random = {.state = test_seed(21)};
    int ran = 0;
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        igq_accelerator machine = random_machine(GROUPS, &random);
        test_network network;
        test_network_init(&network, &shape, GROUPS, rng_int(&random, 2, 8), (uint64_t)i);
        igq_jobs *jobs = test_network_jobs(&network, &machine);
        char message[256];
        if (igq_machine_check(message, sizeof message, &machine, jobs->job, jobs->num_jobs) == 0) {
            compare(all, num, &machine, jobs);
            ran++;
        }
        igq_jobs_free(jobs);
        test_network_free(&network);
    }
    ck_assert_int_gt(ran, NUM_MACHINES * 9 / 10);
    for (size_t i = 0; i < num; i++)
        printf("%s: %d of %d slower, worst %.2f %%\n", all[i].name, all[i].slower, ran, 100 * all[i].worst);
    fflush(stdout); // of a process that a failed assertion ends
    for (size_t i = 0; i < num; i++)
        ck_assert_msg(all[i].slower <= MOST_SLOWER && all[i].worst <= most_lost, "%s: %d of %d slower, worst %.2f %%",
                      all[i].name, all[i].slower, ran, 100 * all[i].worst);
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

START_TEST(conflicts_of_the_lists_are_foreseen)
{
    // A bus of 1 byte a cycle: activations of 256 bytes, weights of 64 for two outputs. With 128 bytes of weights there
    // are two tiles of outputs, of which one is worked on while the other is fetched. With 256 bytes, lists of
    // neighbouring channels would be worked on best in tiles of one token and all outputs; but the channels of this
    // layer meet in one bank, each gather waits, and tiles of one token take 674 cycles.
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
    ck_assert_uint_eq(cycles_of(&machine, &small.job, 1), 490);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("monotonic");
    TCase *monotonic = tcase_create("monotonic");
    tcase_add_test(monotonic, more_of_anything_hardly_ever_costs_cycles);
    suite_add_tcase(suite, monotonic);
    TCase *by_hand = tcase_create("worked by hand");
    tcase_add_test(by_hand, a_store_goes_before_a_prefetch);
    tcase_add_test(by_hand, conflicts_of_the_lists_are_foreseen);
    suite_add_tcase(suite, by_hand);
    return run_suite(suite);
}
