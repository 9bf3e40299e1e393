// SPDX-License-Identifier: Apache-2.0
// axis.h - an axis of a sweep: a list of values, a range {from, to, step or factor}, or a list of records that set
// several keys together.
#ifndef IGQ_AXIS_H
#define IGQ_AXIS_H
#include "sweep_file.h"
#include "yaml_tree.h"

// Takes the number of keys.
#define IGQ_UNKNOWN_KEY_TEXT                                                                                           \
    "is no key of the machine; allowed: the %d that igqsim describe prints, such as mac_array.lanes"

igq_status igq_axis_read(igq_axis *axis, const igq_sweep *sweep, const char *name, const igq_yaml_node *node,
                         igq_error *error);
void igq_axis_free(igq_axis *axis);

#endif
