// SPDX-License-Identifier: Apache-2.0
// standard_input.h - a file of the command line that is called "-".
#ifndef IGQ_STANDARD_INPUT_H
#define IGQ_STANDARD_INPUT_H
#include "error.h"

// Reads standard input to its end, up to 2^20 bytes of text, as the file "-" from now on (igq_file_lend).
igq_status igq_standard_input_lend(igq_error *error);

#endif
