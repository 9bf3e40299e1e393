// SPDX-License-Identifier: Apache-2.0
/// Signed integers of up to 64 bits, Num side by side, as IEEE 754 single precision numbers, rounded to nearest even.
/// Combinational.
module igq_int_to_fp32 #(
  parameter int unsigned Num   = 1,
  parameter int unsigned Width = 32
) (
  input  logic [Num*Width-1:0] value_i,
  output logic [Num*32-1:0]    float_o
);

  logic [63:0] magnitude;
  logic [7:0]  exponent;
  logic        sign, round_up;
  logic [30:0] rounded;

  always_comb begin
    for (int unsigned n = 0; n < Num; n++) begin
      magnitude = 64'($signed(value_i[n*Width+:Width]));
      sign      = magnitude[63];
      if (sign) magnitude = -magnitude;
      exponent = 8'd190; // of a leading one in bit 63
      for (int unsigned i = 32; i >= 1; i = i / 2) begin
        if ((magnitude >> (64 - i)) == 0) begin
          magnitude = magnitude << i;
          exponent  = exponent - 8'(i);
        end
      end
      round_up = magnitude[39] && (magnitude[38:0] != 0 || magnitude[40]);
      rounded  = {exponent, magnitude[62:40]} + 31'(round_up);
      float_o[n*32+:32] = magnitude[63] ? {sign, rounded} : 32'd0;
    end
  end

endmodule
