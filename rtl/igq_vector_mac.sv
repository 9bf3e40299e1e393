// SPDX-License-Identifier: Apache-2.0
/// One vector multiply-accumulate of a MAC array: VectorLength products and their sum into an accumulator, operands
/// registered. Not part of the assignment unit; docs/rtl-cost.md sets the unit's cost beside it.
module igq_vector_mac #(
  parameter int unsigned VectorLength = 16,
  /// Codes after subtraction of their zero points: one bit more than the code.
  parameter int unsigned OperandWidth = 5,
  parameter int unsigned AccWidth     = 24
) (
  input  logic                                 clk_i,
  /// Starts a new sum.
  input  logic                                 clear_i,
  input  logic [VectorLength*OperandWidth-1:0] act_i,
  input  logic [VectorLength*OperandWidth-1:0] weight_i,
  output logic [AccWidth-1:0]                  acc_o
);

  logic [VectorLength*OperandWidth-1:0] act_q, weight_q;
  logic [AccWidth-1:0]                  sum, acc_q;
  logic                                 clear_q;
  logic signed [2*OperandWidth-1:0]     product;

  always_comb begin
    product = '0;
    sum     = clear_q ? '0 : acc_q;
    for (int unsigned i = 0; i < VectorLength; i++) begin
      product = $signed(act_q[i*OperandWidth+:OperandWidth]) * $signed(weight_q[i*OperandWidth+:OperandWidth]);
      sum     = sum + AccWidth'(product);
    end
  end

  always_ff @(posedge clk_i) begin
    act_q    <= act_i;
    weight_q <= weight_i;
    clear_q  <= clear_i;
    acc_q    <= sum;
  end

  assign acc_o = acc_q;

endmodule
