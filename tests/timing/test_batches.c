// SPDX-License-Identifier: Apache-2.0
// Images of a batch share weight tiles where the buffers allow it: less DRAM traffic, the same assignment, and every
// cycle still belongs to one image and one cause.
#include "batch_parts.h"
#include "job_events.h"
#include "machine.h"
#include "machine_check.h"
#include "plan_cycles.h"
#include "random_machine.h"
#include "sc_main.h"
#include "small_layer.h"
#include <string.h>
#include "../suite.h"

/// Worked by hand

// One image of two; all even channels in one list, the odd ones in another.
static void layer_of_image(small_layer *small, int image)
{
    small_layer_init(small, 2, 6, 4, 4, 2, (const int[]){0, 1, 0, 1, 0, 1});
    small->job.image = image;
    small->job.num_partners = 1;
}

static igq_accelerator machine_for_two(void)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    machine.tiling =
        (igq_tiling_cfg){IGQ_TILING_CHOICE_FIXED, 2, 2, IGQ_LOOP_WEIGHTS_OUTER, 2, 0, IGQ_TILING_OBJECTIVE_CYCLES, 0};
    return machine;
}

START_TEST(two_images_share_two_weight_tiles_worked_by_hand)
{
    // Tiles of 2 tokens x 2 outputs, 17 cycles each (the shared layer of test_machine.c). Order: weight tile 0 with
    // images 0 and 1, then weight tile 1 with both. Activation tiles are 24 bytes, 6 cycles of the bus; weight tiles 6
    // bytes in two bursts, 2 cycles; results 8 bytes, 2 cycles. Data is there 10 cycles after it left the bus.
    //   bus  0-6 activations 0 (there at 16), 6-12 activations 1 (22), 12-14 weights 0 (24), 14-16 weights 1 (26)
    //   24-41 tile 0 of image 0; its activations make room: activations 0 again 41-44 and 46-49 (59)
    //   41-58 tile 0 of image 1; activations 1 again 58-61 and 63-66 (76)
    //   59-76 tile 1 of image 0, 76-93 tile 1 of image 1
    //   vector unit 3 cycles after each tile; stores 44-46 and 61-63 (before the rest of the activations), 79-81, 96-98
    small_layer small[2];
    igq_job jobs[2];
    for (int image = 0; image < 2; image++) {
        layer_of_image(&small[image], image);
        jobs[image] = small[image].job;
    }
    igq_accelerator machine = machine_for_two();
    igq_job_result result[2];
    char message[256] = "";
    ck_assert_msg(igq_machine_check(message, sizeof message, &machine, jobs, 2) == 0, "%s", message);
    igq_machine_run(result, &machine, jobs, 2, IGQ_ASSIGN_MODEL_C);
    // A cycle belongs to the image whose tile is waited for or worked on.
    ck_assert_uint_eq(result[0].cycles, 41 + 1 + 17);
    ck_assert_uint_eq(result[1].cycles, 17 + 17 + 5); // the last 5: vector unit and store
    ck_assert_uint_eq(result[0].cause_cycles[IGQ_CAUSE_ACTIVATIONS], 16 + 1);
    ck_assert_uint_eq(result[0].cause_cycles[IGQ_CAUSE_WEIGHTS], 8);
    ck_assert_uint_eq(result[1].cause_cycles[IGQ_CAUSE_ACTIVATIONS] + result[1].cause_cycles[IGQ_CAUSE_WEIGHTS], 0);
    ck_assert_uint_eq(result[1].cause_cycles[IGQ_CAUSE_DRAIN], 5 + 5);
    ck_assert_uint_eq(result[1].cause_cycles[IGQ_CAUSE_VECTOR_UNIT], 3);
    ck_assert_uint_eq(result[1].cause_cycles[IGQ_CAUSE_STORES], 2);
    // Weights come once, with the first image; activations of each image for both weight tiles.
    ck_assert_uint_eq(result[0].dram_read_bytes, 2 * 24 + 2 * 8);
    ck_assert_uint_eq(result[1].dram_read_bytes, 2 * 24);
    ck_assert_uint_eq(result[0].dram_write_bytes, 2 * 8);
    ck_assert_uint_eq(result[1].dram_write_bytes, 2 * 8);
}
END_TEST

