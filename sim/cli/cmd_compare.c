// SPDX-License-Identifier: Apache-2.0
#include "commands.h"
#include "detections_file.h"
#include "file.h"
#include "options.h"
#include "report.h"
#include "result_dir.h"

igq_status igq_cmd_compare(int argc, const char *const *argv, igq_error *error)
{
    igq_string_list reports = {0};
    const char *dir = NULL;
    int detections = 0;
    const igq_option options[] = {
        {"REPORT.json", 0, IGQ_OPTION_POSITIONAL, &reports, NULL, NULL, 0, 0},
        {"--detections", 0, IGQ_OPTION_FLAG, &detections, NULL,
         "the files are predictions of a detector, full precision first", 0, 0},
        {"--output", 'o', IGQ_OPTION_STRING, &dir, "DIR", "write report.html and compare.json there", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "compare A/report.json B/report.json ... [-o DIR]\n"
        "       igqsim compare --detections FULL_PRECISION.safetensors QUANTIZED.safetensors",
        "Prints one table of two or more runs: cycles, utilization, stalls by cause, traffic, bit operations, "
        "accuracy;\n"
        "then what was different about the runs, and which causes, components and layers the differences to the first "
        "are\n"
        "made of. -o writes the same as a page to look at.\n"
        "With --detections: how far the predictions of a detector moved (class, box and mask of the ground truth).",
        "  igqsim compare out/layerwise/report.json out/igq_per_group/report.json -o out/comparison\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (detections && dir)
        return igq_fail(error, "--detections with --output; allowed: one of them");
    if (detections && reports.num != 2)
        return igq_fail(error, "--detections with %d files; allowed: two", reports.num);
    if (detections)
        return igq_detections_compare(reports.items[0], reports.items[1], error);
    if (reports.num < 2)
        return igq_fail(error, "%d report.json given; allowed: two or more", reports.num);
    int lock = -1, is_new = dir && !igq_file_exists(dir);
    if (dir)
        status = igq_result_dir_open(&lock, dir, IGQ_RESULTS_OF_COMPARE, error);
    if (status == IGQ_OK)
        status = igq_compare(reports.items, reports.num, dir, error);
    igq_result_dir_close(lock, dir, is_new, status);
    return status;
}
