// SPDX-License-Identifier: Apache-2.0
/// 16-bit activations into codes, less their zero point: clip(round(value * multiplier / 2^shift) + zero, 0, largest) -
/// zero, half up (models/numbers/quant.h). Lanes activations share a quantizer; two stages. With `is_code_i` the value is
/// the code.
module igq_quantizer #(
  parameter int unsigned Lanes = 16,
  localparam int unsigned ValueBits      = igq_datapath_pkg::ValueBits,
  localparam int unsigned CodeBits       = igq_datapath_pkg::CodeBits,
  localparam int unsigned MultiplierBits = igq_datapath_pkg::MultiplierBits,
  localparam int unsigned ShiftBits      = igq_datapath_pkg::ShiftBits
) (
  input  logic                          clk_i,
  input  logic                          en_i,
  input  logic                          is_code_i,
  input  logic [MultiplierBits-1:0]     multiplier_i,
  input  logic [ShiftBits-1:0]          shift_i,
  input  logic [CodeBits-1:0]           zero_i,
  input  logic [CodeBits-1:0]           largest_i,
  input  logic [Lanes*ValueBits-1:0]    value_i,
  /// Signed; two cycles later.
  output logic [Lanes*(CodeBits+1)-1:0] operand_o
);

  localparam int unsigned ProductBits = ValueBits + MultiplierBits;

  logic [Lanes*ProductBits-1:0] product_d, product_q;
  logic [ShiftBits-1:0]         shift_q;
  logic [CodeBits-1:0]          zero_q, largest_q;

  // A code goes through as a product of 1, and its zero point is not added again.
  logic is_code_q;

  always_comb begin
    for (int unsigned i = 0; i < Lanes; i++) begin
      product_d[i*ProductBits+:ProductBits] =
          ProductBits'($signed(value_i[i*ValueBits+:ValueBits])) * ProductBits'($signed({1'b0, is_code_i ? MultiplierBits'(1) : multiplier_i}));
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      product_q <= product_d;
      shift_q   <= is_code_i ? '0 : shift_i;
      zero_q    <= zero_i;
      largest_q <= largest_i;
      is_code_q <= is_code_i;
    end
  end

  logic signed [ProductBits:0]   scaled, half;
  logic [CodeBits-1:0]           code;
  logic [Lanes*(CodeBits+1)-1:0] operand;

  always_comb begin
    half = (shift_q == 0) ? '0 : (ProductBits+1)'(1) << (shift_q - 1'b1);
    for (int unsigned i = 0; i < Lanes; i++) begin
      scaled = ($signed({product_q[i*ProductBits+ProductBits-1], product_q[i*ProductBits+:ProductBits]}) + half) >>> shift_q;
      scaled = scaled + (is_code_q ? '0 : $signed((ProductBits+1)'(zero_q)));
      code   = (scaled < 0) ? '0 : (scaled > $signed((ProductBits+1)'(largest_q))) ? largest_q : scaled[CodeBits-1:0];
      operand[i*(CodeBits+1)+:CodeBits+1] = {1'b0, code} - {1'b0, zero_q};
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i) operand_o <= operand;
  end

endmodule
