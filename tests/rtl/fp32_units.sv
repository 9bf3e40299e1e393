// SPDX-License-Identifier: Apache-2.0
/// Both FP32 units of the datapath on the same operands, for tests/rtl/test_fp32.cpp.
module fp32_units #(
  parameter int unsigned Num = 16
) (
  input  logic              clk_i,
  input  logic [Num*32-1:0] a_i,
  input  logic [Num*32-1:0] b_i,
  output logic [Num*32-1:0] product_o,
  output logic [Num*32-1:0] sum_o
);

  logic [Num*32-1:0] next;

  igq_fp32_mul #(.Num(Num)) u_mul (.clk_i, .en_i(1'b1), .a_i, .b_i, .product_o);
  igq_fp32_add #(.Num(Num)) u_add (.clk_i, .en_i(1'b1), .a_i, .b_i, .next_o(next), .sum_o);

endmodule
