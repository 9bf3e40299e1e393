// SPDX-License-Identifier: Apache-2.0
// What test_verilate.cpp asks of a unit that was built on the fly.
#include "Vunit.h"
#include <memory>

extern "C" int igq_counted(int cycles)
{
    VerilatedContext context;
    auto unit = std::make_unique<Vunit>(&context);
    for (int i = 0; i < cycles; i++) {
        unit->clk_i = 0;
        unit->eval();
        unit->clk_i = 1;
        unit->eval();
    }
    int count = unit->count_o;
    unit->final();
    return count;
}
