// SPDX-License-Identifier: Apache-2.0
#include "reference_machine.h"
#include "format.h"

static int greatest_common_divisor(int a, int b)
{
    return b == 0 ? a : greatest_common_divisor(b, a % b);
}

igq_accelerator igq_reference_machine(const igq_accelerator *machine, igq_scheme scheme)
{
    enum { VECTOR_LENGTH = 16 }; // of VS-Quant's hardware
    igq_accelerator reference = *machine;
    igq_mac_array_cfg *array = &reference.mac_array;
    reference.scheme.scheme = scheme;
    reference.scheme.weight_scheme = IGQ_WEIGHT_SCHEME_AUTO; // its own
    reference.row_selector.zero_skip = 0;                    // it has no lists
    if (machine->mac_organisation != IGQ_ORGANISATION_SHARED) {
        int peak = igq_peak_macs_per_cycle(&machine->mac_array);
        reference.mac_organisation = IGQ_ORGANISATION_SHARED;
        reference.tiling.mapped = 0;
        reference.tiling.choice = IGQ_TILING_CHOICE_AUTO; // fixed tiles were made for other arrays
        array->num_arrays = array->token_rows = 1;
        array->vector_length = greatest_common_divisor(peak, VECTOR_LENGTH);
        array->lanes = peak / array->vector_length;
    }
    if (reference.row_selector.bank_width_bits < igq_row_bits(array)) // a row comes with one read
        reference.row_selector.bank_width_bits = igq_row_bits(array);
    int least_acc_bits = igq_pairing_of(&reference.scheme)->least_acc_bits;
    if (array->acc_bits < least_acc_bits)
        array->acc_bits = least_acc_bits;
    reference.scheme.acc_bits = array->acc_bits;
    reference.scheme.vector_length = array->vector_length;
    return reference;
}
