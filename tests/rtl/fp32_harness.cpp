// SPDX-License-Identifier: Apache-2.0
// The Verilated fp32_units behind one function.
#include "Vunit.h"
#include <algorithm>
#include <memory>

// num pairs, a multiple of 16, through both units, 16 in a cycle.
extern "C" void igq_fp32_units(const uint32_t *a, const uint32_t *b, uint32_t *product, uint32_t *sum, uint64_t num)
{
    const uint64_t width = 16, stages = 2;
    auto units = std::make_unique<Vunit>();
    for (uint64_t n = 0; n < num + (stages - 1) * width; n += width) {
        if (n < num) {
            std::copy_n(a + n, width, units->a_i.data());
            std::copy_n(b + n, width, units->b_i.data());
        }
        units->clk_i = 0;
        units->eval();
        units->clk_i = 1;
        units->eval();
        if (n < (stages - 1) * width)
            continue;
        std::copy_n(units->product_o.data(), width, product + n - (stages - 1) * width);
        std::copy_n(units->sum_o.data(), width, sum + n - (stages - 1) * width);
    }
}
