// SPDX-License-Identifier: Apache-2.0
#include "accelerator_file.h"
#include "coded_tensor.h"
#include "commands.h"
#include "file.h"
#include "format.h"
#include "options.h"
#include "tender.h"
#include <stdio.h>
#include <stdlib.h>

// Quantizers of the affine format come from a calibration.
static igq_status refuse_scheme(const char *scheme, igq_error *error)
{
    char allowed[256] = "";
    size_t used = 0;
    for (int i = 0; i < IGQ_SCHEME_COUNT; i++)
        if (igq_schemes[i].format != &igq_format_affine && used < sizeof allowed)
            used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%s", used > 0 ? ", " : "",
                                     igq_scheme_names[i]);
    return igq_fail(error, "--scheme %s: needs a calibrated network; allowed: %s", scheme, allowed);
}

static igq_status code_file(const char *output, igq_safetensors *file, const igq_scheme_cfg *cfg, int bits,
                            igq_error *error)
{
    int num = igq_safetensors_num(file), num_parts = 0;
    igq_coded_tensor *coded = calloc((size_t)num + 1, sizeof *coded);
    igq_tensor *parts = calloc((size_t)num * IGQ_MAX_CODED_PARTS + 1, sizeof *parts);
    igq_status status = coded && parts ? IGQ_OK : igq_out_of_memory(error);
    for (int i = 0; status == IGQ_OK && i < num; i++) {
        const igq_tensor *tensor = igq_safetensors_at(file, i);
        const float *x;
        status = igq_safetensors_floats(&x, file, tensor, error);
        igq_error fault = {0};
        if (status == IGQ_OK && (status = igq_coded_tensor_make(&coded[i], tensor, x, cfg, bits, &fault)) != IGQ_OK)
            igq_fail(error, "%s: %.1900s", igq_safetensors_path(file), fault.message);
        for (int k = 0; k < coded[i].num_parts; k++)
            parts[num_parts++] = coded[i].part[k];
    }
    const igq_metadata metadata[] = {{"scheme", igq_scheme_names[cfg->scheme]}};
    if (status == IGQ_OK)
        status = igq_safetensors_write(output, parts, num_parts, metadata, 1, error);
    if (status == IGQ_OK)
        printf("%s: %d tensor%s as %s\n", output, num, num == 1 ? "" : "s", igq_scheme_names[cfg->scheme]);
    for (int i = 0; coded && i < num; i++)
        igq_coded_tensor_free(&coded[i]);
    free(coded);
    free(parts);
    return status;
}

igq_status igq_cmd_quantize(int argc, const char *const *argv, igq_error *error)
{
    const char *input = NULL, *output = NULL, *scheme = NULL;
    int64_t bits = 4;
    igq_string_list sets = {0};
    const igq_option options[] = {
        {"--input", 'i', IGQ_OPTION_STRING, &input, "FILE", "tensors (safetensors)", 0, 0},
        {"--scheme", 0, IGQ_OPTION_STRING, &scheme, "NAME", "vsquant, mx, nvfp4, bfp or tender", 0, 0},
        {"--bits", 0, IGQ_OPTION_INT, &bits, "B", "of the codes of vsquant, bfp and tender (default 4)", 2, 8},
        {"--set", 0, IGQ_OPTION_EACH, &sets, "KEY=VALUE",
         "of a machine file's sections mx, nvfp4, bfp, vsquant, tender, or mac_array.vector_length, num_groups; "
         "repeatable",
         0, 0},
        {"--output", 'o', IGQ_OPTION_STRING, &output, "FILE", "codes, scales and values (safetensors)", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "quantize -i X.safetensors --scheme NAME [--bits B] [--set KEY=VALUE]... -o CODES.safetensors",
        "Codes every tensor of a file, blocks along its last dimension: NAME/codes, NAME/scales, and NAME/values,\n"
        "which is what they stand for.",
        "  igqsim quantize -i x.safetensors --scheme mx --set mx.element=fp8_e4m3 -o codes.safetensors\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (!input || !scheme || !output)
        return igq_fail(error, "%s is missing; see igqsim quantize --help",
                        !input    ? "--input FILE"
                        : !scheme ? "--scheme NAME"
                                  : "--output FILE");
    igq_scheme_cfg cfg;
    if ((status = igq_number_format_load(&cfg, scheme, &sets, error)) != IGQ_OK)
        return status;
    if (igq_schemes[cfg.scheme].format == &igq_format_affine)
        return refuse_scheme(scheme, error);
    if (cfg.scheme == IGQ_SCHEME_TENDER && cfg.num_groups > IGQ_TENDER_MAX_GROUPS)
        return igq_fail(error, "--set num_groups: is %d; allowed with --scheme tender: 1 to %d", cfg.num_groups,
                        IGQ_TENDER_MAX_GROUPS);
    igq_safetensors *file = NULL;
    status = igq_file_check_output(output, error);
    if (status == IGQ_OK && (status = igq_safetensors_open(&file, input, error)) == IGQ_OK)
        status = code_file(output, file, &cfg, (int)bits, error);
    igq_safetensors_close(file);
    return status;
}
