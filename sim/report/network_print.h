// SPDX-License-Identifier: Apache-2.0
// network_print.h - what igqsim understood of a network: its products, what is grouped, what the vector unit does to
// their results, and what of a graph is left besides.
#ifndef IGQ_NETWORK_PRINT_H
#define IGQ_NETWORK_PRINT_H
#include "error.h"
#include "workload_file.h"

#ifdef __cplusplus
extern "C" {
#endif

igq_status igq_network_print(const igq_workload *workload, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
