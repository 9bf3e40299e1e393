// SPDX-License-Identifier: Apache-2.0
// layout.c - prints what a program that was built with igqsim.h has taken in: sizes, places of members, values.
#include "igqsim.h"
#include <stdio.h>

#define MEMBER(name)                                                                                                   \
    printf("igq_run_options.%s at %zu, %zu bytes\n", #name, offsetof(igq_run_options, name),                           \
           sizeof((igq_run_options *)0)->name)

int main(void)
{
    printf("IGQ_ABI_VERSION %d %d\n", IGQ_ABI_VERSION, igq_abi_version());
    printf("igq_status %d %d %d %d, %zu bytes\n", IGQ_OK, IGQ_USER_ERROR, IGQ_INTERNAL_ERROR, IGQ_MISMATCH,
           sizeof(igq_status));
    printf("igq_run_options %zu bytes\n", sizeof(igq_run_options));
    MEMBER(struct_bytes);
    MEMBER(accelerator);
    MEMBER(accelerator_text);
    MEMBER(workload);
    MEMBER(workload_text);
    MEMBER(calibration);
    MEMBER(calibration_text);
    MEMBER(technology);
    MEMBER(trace);
    MEMBER(weights);
    MEMBER(images);
    MEMBER(num_images);
    MEMBER(inputs);
    MEMBER(labels);
    MEMBER(scheme);
    MEMBER(sets);
    MEMBER(num_sets);
    MEMBER(mapping);
    MEMBER(assign_rtl);
    return 0;
}
