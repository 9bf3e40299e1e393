// SPDX-License-Identifier: Apache-2.0
// number_format_file.c - number formats without a machine.
#include "accelerator_file.h"
#include "key_source.h"
#include <assert.h>
#include <string.h>

enum { MAX_KEYS = 256 }; // of a machine

// The keys of the accelerator that say how numbers are coded, none of them required.
static int format_keys(igq_key chosen[MAX_KEYS])
{
    static const char *const sections[] = {"vsquant", "mx", "nvfp4", "bfp", "tender"};
    int num = 0, num_keys;
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    assert(num_keys <= MAX_KEYS);
    for (int i = 0; i < num_keys; i++) {
        int is_wanted =
            keys[i].section == NULL && (strcmp(keys[i].name, "scheme") == 0 || strcmp(keys[i].name, "num_groups") == 0);
        is_wanted |= keys[i].section != NULL && strcmp(keys[i].name, "vector_length") == 0;
        for (size_t s = 0; keys[i].section != NULL && s < sizeof sections / sizeof *sections; s++)
            is_wanted |= strcmp(keys[i].section, sections[s]) == 0;
        if (!is_wanted)
            continue;
        chosen[num] = keys[i];
        if (chosen[num].initial == NULL)
            chosen[num].initial = strcmp(keys[i].name, "vector_length") == 0        ? "16"
                                  : strcmp(keys[i].name, "scale_product_bits") == 0 ? "0"
                                                                                    : "8";
        num++;
    }
    return num;
}

igq_status igq_number_format_load(igq_scheme_cfg *cfg, const char *scheme, const igq_string_list *sets,
                                  igq_error *error)
{
    igq_key chosen[MAX_KEYS];
    int num = format_keys(chosen);
    igq_accelerator machine = {0};
    igq_key_source source;
    const igq_key_table table = {chosen, num};
    igq_status status = igq_key_sets_check(sets, &table, 1, error);
    if (status != IGQ_OK)
        return status;
    status = igq_key_source_open(&source, NULL, sets, error);
    if (status == IGQ_OK)
        status = igq_key_source_set(&source, "--scheme", "scheme", scheme);
    if (status == IGQ_OK)
        status = igq_keys_read(&machine, chosen, num, &source);
    if (status == IGQ_OK) {
        igq_keys_check(&machine, chosen, num, &source);
        status = igq_key_source_status(&source);
    }
    igq_key_source_close(&source);
    *cfg = machine.scheme;
    cfg->vector_length = machine.mac_array.vector_length;
    cfg->num_groups = machine.num_groups;
    return status;
}
