// SPDX-License-Identifier: Apache-2.0
#include "commands.h"
#include "options.h"
#include "sweep.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// "I/N" with 1 <= I <= N; 0 counts as N, for arrays of jobs that count from 0.
static igq_status parse_share(igq_sweep_request *request, const char *text, igq_error *error)
{
    enum { MOST_SHARES = 1000000 };
    char *slash, *end = NULL;
    long index = strtol(text, &slash, 10), count = *slash == '/' ? strtol(slash + 1, &end, 10) : 0;
    if (slash == text || !end || end == slash + 1 || *end != '\0' || index < 0 || index > count || count > MOST_SHARES)
        return igq_fail(error, "--shard %s; allowed: I/N with N up to %d and I from 1 to N (0 counts as N)", text,
                        MOST_SHARES);
    request->share_index = (int)(index % count);
    request->share_count = (int)count;
    return IGQ_OK;
}

static igq_status parse_engine(igq_sweep_request *request, const char *engine, igq_error *error)
{
    const igq_slurm_request *slurm = &request->slurm;
    if (strcmp(engine, "local") != 0 && strcmp(engine, "slurm") != 0)
        return igq_fail(error, "--engine %s; allowed: local, slurm", engine);
    request->engine = strcmp(engine, "slurm") == 0 ? IGQ_SWEEP_SLURM : IGQ_SWEEP_LOCAL;
    if (request->engine != IGQ_SWEEP_SLURM &&
        (slurm->partition || slurm->time_limit || slurm->memory || slurm->no_wait))
        return igq_fail(error, "%s without --engine slurm; allowed: both together",
                        slurm->partition    ? "--partition"
                        : slurm->time_limit ? "--time"
                        : slurm->memory     ? "--memory"
                                            : "--no-wait");
    if (request->engine == IGQ_SWEEP_SLURM && request->share_count > 0)
        return igq_fail(error, "--shard with --engine slurm; allowed: one of them, a task of the job is a shard");
    return IGQ_OK;
}

igq_status igq_cmd_sweep(int argc, const char *const *argv, igq_error *error)
{
    igq_sweep_request request = {0};
    igq_string_list files = {0};
    const char *engine = "local", *share = NULL;
    int64_t num_jobs = igq_num_cores(), array_width = 16;
    const igq_option options[] = {
        {"SWEEP.yaml", 0, IGQ_OPTION_POSITIONAL, &files, NULL, NULL, 0, 0},
        {"--output", 'o', IGQ_OPTION_STRING, &request.dir, "DIR", "folder of the results", 0, 0},
        {"--jobs", 'j', IGQ_OPTION_JOBS, &num_jobs, "JOBS", "points simulated at the same time (default: all cores)", 1,
         IGQ_MAX_JOBS},
        {"--resume", 0, IGQ_OPTION_FLAG, &request.resume, NULL, "go on with the sweep that DIR holds", 0, 0},
        {"--engine", 0, IGQ_OPTION_STRING, &engine, "local|slurm", "this computer (default), or a Slurm array job", 0,
         0},
        {"--partition", 0, IGQ_OPTION_STRING, &request.slurm.partition, "NAME", "slurm: sbatch --partition", 0, 0},
        {"--time", 0, IGQ_OPTION_STRING, &request.slurm.time_limit, "LIMIT", "slurm: sbatch --time, of a task", 0, 0},
        {"--memory", 0, IGQ_OPTION_STRING, &request.slurm.memory, "SIZE", "slurm: sbatch --mem, of a task", 0, 0},
        {"--array-width", 0, IGQ_OPTION_INT, &array_width, "TASKS", "slurm: tasks of the job (default 16)", 1, 100000},
        {"--no-wait", 0, IGQ_OPTION_FLAG, &request.slurm.no_wait, NULL,
         "slurm: submit and return; --resume gathers later", 0, 0},
        {"--shard", 0, IGQ_OPTION_STRING, &share, "I/N", "only every N-th point, from I; igqsim merge joins shards", 0,
         0},
        {"--share", 0, IGQ_OPTION_STRING, &share, "I/N", "the same", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "sweep SWEEP.yaml -o DIR [-j JOBS] [--resume]\n"
        "       igqsim sweep SWEEP.yaml -o DIR --shard I/N [-j JOBS] [--resume]\n"
        "       igqsim sweep SWEEP.yaml -o DIR --engine slurm [--partition NAME] [--time LIMIT]\n"
        "                    [--memory SIZE] [--array-width TASKS] [--no-wait] [--resume]",
        "Runs one network on many machines: all combinations of the axes of a sweep file (docs/formats.md), each "
        "point\n"
        "once. Finds the Pareto front of its objectives. The results are the same bytes for any number of jobs, for\n"
        "Slurm, and after any number of interruptions. Points that fail are listed with their error.",
        "  igqsim sweep configs/sweeps/lanes.yaml -o out/lanes -j 2\n"
        "  igqsim sweep configs/sweeps/organisations.yaml -o out/organisations -j 2 --resume\n"
        "  igqsim sweep configs/sweeps/organisations.yaml -o out/organisations --engine slurm --array-width 40\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (files.num != 1)
        return igq_fail(error, "%d sweep files; allowed: one, such as configs/sweeps/lanes.yaml", files.num);
    if (!request.dir)
        return igq_fail(error, "--output is missing; see igqsim sweep --help");
    request.path = files.items[0];
    request.num_jobs = (int)num_jobs;
    request.slurm.array_width = (int)array_width;
    if (share && (status = parse_share(&request, share, error)) != IGQ_OK)
        return status;
    status = parse_engine(&request, engine, error);
    return status == IGQ_OK ? igq_sweep_run(&request, error) : status;
}
