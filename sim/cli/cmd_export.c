// SPDX-License-Identifier: Apache-2.0
#include "commands.h"
#include "options.h"
#include "store_gather.h"
#include <stdio.h>

igq_status igq_cmd_export(int argc, const char *const *argv, igq_error *error)
{
    igq_string_list dirs = {0};
    const char *csv_path = NULL;
    const igq_option options[] = {
        {"DIR", 0, IGQ_OPTION_POSITIONAL, &dirs, NULL, NULL, 0, 0},
        {"--csv", 0, IGQ_OPTION_STRING, &csv_path, "FILE", "a line for each point: axes, figures, causes", 0, 0},
        {0},
    };
    const igq_command_help help = {"export DIR --csv FILE",
                                   "Writes all points of a sweep as a table, from the points.sqlite of its folder, "
                                   "which any SQLite program reads\n"
                                   "as well (docs/formats.md).",
                                   "  igqsim export out/lanes --csv lanes.csv\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (dirs.num != 1)
        return igq_fail(error, "%d folders; allowed: one, of a sweep", dirs.num);
    if (csv_path == NULL)
        return igq_fail(error, "--csv is missing; see igqsim export --help");
    status = igq_store_export(csv_path, dirs.items[0], error);
    if (status == IGQ_OK)
        printf("Written: %s\n", csv_path);
    return status;
}
