// SPDX-License-Identifier: Apache-2.0
// igqsim_status.h - what functions of igqsim return; installed with igqsim.h.
#ifndef IGQSIM_STATUS_H
#define IGQSIM_STATUS_H

typedef enum igq_status {
    IGQ_OK = 0,
    IGQ_USER_ERROR = 1,     // something the user can put right
    IGQ_INTERNAL_ERROR = 2, // a fault of igqsim
    IGQ_MISMATCH = 3        // verification found a difference; printed already, no message
} igq_status;

#endif
