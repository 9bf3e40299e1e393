// SPDX-License-Identifier: Apache-2.0
#include "sweep_names.h"
#include "accelerator_file.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static_assert(offsetof(igq_settings, machine) == 0, "keys of the machine keep their offsets");

// Choices are numbers that no key allows, so that they are not taken for one.
#define FIRST_CHOICE_NUMBER 4e9

#define AT(member) offsetof(igq_settings, calibrate.member)
#define INT(name, member, max, meaning)                                                                                \
    {                                                                                                                  \
        "calibrate", name, IGQ_KEY_INT, AT(member), 2, max, NULL, 0, "bits", meaning, NULL, NULL                       \
    }
static const igq_key calibrate_keys[] = {
    {"calibrate", "num_groups", IGQ_KEY_INT, AT(num_groups), 1, IGQ_MAX_GROUPS, NULL, 0, "", "groups of each layer",
     NULL, NULL},
    INT("act_bits", act_bits, 8, "activation codes"),
    INT("weight_bits", weight_bits, 8, "weight codes"),
    INT("attn_bits", attn_bits, 8, "codes of q, k and v"),
    INT("edge_bits", edge_bits, 8, "codes of patch embedding and head"),
    {"calibrate", "weight_groups", IGQ_KEY_INT, AT(weight_groups), 0, IGQ_MAX_CHANNELS, NULL, 0, "quantizers",
     "of a layer's weights; 0: one per output channel", NULL, NULL},
    {"calibrate", "epsilon_pct", IGQ_KEY_REAL, AT(weight_epsilon_pct), 0, 49, NULL, 0, "",
     "weight bounds at this percentile and 100 minus it", NULL, NULL},
    {"calibrate", "bounds", IGQ_KEY_CHOICE, AT(bounds), 0, 0, igq_bounds_names, IGQ_BOUNDS_COUNT, "",
     "of a group: mean of its members or around them all", NULL, NULL},
    {"calibrate", "iterations", IGQ_KEY_INT, AT(max_iterations), 1, 100000, NULL, 0, "", "at most so many updates",
     NULL, NULL},
};
#define NUM_CALIBRATE_KEYS ((int)(sizeof calibrate_keys / sizeof *calibrate_keys))

const igq_key *igq_sweep_calibrate_keys(int *num_keys)
{
    *num_keys = NUM_CALIBRATE_KEYS;
    return calibrate_keys;
}

static igq_status make_keys(igq_sweep *sweep, igq_error *error)
{
    int num_machine_keys;
    const igq_key *machine_keys = igq_accelerator_keys(&num_machine_keys);
    sweep->keys = calloc((size_t)(num_machine_keys + NUM_CALIBRATE_KEYS), sizeof *sweep->keys);
    if (sweep->keys == NULL)
        return igq_out_of_memory(error);
    for (int i = 0; i < num_machine_keys; i++)
        if (machine_keys[i].kind != IGQ_KEY_TEXT && machine_keys[i].kind != IGQ_KEY_REAL3)
            sweep->keys[sweep->num_keys++] = machine_keys[i];
    for (int i = 0; sweep->calibrates && i < NUM_CALIBRATE_KEYS; i++)
        sweep->keys[sweep->num_keys++] = calibrate_keys[i];
    return IGQ_OK;
}

static int add_name(igq_names *names, const char *name, double value)
{
    names->name[names->num] = strdup(name);
    names->value[names->num] = value;
    return names->name[names->num++] != NULL;
}

igq_status igq_sweep_names_new(igq_sweep *sweep, igq_error *error)
{
    igq_names *names = &sweep->names;
    igq_status status = make_keys(sweep, error);
    if (status != IGQ_OK)
        return status;
    size_t most = (size_t)sweep->num_keys + 1 + (size_t)igq_num_results();
    for (int i = 0; i < sweep->num_keys; i++)
        most += (size_t)sweep->keys[i].num_choices;
    names->name = calloc(most, sizeof *names->name);
    names->value = calloc(most, sizeof *names->value);
    int complete = names->name != NULL && names->value != NULL;
    for (int i = 0; complete && i < sweep->num_keys; i++) {
        char path[IGQ_KEY_PATH_BYTES];
        igq_key_path(path, &sweep->keys[i]);
        complete = add_name(names, path, 0);
    }
    sweep->first_choice = names->num;
    for (int i = 0; complete && i < sweep->num_keys; i++)
        for (int k = 0; complete && k < sweep->keys[i].num_choices; k++)
            if (igq_sweep_name(sweep, sweep->keys[i].choices[k]) < 0)
                complete = add_name(names, sweep->keys[i].choices[k], FIRST_CHOICE_NUMBER + names->num);
    sweep->peak_macs = names->num;
    complete = complete && add_name(names, "peak_macs_per_cycle", 0);
    sweep->first_result = names->num;
    for (int r = 0; complete && r < igq_num_results(); r++)
        complete = add_name(names, igq_result_column(r)->metric, 0);
    return complete ? IGQ_OK : igq_out_of_memory(error);
}

