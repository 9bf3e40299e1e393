// SPDX-License-Identifier: Apache-2.0
#include "commands.h"
#include "options.h"
#include "report.h"

int igq_cmd_compare(int argc, const char *const *argv, igq_error *error)
{
    igq_string_list reports = {0};
    const igq_option options[] = {
        {"REPORT.json", 0, IGQ_OPTION_POSITIONAL, &reports, NULL, NULL, 0, 0},
        {0},
    };
    const igq_command_help help = {"compare A/report.json B/report.json ...",
                                   "Prints one table of two or more runs: cycles, utilization, stalls by cause, "
                                   "traffic, bit operations, accuracy.",
                                   "  igqsim compare out/layerwise/report.json out/igq_per_group/report.json\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (reports.num < 2)
        return igq_fail(error, "%d report.json given; allowed: two or more", reports.num);
    return igq_compare_print(reports.items, reports.num, error);
}
