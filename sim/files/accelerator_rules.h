// SPDX-License-Identifier: Apache-2.0
// accelerator_rules.h - how the keys of a machine go together, beyond the range that each has in the table of
// accelerator_file.c.
#ifndef IGQ_ACCELERATOR_RULES_H
#define IGQ_ACCELERATOR_RULES_H
#include "accelerator.h"
#include "key_source.h"

#ifdef __cplusplus
extern "C" {
#endif

// Refuses what makes no hardware: each rule that is broken adds a fault to the source, with the line of its key. Every
// key is in its range already.
void igq_accelerator_rules(const igq_accelerator *machine, igq_key_source *source);

#ifdef __cplusplus
}
#endif
#endif