int igq_sweep_name(const igq_sweep *sweep, const char *name)
{
    for (int i = 0; i < sweep->names.num; i++)
        if (strcmp(sweep->names.name[i], name) == 0)
            return i;
    return -1;
}

int igq_sweep_is_calibrate_key(const igq_sweep *sweep, int key)
{
    const igq_key *one = &sweep->keys[key];
    return one->section != NULL && strcmp(one->section, calibrate_keys[0].section) == 0;
}

// The number of a choice, by its index in the key's list; and back, -1 if it is no choice of the key.
static double choice_number(const igq_sweep *sweep, const igq_key *key, int choice)
{
    return sweep->names.value[igq_sweep_name(sweep, key->choices[choice])];
}

static int choice_of(const igq_sweep *sweep, const igq_key *key, double number)
{
    for (int choice = 0; choice < key->num_choices; choice++)
        if (choice_number(sweep, key, choice) == number)
            return choice;
    return -1;
}

igq_status igq_sweep_parse(double *number, const igq_sweep *sweep, int key, const char *text, igq_error *error)
{
    const igq_key *one = &sweep->keys[key];
    char allowed[IGQ_KEY_TEXT_BYTES], *end;
    igq_key_allowed(allowed, one);
    if (one->kind == IGQ_KEY_CHOICE) {
        for (int choice = 0; choice < one->num_choices; choice++)
            if (strcmp(one->choices[choice], text) == 0) {
                *number = choice_number(sweep, one, choice);
                return IGQ_OK;
            }
        return igq_fail(error, "\"%.60s\" is not one of the choices; allowed: %s", text, allowed);
    }
    *number = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || text[strspn(text, "+-.0123456789eE")] != '\0') // no "nan", no "0x1p4"
        return igq_fail(error, "\"%.60s\" is not a number; allowed: %s", text, allowed);
    igq_settings scratch;
    return igq_key_set_number(&scratch, one, *number, error);
}

void igq_sweep_names_from(const igq_sweep *sweep, const igq_settings *settings)
{
    for (int i = 0; i < sweep->num_keys; i++) {
        const igq_key *key = &sweep->keys[i];
        double number = igq_key_number(settings, key);
        sweep->names.value[i] = key->kind == IGQ_KEY_CHOICE ? choice_number(sweep, key, (int)number) : number;
    }
}

igq_status igq_sweep_names_to(igq_settings *settings, const igq_sweep *sweep, igq_error *error)
{
    igq_status status = IGQ_OK;
    for (int i = 0; status == IGQ_OK && i < sweep->num_keys; i++) {
        const igq_key *key = &sweep->keys[i];
        double number = sweep->names.value[i];
        if (key->kind != IGQ_KEY_CHOICE) {
            status = igq_key_set_number(settings, key, number, error);
            continue;
        }
        char allowed[IGQ_KEY_TEXT_BYTES];
        igq_key_allowed(allowed, key);
        int choice = choice_of(sweep, key, number);
        status = choice >= 0 ? igq_key_set_number(settings, key, choice, error)
                             : igq_fail(error, "%s: the formula gives none of the choices; allowed: %s",
                                        sweep->names.name[i], allowed);
    }
    return status;
}

void igq_sweep_names_derive(const igq_sweep *sweep)
{
    igq_settings settings = sweep->base;
    igq_error ignored;
    int num_auto = 0;
    for (int i = 0; i < sweep->num_keys; i++)
        num_auto += isnan(sweep->names.value[i]) && sweep->keys[i].derive != NULL;
    if (num_auto == 0 || igq_sweep_names_to(&settings, sweep, &ignored) != IGQ_OK)
        return;
    igq_keys_derive(&settings, sweep->keys, sweep->num_keys);
    for (int i = 0; i < sweep->num_keys; i++)
        if (sweep->keys[i].derive != NULL)
            sweep->names.value[i] = igq_key_number(&settings, &sweep->keys[i]);
}
