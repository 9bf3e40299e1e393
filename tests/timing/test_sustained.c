// SPDX-License-Identifier: Apache-2.0
// Bandwidth that a DRAM of banks sustains on the transfers of real networks, while its bus is busy: as a cycle-level
// simulator sustained on the transfers of version 0.1.
#include "accelerator_file.h"
#include "machine.h"
#include "machine_check.h"
#include "network.h"
#include "sc_main.h"
#include "../suite.h"
#include <stdlib.h>
#include <string.h>

#define DDR4_2400_PEAK 19.2 // GB/s
#define TOLERANCE 0.05

static igq_accelerator machine_with(const char *part_name, igq_dram_mapping mapping)
{
    igq_accelerator machine;
    igq_error error;
    int num_parts;
    const igq_dram_part *part = igq_dram_parts(&num_parts);
    ck_assert_int_eq(igq_accelerator_load(&machine, "configs/accelerators/layerwise.yaml", &error), IGQ_OK);
    while (strcmp(part->name, part_name) != 0)
        part++;
    machine.dram.part = *part;
    machine.dram.model = IGQ_DRAM_MODEL_BANKS;
    machine.dram.mapping = mapping;
    machine.dram.channels = part->channels;
    machine.dram.burst_bytes = part->width_bits / 8 * part->burst_length;
    machine.dram.bandwidth_bytes_per_cycle =
        part->data_rate_mtps * part->width_bits / 8 * part->channels / machine.clock_mhz;
    return machine;
}

static double sustained_gbytes_per_s(const igq_vit_shape *shape, const igq_accelerator *machine)
{
    char message[1024];
    test_network network;
    test_network_init(&network, shape, 8, 4, 1);
    igq_jobs *jobs = test_network_jobs(&network, machine);
    igq_job_result *result = calloc((size_t)jobs->num_jobs, sizeof *result);
    ck_assert_int_eq(igq_jobs_plan(jobs, message, sizeof message, machine), 0);
    igq_error error;
    ck_assert_int_eq(igq_machine_run_planned(result, NULL, machine, jobs->job, jobs->plan, jobs->num_jobs,
                                             IGQ_ASSIGN_MODEL_C, &error),
                     IGQ_OK);
    uint64_t bytes = 0, busy_cycles = 0;
    for (int j = 0; j < jobs->num_jobs; j++) {
        bytes += result[j].dram_read_bytes + result[j].dram_write_bytes;
        busy_cycles += result[j].dram_busy_cycles;
    }
    free(result);
    igq_jobs_free(jobs);
    test_network_free(&network);
    return (double)bytes * machine->clock_mhz / 1000 / (double)busy_cycles;
}

START_TEST(ddr4_2400_sustains_what_a_cycle_level_simulator_says)
{
    const struct {
        const igq_vit_shape *shape;
        igq_dram_mapping mapping;
        double gbytes_per_s;
    } known[] = {{&test_deit_tiny, IGQ_DRAM_MAPPING_USUAL, 14.75},
                 {&test_deit_base, IGQ_DRAM_MAPPING_USUAL, 14.85},
                 {&test_deit_tiny, IGQ_DRAM_MAPPING_INTERLEAVED, 18.29},
                 {&test_deit_base, IGQ_DRAM_MAPPING_INTERLEAVED, 18.28}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        igq_accelerator machine = machine_with("ddr4_2400", known[k].mapping);
        double ours = sustained_gbytes_per_s(known[k].shape, &machine), theirs = known[k].gbytes_per_s;
        ck_assert_msg(ours > (1 - TOLERANCE) * theirs && ours < (1 + TOLERANCE) * theirs,
                      "case %zu: %.2f GB/s, theirs %.2f", k, ours, theirs);
        ck_assert_double_lt(ours, DDR4_2400_PEAK);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sustained");
    TCase *core = tcase_create("core");
    tcase_add_test(core, ddr4_2400_sustains_what_a_cycle_level_simulator_says);
    suite_add_tcase(suite, core);
    return run_suite(suite);
}
