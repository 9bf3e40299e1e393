// SPDX-License-Identifier: Apache-2.0
// reference_machine.h - the machine without groups that a machine with groups is held against: equal in peak, buffers
// and DRAM. docs/energy.md, "The overhead of grouping".
#ifndef IGQ_REFERENCE_MACHINE_H
#define IGQ_REFERENCE_MACHINE_H
#include "accelerator.h"

#ifdef __cplusplus
extern "C" {
#endif

// The machine that `machine` is held against under `scheme` (layerwise or vsquant): the same but for its arrays, which
// are one shared array of 16-channel vector MACs of the same peak unless they are shared already.
igq_accelerator igq_reference_machine(const igq_accelerator *machine, igq_scheme scheme);

#ifdef __cplusplus
}
#endif
#endif
