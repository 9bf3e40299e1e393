// SPDX-License-Identifier: Apache-2.0
#include "operation_code.h"
#include "operation_walk.h"

igq_op_code igq_op_code_of(igq_op op)
{
    const igq_op_code *const tables[] = {igq_elementwise_codes, igq_unary_codes, igq_vector_codes, igq_move_codes,
                                         igq_window_codes};
    igq_op_code code = NULL;
    for (size_t i = 0; !code && i < sizeof tables / sizeof *tables; i++)
        code = tables[i][op];
    return code;
}
