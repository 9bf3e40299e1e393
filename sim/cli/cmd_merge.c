// SPDX-License-Identifier: Apache-2.0
#include "commands.h"
#include "merge.h"
#include "options.h"
#include <stddef.h>
#include <stdint.h>

igq_status igq_cmd_merge(int argc, const char *const *argv, igq_error *error)
{
    igq_string_list from = {0};
    const char *dir = NULL;
    int64_t num_jobs = igq_num_cores();
    const igq_option options[] = {
        {"DIR", 0, IGQ_OPTION_POSITIONAL, &from, NULL, NULL, 0, 0},
        {"--output", 'o', IGQ_OPTION_STRING, &dir, "DIR", "folder of the whole sweep: new, or one to add to", 0, 0},
        {"--jobs", 'j', IGQ_OPTION_JOBS, &num_jobs, "JOBS", "processes that write reports (default: all cores)", 1,
         IGQ_MAX_JOBS},
        {0},
    };
    const igq_command_help help = {
        "merge DIR... -o DIR [-j JOBS]",
        "Joins folders of one sweep that were simulated apart (igqsim sweep --shard I/N), in any order, into the same\n"
        "bytes that the undivided sweep gives. Run it where the sweep ran: the inputs are read again. If points are\n"
        "missing it says how many; igqsim sweep --resume simulates them.",
        "  igqsim sweep configs/sweeps/lanes.yaml -o out/first --shard 1/2\n"
        "  igqsim sweep configs/sweeps/lanes.yaml -o out/second --shard 2/2\n"
        "  igqsim merge out/first out/second -o out/lanes\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (from.num == 0)
        return igq_fail(error, "no folder to merge; allowed: one or more, such as out/first out/second");
    if (dir == NULL)
        return igq_fail(error, "--output is missing; see igqsim merge --help");
    return igq_sweep_merge(from.items, from.num, dir, (int)num_jobs, error);
}
