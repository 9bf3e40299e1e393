// SPDX-License-Identifier: Apache-2.0
// sweep_names.h - the numbers that the formulas of a sweep may name, and their way into a machine. A choice such as
// per_group is a number too, the same one wherever it stands, so that `mac_organisation == per_group` is a comparison.
#ifndef IGQ_SWEEP_NAMES_H
#define IGQ_SWEEP_NAMES_H
#include "sweep_file.h"

// Fills sweep->keys and the names; freed with the sweep.
igq_status igq_sweep_names_new(igq_sweep *sweep, igq_error *error);

// Index of a name, -1 if there is none.
int igq_sweep_name(const igq_sweep *sweep, const char *name);

// The keys that `calibrate:` may have.
const igq_key *igq_sweep_calibrate_keys(int *num_keys);

// 1 if key number `key` is one of `calibrate:`.
int igq_sweep_is_calibrate_key(const igq_sweep *sweep, int key);

// Of key number `key`: the number that a text or a choice's index stands for. Refuses what the key does not allow.
igq_status igq_sweep_parse(double *number, const igq_sweep *sweep, int key, const char *text, igq_error *error);

// The names of the keys from a machine, and back. Back refuses numbers that a key does not allow.
void igq_sweep_names_from(const igq_sweep *sweep, const igq_settings *settings);
igq_status igq_sweep_names_to(igq_settings *settings, const igq_sweep *sweep, igq_error *error);

// The values of keys that say "auto", which follow from the others; left at NaN where those are no machine.
void igq_sweep_names_derive(const igq_sweep *sweep);

#endif
