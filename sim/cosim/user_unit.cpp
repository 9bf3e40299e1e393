// SPDX-License-Identifier: Apache-2.0
#include "user_unit.h"
#include "cosim_batch.h"
#include "user_rtl.h"
#include <algorithm>
#include <cstdio>
#include <new>

namespace
{
const char *const waveform_name = "mismatch.fst";
}

struct igq_user_unit {
    igq_cosim_user given;
    std::string output_dir;
    user_rtl rtl;
    cosim_random random{1}; // values between the bounds of a range; no answer depends on them
    cosim_totals totals;
    std::string difference, waveform;
    igq_user_unit_report report;
};

igq_user_unit *igq_user_unit_new(const igq_cosim_user *user, const char *output_dir)
{
    auto *unit = new (std::nothrow) igq_user_unit;
    if (unit == nullptr)
        return nullptr;
    unit->given = *user;
    unit->output_dir = output_dir;
    unit->report = {};
    unit->report.top = user->top;
    return unit;
}

void igq_user_unit_free(igq_user_unit *unit)
{
    delete unit;
}

igq_status igq_user_unit_open(igq_user_unit *unit, igq_accelerator *accelerator, igq_error *error)
{
    const igq_cosim_user &given = unit->given;
    std::remove((unit->output_dir + "/" + waveform_name).c_str()); // of an earlier run
    igq_status status = user_rtl_open(&unit->rtl,
                                      {{given.files, given.files + given.num_files},
                                       given.top,
                                       given.ports_path ? given.ports_path : "",
                                       unit->output_dir},
                                      *accelerator, error);
    unit->report.machine_lanes = accelerator->group_assignment;
    accelerator->group_assignment.range_lanes = unit->rtl.point.range_lanes;
    accelerator->group_assignment.distance_lanes = unit->rtl.point.distance_lanes;
    return status;
}

namespace
{
cosim_batch batch_of(igq_user_unit &unit, const igq_job &job)
{
    cosim_batch batch;
    batch.name = "run";
    batch.layers = {cosim_layer_of_ranges(unit.random, job.assign_observations, job.assign_members, job.num_groups,
                                          job.lo, job.hi, job.lower, job.upper)};
    batch.layers[0].capacity = job.list_capacity;
    batch.layer_names = {std::string(job.layer->name) +
                         (job.layer->products > 1 ? ", product " + std::to_string(job.head) : "")};
    batch.stalls = [] { return rtl_stalls(); };
    batch.freedom.any_cycle = true;
    batch.freedom.limit_cycles = cosim_limit_cycles(batch.layers);
    batch.freedom.has_counts = unit.rtl.map.port[IGQ_PORT_COUNT_OF_GROUPS].name[0] != '\0';
    return batch;
}

void note_mismatch(igq_user_unit &unit, const cosim_batch &batch, const cosim_mismatch &mismatch)
{
    igq_error traced_error = {};
    unit.difference = mismatch.text;
    auto traced = user_rtl_make(unit.rtl, true, &traced_error);
    if (traced == nullptr) {
        unit.waveform = std::string("none: ") + traced_error.message;
        return;
    }
    unit.waveform = unit.output_dir + "/" + waveform_name;
    cosim_write_waveform(unit.waveform, unit.rtl.point, batch, mismatch,
                         [&](const rtl_point &) { return std::move(traced); });
}
} // namespace

igq_status igq_user_unit_assign(igq_user_unit *unit, igq_job *jobs, int num_jobs, igq_error *error)
{
    igq_cosim_phase *phase = unit->totals.phase;
    for (int j = 0; j < num_jobs; j++) {
        igq_job &job = jobs[j];
        igq_error reason = {};
        if (job.assign != IGQ_ASSIGN_NEAREST)
            continue;
        if (rtl_point_check(unit->rtl.point, job.assign_observations, job.assign_members, job.num_groups, &reason) !=
            IGQ_OK)
            return igq_fail(error, "%s: %s", job.layer->name, reason.message);
        const cosim_batch batch = batch_of(*unit, job);
        uint64_t before[IGQ_COSIM_PHASES];
        for (int p = 0; p < IGQ_COSIM_PHASES; p++)
            before[p] = phase[p].sum;
        const rtl_unit_maker make = [&](const rtl_point &) { return user_rtl_make(unit->rtl, false, error); };
        cosim_mismatch mismatch = cosim_run_batch(unit->totals, unit->rtl.point, batch, make);
        if (!mismatch.text.empty()) {
            note_mismatch(*unit, batch, mismatch);
            return IGQ_MISMATCH;
        }
        job.unit_cycles = {phase[IGQ_COSIM_RANGE].sum - before[IGQ_COSIM_RANGE],
                           phase[IGQ_COSIM_SCORE].sum - before[IGQ_COSIM_SCORE],
                           phase[IGQ_COSIM_EMISSION].sum - before[IGQ_COSIM_EMISSION]};
    }
    return IGQ_OK;
}

igq_user_unit_report *igq_user_unit_report_of(igq_user_unit *unit)
{
    igq_user_unit_report &report = unit->report;
    report.layers = unit->totals.layers;
    std::copy_n(unit->totals.phase, IGQ_COSIM_PHASES, report.phase);
    report.warnings = unit->rtl.warnings.c_str();
    report.difference = unit->difference.c_str();
    report.waveform = unit->waveform.c_str();
    return &report;
}

void igq_user_unit_print(FILE *out, igq_user_unit *unit, const char *command)
{
    const igq_user_unit_report &report = *igq_user_unit_report_of(unit);
    if (report.warnings[0] != '\0')
        std::fprintf(out, "Verilator warns:\n%s\n", report.warnings);
    if (report.difference[0] != '\0') {
        std::fprintf(out, "MISMATCH: %s\nreproduce: %s\nwaveform:  %s\n", report.difference, command, report.waveform);
        return;
    }
    if (report.layers == 0) {
        std::fprintf(out, "\nassignment unit %s: this run has no assignment for it\n", report.top);
        return;
    }
    std::fprintf(out, "\nassignment unit %s: agrees with the C model in %llu assignments\n", report.top,
                 static_cast<unsigned long long>(report.layers));
    igq_cosim_print_phases(out, report.phase);
    std::fprintf(out, "%-26s %14s %14s %14s\n", "network", "cycles", "assignment", "waited for it");
    auto line = [&](const char *name, const igq_unit_cost &cost) {
        std::fprintf(out, "  with %-19.19s %14llu %14llu %14llu\n", name, static_cast<unsigned long long>(cost.cycles),
                     static_cast<unsigned long long>(cost.assign_cycles),
                     static_cast<unsigned long long>(cost.waiting_cycles));
    };
    line(report.top, report.with_unit);
    line("the machine's own", report.with_machine);
    double more = static_cast<double>(report.with_unit.cycles) - static_cast<double>(report.with_machine.cycles);
    std::fprintf(out, "  costs %+.0f cycles, %+.2f %%\n", more,
                 100.0 * more / static_cast<double>(report.with_machine.cycles));
}
