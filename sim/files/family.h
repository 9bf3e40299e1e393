// SPDX-License-Identifier: Apache-2.0
// family.h - what sets a family of networks apart for files and runs: the keys of its files, how they go together, its
// graph, and the names of its weights. A row a family, in family_NAME.c; IGQ_FAMILIES lists them.
#ifndef IGQ_FAMILY_H
#define IGQ_FAMILY_H
#include "keys.h"
#include "weight_dialects.h"
#include "workload_file.h"

typedef struct igq_family_row {
    const igq_key *keys; // of its files, between name and family and what all have
    int num_keys;
    // Refuses what does not go together, and fills in what the keys leave unsaid. NULL: nothing.
    igq_status (*check)(igq_workload *workload, igq_key_source *source);
    // New, its weights with names and no data; NULL when memory is short. The row's is NULL where files bring theirs.
    igq_graph *(*graph)(const igq_workload *workload);
    int (*classes)(const igq_workload *workload); // how far labels may go; NULL: there are none
    const igq_dialect *dialects;                  // of the names of weights; NULL: those of the graph
    const char *note;                             // what `describe` adds; NULL: nothing
} igq_family_row;

#define IGQ_FAMILY_DECLARE(ID, name) extern const igq_family_row igq_family_##name;
IGQ_FAMILIES(IGQ_FAMILY_DECLARE)
const igq_family_row *igq_family_of(igq_family family);

// For `check`: a part that must divide a whole, both named by their keys, and a number that the given keys lead to.
igq_status igq_check_divides(int whole, const char *whole_key, int part, const char *part_key, igq_key_source *source);
igq_status igq_check_most(long long number, const char *what, int most, const char *key, igq_key_source *source);

#endif
