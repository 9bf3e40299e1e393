// SPDX-License-Identifier: Apache-2.0
// accelerator_file.h - a machine from a YAML file (configs/accelerators/) and the files that it is based on. Key names
// are the members of igq_accelerator.
#ifndef IGQ_ACCELERATOR_FILE_H
#define IGQ_ACCELERATOR_FILE_H
#include "accelerator.h"
#include "error.h"
#include "keys.h"
#include <jansson.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

// Reads, checks ranges, and refuses machines that make no hardware; with all faults, a line each.
igq_status igq_accelerator_load(igq_accelerator *accelerator, const char *path, igq_error *error);

// The same under settings of the command line: sets (NULL: none) are words KEY=VALUE, of which those that are no keys
// of a machine are left alone; scheme (NULL: the file's) is that of `--scheme`.
igq_status igq_accelerator_load_with(igq_accelerator *accelerator, const char *path, const igq_string_list *sets,
                                     const char *scheme, igq_error *error);

// The same, but keys that say "auto" are left to igq_accelerator_finish, for machines of which keys are yet to be set.
igq_status igq_accelerator_read(igq_accelerator *accelerator, const char *path, const igq_string_list *sets,
                                igq_error *error);

// Of a machine whose keys were set one by one, each within its range: values of keys that say "auto", the checks of how
// keys go together, and the members that are copies of others.
igq_status igq_accelerator_finish(igq_accelerator *accelerator, igq_error *error);

// The one check of a machine: the ranges of the table, and how keys go together. Loading and finishing end with it;
// what needs the layers of a network is igq_machine_check's.
igq_status igq_accelerator_check(const igq_accelerator *accelerator, igq_error *error);

// Number formats alone, without a machine: scheme and the keys of its section, as sets give them, else their defaults
// (vsquant: vectors of 16 channels, scales of 8 bits). Refuses a set of any other key.
igq_status igq_number_format_load(igq_scheme_cfg *cfg, const char *scheme, const igq_string_list *sets,
                                  igq_error *error);

// The table of the file's keys; offsets are those in igq_accelerator.
const igq_key *igq_accelerator_keys(int *num_keys);

// The values in the order of the file's keys, for reports. New reference.
json_t *igq_accelerator_to_json(const igq_accelerator *accelerator);

// Every key with its unit, range and meaning; with its value if accelerator is not NULL.
void igq_accelerator_describe_keys(FILE *out, const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
