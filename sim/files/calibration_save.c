// SPDX-License-Identifier: Apache-2.0
#include "calibration_file.h"
#include "file.h"
#include "shape_members.h"
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_list(FILE *out, const char *indent, const char *name, const int16_t *values, int num)
{
    fprintf(out, "%s%s: [", indent, name);
    for (int i = 0; i < num; i++)
        fprintf(out, "%s%d", i > 0 ? ", " : "", values[i]);
    fputs("]\n", out);
}

static void write_string(FILE *out, const char *indent, const char *name, const int16_t *values, int num)
{
    fprintf(out, "%s%s: \"", indent, name);
    for (int i = 0; i < num; i++)
        fprintf(out, "%s%d", i > 0 ? " " : "", values[i]);
    fputs("\"\n", out);
}

static void write_bounds(FILE *out, const char *indent, const igq_group_bounds *bounds)
{
    write_list(out, indent, "lower", bounds->lower, bounds->num_groups);
    write_list(out, indent, "upper", bounds->upper, bounds->num_groups);
    if (bounds->covers) {
        write_list(out, indent, "cover_lower", bounds->cover_lower, bounds->num_groups);
        write_list(out, indent, "cover_upper", bounds->cover_upper, bounds->num_groups);
    }
    write_string(out, indent, "member_lo", bounds->member_lo, bounds->num_members);
    write_string(out, indent, "member_hi", bounds->member_hi, bounds->num_members);
}

// In quotes where YAML would read something else.
static void write_name(FILE *out, const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./";
    int quoted = name[strspn(name, plain)] != '\0' || !isalpha((unsigned char)name[0]);
    if (quoted)
        fputc('"', out);
    for (; *name != '\0'; name++)
        fprintf(out, *name == '"' || *name == '\\' ? "\\%c" : "%c", *name);
    if (quoted)
        fputc('"', out);
}

static void write_head(FILE *out, const igq_calibration *calibration, const igq_workload *workload,
                       const igq_network *network)
{
    fprintf(out, "# Calibration of %s on %d images: grids, code widths, and the bounds of the groups.\n",
            workload->name, calibration->num_images);
    fputs("# Written by igqsim calibrate. Bounds and ranges are integers on the grid 2^exponent of their layer.\n",
          out);
    fprintf(out, "igqsim_version: %s\nnetwork:\n  name: \"%s\"\n", IGQSIM_VERSION, workload->name);
    for (int i = 0; workload->family == IGQ_FAMILY_VIT && i < IGQ_NUM_SHAPE_MEMBERS; i++)
        fprintf(out, "  %s: %d\n", igq_shape_members[i].name, igq_shape_value(&workload->shape, i));
    if (workload->family != IGQ_FAMILY_VIT)
        fprintf(out, "  family: %s\n  layers: %d\n", igq_family_names[workload->family], network->num_layers);
    fprintf(out, "num_images: %d\nattn_bits: %d\n", calibration->num_images, calibration->attn_bits);
    if (calibration->bounds_alpha > 0)
        fprintf(out, "bounds_alpha: %.15g\n", calibration->bounds_alpha);
}

static void write_linear(FILE *out, const igq_calibration *calibration, const igq_network *network)
{
    fputs("\nlinear: # inputs of linear layers; members are channels\n", out);
    for (int i = 0; i < calibration->num_linear; i++) {
        const igq_linear_calibration *linear = &calibration->linear[i];
        fputs("  - name: ", out);
        write_name(out, igq_network_linear(network, i)->name);
        fprintf(out, "\n    exponent: %d\n    bits: %d\n    weight_bits: %d\n    weight_epsilon_pct: %.15g\n",
                linear->act.exponent, linear->act.bits, linear->weight_bits, linear->weight_epsilon_pct);
        if (linear->weight_groups > 0)
            fprintf(out, "    weight_groups: %d\n", linear->weight_groups);
        write_bounds(out, "    ", &linear->act);
    }
}

static void write_blocks(FILE *out, const igq_calibration *calibration, const igq_network *network)
{
    if (network->num_attention == 0) {
        fprintf(out, "\nblocks: [] # no attention\n");
        return;
    }
    fprintf(
        out,
        "\nblocks: # attention; bounds of q, k, v on the grid 2^qkv_exponent; members of a softmax are rows, on 2^%d\n",
        IGQ_SOFTMAX_EXPONENT);
    for (int block = 0; block < network->num_attention; block++) {
        const igq_layer *attention = igq_network_attention(network, block);
        fprintf(out, "  - qkv_exponent: %d\n    heads:\n", calibration->qkv_exponent[block]);
        for (int h = 0; h < attention->heads; h++) {
            const igq_head_calibration *head = &calibration->head[attention->first_head + h];
            fprintf(out, "      - q: [%d, %d]\n        k: [%d, %d]\n        v: [%d, %d]\n        bits: %d\n",
                    head->q_lower, head->q_upper, head->k_lower, head->k_upper, head->v_lower, head->v_upper,
                    head->softmax.bits);
            write_bounds(out, "        ", &head->softmax);
        }
    }
}

igq_status igq_calibration_save(const char *path, const igq_calibration *calibration, const igq_workload *workload,
                                igq_error *error)
{
    char *text = NULL;
    size_t size = 0;
    igq_network *network = igq_workload_network(workload);
    FILE *out = network != NULL ? open_memstream(&text, &size) : NULL;
    if (out == NULL) {
        igq_network_free(network);
        return igq_fail(error, "%s: not enough memory", path);
    }
    write_head(out, calibration, workload, network);
    write_linear(out, calibration, network);
    write_blocks(out, calibration, network);
    igq_network_free(network);
    int failed = ferror(out);
    failed |= fclose(out) != 0;
    igq_status status =
        failed ? igq_fail(error, "%s: not enough memory", path) : igq_file_write(path, text, size, error);
    free(text);
    return status;
}