/// Random machines and networks

enum { NUM_MACHINES = 300, GROUPS = 4, MAX_IMAGES = 4 };

typedef struct batch_run {
    int num_jobs, num_together;
    uint64_t cycles, dram_bytes;
} batch_run;

static void check_job(const igq_job *job, const igq_job_plan *plan, const igq_job_result *result,
                      const igq_accelerator *machine)
{
    igq_events events;
    uint64_t causes = 0;
    for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++)
        causes += result->cause_cycles[cause];
    ck_assert_uint_eq(causes, result->cycles);
    ck_assert_uint_ge(result->cycles, result->estimate_cycles);
    igq_job_events(&events, job, plan, result, machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_WEIGHT_BUFFER_READ].count, result->ports.weight_reads);
    ck_assert_uint_eq(events.of[IGQ_EVENT_WEIGHT_BUFFER_WRITE].bits, result->ports.weight_write_bits);
    ck_assert_uint_eq(events.of[IGQ_EVENT_VECTOR_OP].count, result->ports.vector_pass_elements);
    ck_assert_uint_eq(events.of[IGQ_EVENT_DRAM_READ].bits, 8 * result->dram_read_bytes);
}

// Runs the instances in one batch; assigned: what the module answered, job by job.
static int run_batch(batch_run *run, const test_network *network, const igq_instance *const *instances, int images,
                     const igq_accelerator *machine)
{
    char message[256];
    const igq_batch_source source = {network->network, network->calibration, instances, machine, NULL};
    igq_jobs *jobs = igq_batch_jobs_new(&source, images, message, sizeof message);
    *run = (batch_run){0};
    if (!jobs)
        return 0;
    igq_error error;
    igq_job_result *results = calloc((size_t)jobs->num_jobs, sizeof *results);
    ck_assert_int_eq(igq_machine_run_planned(results, NULL, machine, jobs->job, jobs->plan, jobs->num_jobs,
                                             IGQ_ASSIGN_MODEL_C, &error),
                     IGQ_OK);
    run->num_jobs = jobs->num_jobs;
    for (int j = 0; j < jobs->num_jobs; j++) {
        check_job(&jobs->job[j], &jobs->plan[j], &results[j], machine);
        run->cycles += results[j].cycles;
        run->dram_bytes += results[j].dram_read_bytes + results[j].dram_write_bytes;
        run->num_together += jobs->job[j].num_partners > 0;
    }
    free(results);
    igq_jobs_free(jobs);
    return 1;
}

// Draws images of a network; the calibration of the first serves all.
static void draw_images(test_network *network, const igq_instance **instance, int images, const igq_vit_shape *shape,
                        int bits, uint64_t seed)
{
    for (int image = 0; image < images; image++) {
        test_network_init(&network[image], shape, GROUPS, bits, seed + (uint64_t)image);
        instance[image] = network[image].instance;
    }
}

START_TEST(a_batch_never_moves_more_bytes_than_its_images_alone)
{
    rng random = {.state = 41};
    int ran = 0, shared = 0, saved = 0;
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        igq_accelerator machine = random_machine(GROUPS, &random);
        int images = rng_int(&random, 2, MAX_IMAGES), bits = rng_int(&random, 2, 8);
        machine.activation_buffer.capacity_bytes *= 2;
        machine.tiling.objective = IGQ_TILING_OBJECTIVE_TRAFFIC;
        test_network network[MAX_IMAGES];
        const igq_instance *instances[MAX_IMAGES];
        draw_images(network, instances, images, &shape, bits, (uint64_t)(MAX_IMAGES * i));
        batch_run together, alone, sum = {0};
        machine.tiling.batch_images = images;
        machine.group_assignment.list_sets = 1 + i % 3;
        if (run_batch(&together, &network[0], instances, images, &machine)) {
            for (int image = 0; image < images; image++) {
                ck_assert(run_batch(&alone, &network[0], &instances[image], 1, &machine));
                sum.dram_bytes += alone.dram_bytes;
                sum.num_jobs += alone.num_jobs;
            }
            ck_assert_int_eq(together.num_jobs, sum.num_jobs);
            ck_assert_uint_le(together.dram_bytes, sum.dram_bytes);
            shared += together.num_together > 0;
            saved += together.dram_bytes < sum.dram_bytes;
            ran++;
        }
        for (int image = 0; image < images; image++)
            test_network_free(&network[image]);
    }
    ck_assert_int_gt(ran, NUM_MACHINES / 2);
    ck_assert_int_gt(shared, NUM_MACHINES / 4);
    ck_assert_int_ge(saved, shared);
}
END_TEST

