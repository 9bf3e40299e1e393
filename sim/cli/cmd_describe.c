// SPDX-License-Identifier: Apache-2.0
#include "accelerator_file.h"
#include "commands.h"
#include "costs.h"
#include "drawing.h"
#include "events_json.h"
#include "network_print.h"
#include "options.h"
#include "technology_file.h"
#include "workload_file.h"
#include <stdio.h>

// The drawing, and under it what the blocks are made of.
static void print_diagram(const igq_accelerator *machine, const igq_units *units)
{
    json_t *accelerator = igq_accelerator_to_json(machine);
    json_t *hardware = igq_units_to_json(units), *details = igq_block_details(accelerator, hardware), *detail;
    const char *block;
    printf("%s\n", igq_drawing());
    json_object_foreach(details, block, detail) printf("  %-18s %s\n", block, json_string_value(detail));
    json_decref(details);
    json_decref(hardware);
    json_decref(accelerator);
    if (machine->dram.preset > 0)
        printf("  DRAM: %s, %d channels of %d bits, %g GB/s peak\n        %s\n", machine->dram.part.name,
               machine->dram.channels, machine->dram.part.width_bits, machine->dram.bandwidth_gbytes_per_s,
               machine->dram.part.source);
}

static igq_status describe_network(const char *path, igq_error *error)
{
    igq_workload workload;
    igq_status status = igq_workload_load(&workload, path, error);
    if (status == IGQ_OK)
        status = igq_network_print(&workload, error);
    igq_workload_free(&workload);
    return status;
}

igq_status igq_cmd_describe(int argc, const char *const *argv, igq_error *error)
{
    const char *path = NULL, *technology_path = NULL, *workload_path = NULL;
    igq_string_list sets = {0};
    int yaml = 0;
    const igq_option options[] = {
        {"--accelerator", 'a', IGQ_OPTION_STRING, &path, "FILE", "the machine (YAML); - reads standard input", 0, 0},
        {"--workload", 'w', IGQ_OPTION_STRING, &workload_path, "FILE",
         "instead of a machine: a network (YAML, ONNX), or a list of products (CSV, YAML)", 0, 0},
        {"--technology", 't', IGQ_OPTION_STRING, &technology_path, "FILE", "figures of energy and area (YAML)", 0, 0},
        {"--yaml", 0, IGQ_OPTION_FLAG, &yaml, NULL, "as a machine file with all keys, instead", 0, 0},
        {"--set", 0, IGQ_OPTION_EACH, &sets, "KEY=VALUE",
         "instead of what the file of the machine says, such as mac_array.lanes=32; repeatable", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "describe -a ACCELERATOR.yaml [--set KEY=VALUE]... [-t TECHNOLOGY.yaml | --yaml]\n"
        "       igqsim describe -w WORKLOAD.yaml|NETWORK.onnx|MATMULS.csv",
        "Prints a machine: its blocks, its peak, and every parameter with unit, range and meaning; with -t\n"
        "also what its memories and components cost in a technology. With -w a network: its products, what is grouped, "
        "what\n"
        "the vector unit does, and which operations of an ONNX file are left.",
        "  igqsim describe -a configs/accelerators/igq_per_group.yaml \\\n"
        "    -t configs/technologies/low_leakage_45nm.yaml\n"
        "  igqsim describe -w network.onnx\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (workload_path && (path || technology_path || yaml || sets.num))
        return igq_fail(error, "--workload together with --accelerator, --technology, --yaml or --set; allowed: alone");
    if (workload_path)
        return describe_network(workload_path, error);
    if (!path)
        return igq_fail(error, "--accelerator FILE is missing; see igqsim describe --help");
    igq_accelerator machine;
    igq_technology technology;
    igq_units units;
    if ((status = igq_sets_check(&sets, 1, NULL, error)) != IGQ_OK)
        return status;
    if ((status = igq_accelerator_load_with(&machine, path, &sets, NULL, error)) != IGQ_OK)
        return status;
    if (yaml) {
        int num_keys;
        const igq_key *keys = igq_accelerator_keys(&num_keys);
        igq_keys_write(stdout, &machine, keys, num_keys);
        return IGQ_OK;
    }
    igq_units_of(&units, &machine);
    if (technology_path && (status = igq_technology_load(&technology, technology_path, error)) != IGQ_OK)
        return status;
    if (technology_path && (status = igq_technology_covers(&technology, technology_path, &units, error)) != IGQ_OK)
        return status;
    int peak = igq_peak_macs_per_cycle(&machine.mac_array);
    printf("%s: scheme %s on %s arrays\n\n", machine.name, igq_scheme_names[machine.scheme.scheme],
           igq_organisation_names[machine.mac_organisation]);
    print_diagram(&machine, &units);
    printf("\nPeak: %d multiply-accumulates of %d x %d bits per cycle, %.3f TOPS at %d MHz\n", peak,
           machine.mac_array.mac_bits, machine.mac_array.mac_bits, 2e-6 * peak * machine.clock_mhz, machine.clock_mhz);
    printf("Buffers: %d bytes of SRAM in all\n\nParameters\n", machine.activation_buffer.capacity_bytes +
                                                                   machine.weight_buffer.capacity_bytes +
                                                                   machine.output_buffer.capacity_bytes);
    igq_accelerator_describe_keys(stdout, &machine);
    if (technology_path)
        igq_energy_describe(&technology, &units);
    return IGQ_OK;
}
