// SPDX-License-Identifier: Apache-2.0
// Co-simulation of at least a million random channels at every parameter point; tools/cosim_long.sh runs it.
#include "cosim.h"
#include "rtl_point.h"
#include <algorithm>
#include <cstdio>

extern "C" int sc_main(int, char **);
int sc_main(int, char **)
{
    return 0;
}

int main()
{
    for (const rtl_point &point : rtl_points()) {
        igq_accelerator accelerator = {};
        accelerator.num_groups = 1;
        accelerator.scheme.distance = point.distance;
        accelerator.group_assignment.range_lanes = point.range_lanes;
        accelerator.group_assignment.distance_lanes = point.distance_lanes;
        igq_cosim_cfg cfg = {};
        cfg.accelerator = &accelerator;
        cfg.num_random =
            2200000 / std::min(point.max_channels, 100); // most layers have up to 100 channels, half on average
        cfg.seed = 1000000;
        cfg.output_dir = ".";
        cfg.command = point.name;
        igq_cosim_result result;
        igq_error error;
        if (igq_cosim_run(&result, &cfg, &error) != IGQ_OK) {
            std::fprintf(stderr, "%s\n", error.message);
            return 1;
        }
        if (result.mismatch) {
            igq_cosim_print(stdout, &result);
            return 1;
        }
        std::printf("%-10s %8llu layers %9llu channels %10llu RTL cycles: no difference\n", point.name,
                    static_cast<unsigned long long>(result.layers), static_cast<unsigned long long>(result.channels),
                    static_cast<unsigned long long>(result.cycles));
        std::fflush(stdout);
        if (result.channels < 1000000)
            return 1;
    }
    return 0;
}
