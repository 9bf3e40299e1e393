// SPDX-License-Identifier: Apache-2.0
#include "cosim.h"
#include <algorithm>
#include <cstdio>

void igq_cosim_add_phase(igq_cosim_phase *phase, uint64_t cycles, uint64_t closed_cycles)
{
    bool is_first = phase->layers++ == 0;
    if (is_first) {
        phase->first = phase->least = cycles;
        phase->closed_first = phase->closed_least = closed_cycles;
    }
    phase->least = std::min(phase->least, cycles);
    phase->most = std::max(phase->most, cycles);
    phase->sum += cycles;
    phase->closed_least = std::min(phase->closed_least, closed_cycles);
    phase->closed_most = std::max(phase->closed_most, closed_cycles);
    phase->closed_sum += closed_cycles;
}

void igq_cosim_print_phase(FILE *out, const char *name, const igq_cosim_phase *phase)
{
    auto line = [&](const char *of, uint64_t first, uint64_t least, uint64_t most, uint64_t sum) {
        std::fprintf(out, "  %-14s %10llu %10llu %10llu %12.1f\n", of, static_cast<unsigned long long>(first),
                     static_cast<unsigned long long>(least), static_cast<unsigned long long>(most),
                     static_cast<double>(sum) / static_cast<double>(std::max<uint64_t>(phase->layers, 1)));
    };
    line(name, phase->first, phase->least, phase->most, phase->sum);
    line("", phase->closed_first, phase->closed_least, phase->closed_most, phase->closed_sum);
}

void igq_cosim_print_phases(FILE *out, const igq_cosim_phase phase[IGQ_COSIM_PHASES])
{
    static const char *const names[] = {"range", "score", "emission"};
    std::fprintf(out, "%-16s %10s %10s %10s %12s   of layers without stalls; below: by docs/timing.md\n", "cycles",
                 "first", "least", "most", "mean");
    for (int p = 0; p < IGQ_COSIM_PHASES; p++)
        igq_cosim_print_phase(out, names[p], &phase[p]);
}