// As the machine takes them, to the cycle (test_plan_cycles.c); 0: they do not fit.
static uint64_t cycles_of_batch(const test_network *network, const igq_instance *const *instances, int images,
                                const igq_accelerator *machine)
{
    char message[256];
    const igq_batch_source source = {network->network, network->calibration, instances, machine, NULL};
    igq_jobs *jobs = igq_batch_jobs_new(&source, images, message, sizeof message);
    if (!jobs)
        return 0;
    igq_tile_clock *clock = igq_tile_clock_new(jobs->job, jobs->num_jobs, machine);
    uint64_t cycles = igq_plan_cycles(jobs->job, jobs->plan, jobs->num_jobs, clock, UINT64_MAX - 1, machine);
    igq_tile_clock_free(clock);
    igq_jobs_free(jobs);
    return cycles;
}

// Cycles of batches of `batch_images`, of which the last may be smaller.
static uint64_t cycles_of_batches(const test_network *network, const igq_instance *const *instances, int images,
                                  int batch_images, const igq_accelerator *like)
{
    igq_accelerator machine = *like;
    uint64_t cycles = 0;
    machine.tiling.batch_images = batch_images;
    for (int first = 0; first < images; first += batch_images) {
        int left = images - first;
        cycles += cycles_of_batch(network, instances + first, left < batch_images ? left : batch_images, &machine);
    }
    return cycles;
}

START_TEST(a_batch_never_costs_more_than_in_two_parts)
{
    enum { NUM_BATCHES = 1000 };
    rng random = {.state = test_seed(43)};
    int ran = 0;
    for (int i = 0; i < NUM_BATCHES; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        igq_accelerator machine = random_machine(GROUPS, &random);
        int images = i % 8 == 0 ? MAX_IMAGES : rng_int(&random, 2, 3), bits = rng_int(&random, 2, 8);
        test_network network[MAX_IMAGES];
        const igq_instance *instances[MAX_IMAGES];
        draw_images(network, instances, images, &shape, bits, random.state);
        machine.tiling.batch_images = images;
        machine.group_assignment.list_sets = rng_int(&random, 1, 3);
        uint64_t whole = cycles_of_batch(&network[0], instances, images, &machine);
        if (whole > 0) {
            for (int part = (images + 1) / 2; part < images; part++) {
                uint64_t parts = cycles_of_batches(&network[0], instances, images, part, &machine);
                ck_assert_msg(whole <= parts, "batch %d: %d images take %llu cycles, in parts of %d %llu", i, images,
                              (unsigned long long)whole, part, (unsigned long long)parts);
            }
            ran++;
        }
        for (int image = 0; image < images; image++)
            test_network_free(&network[image]);
    }
    ck_assert_int_gt(ran, NUM_BATCHES / 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("batches");
    TCase *batches = tcase_create("batches");
    tcase_add_test(batches, two_images_share_two_weight_tiles_worked_by_hand);
    tcase_add_test(batches, a_batch_never_moves_more_bytes_than_its_images_alone);
    tcase_add_test(batches, a_batch_never_costs_more_than_in_two_parts);
    suite_add_tcase(suite, batches);
    return run_suite(suite);
}
