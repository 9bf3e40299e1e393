// SPDX-License-Identifier: Apache-2.0
/// Products of IEEE 754 single precision numbers, Num side by side, rounded to nearest even, with subnormal numbers; two
/// stages. NaN comes out as 7fc00000.
module igq_fp32_mul #(
  parameter int unsigned Num = 1
) (
  input  logic              clk_i,
  input  logic              en_i,
  input  logic [Num*32-1:0] a_i,
  input  logic [Num*32-1:0] b_i,
  output logic [Num*32-1:0] product_o
);

  // First stage: significands with their leading one in bit 23, and their product.
  logic [31:0]       a, b;
  logic [23:0]       a_significand, b_significand;
  logic signed [9:0] a_exponent, b_exponent;
  logic [Num*48-1:0] product_d, product_q;
  logic [Num*10-1:0] exponent_d, exponent_q;
  logic [Num-1:0]    sign_d, sign_q, nan_d, nan_q, infinite_d, infinite_q, zero_d, zero_q;

  always_comb begin
    for (int unsigned n = 0; n < Num; n++) begin
      a             = a_i[n*32+:32];
      b             = b_i[n*32+:32];
      a_significand = {a[30:23] != 0, a[22:0]};
      b_significand = {b[30:23] != 0, b[22:0]};
      a_exponent    = (a[30:23] != 0) ? $signed({2'b00, a[30:23]}) : 10'sd1;
      b_exponent    = (b[30:23] != 0) ? $signed({2'b00, b[30:23]}) : 10'sd1;
      for (int unsigned i = 16; i >= 1; i = i / 2) begin
        if ((a_significand >> (24 - i)) == 0) begin
          a_significand = a_significand << i;
          a_exponent    = a_exponent - 10'(i);
        end
        if ((b_significand >> (24 - i)) == 0) begin
          b_significand = b_significand << i;
          b_exponent    = b_exponent - 10'(i);
        end
      end
      product_d[n*48+:48]  = 48'(a_significand) * 48'(b_significand);
      exponent_d[n*10+:10] = a_exponent + b_exponent - 10'sd127;
      sign_d[n]            = a[31] ^ b[31];
      zero_d[n]            = a[30:0] == 0 || b[30:0] == 0;
      infinite_d[n]        = a[30:0] == 31'h7f800000 || b[30:0] == 31'h7f800000;
      nan_d[n]             = a[30:0] > 31'h7f800000 || b[30:0] > 31'h7f800000 || (zero_d[n] && infinite_d[n]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      product_q  <= product_d;
      exponent_q <= exponent_d;
      sign_q     <= sign_d;
      zero_q     <= zero_d;
      infinite_q <= infinite_d;
      nan_q      <= nan_d;
    end
  end

  // Second stage: leading one to bit 47, or less far for a subnormal number; then rounding, which may carry into the
  // exponent.
  logic [47:0]       aligned, shifted;
  logic signed [9:0] exponent;
  logic [5:0]        places;
  logic              sticky, round_up;
  logic [30:0]       rounded;
  logic [Num*32-1:0] result;

  always_comb begin
    for (int unsigned n = 0; n < Num; n++) begin
      aligned  = product_q[n*48+47] ? product_q[n*48+:48] : product_q[n*48+:48] << 1;
      exponent = $signed(exponent_q[n*10+:10]) + (product_q[n*48+47] ? 10'sd1 : 10'sd0);
      places   = (exponent > 0) ? 6'd0 : (exponent < -10'sd46) ? 6'd48 : 6'(10'sd1 - exponent);
      shifted  = aligned >> places;
      sticky   = (shifted << places) != aligned || shifted[22:0] != 0;
      round_up = shifted[23] && (sticky || shifted[24]);
      rounded  = {(exponent > 0) ? exponent[7:0] : 8'd0, shifted[46:24]} + 31'(round_up);
      if (exponent > 10'sd254 || rounded > 31'h7f800000 || infinite_q[n]) rounded = 31'h7f800000;
      if (zero_q[n]) rounded = '0;
      result[n*32+:32] = nan_q[n] ? 32'h7fc00000 : {sign_q[n], rounded};
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i) product_o <= result;
  end

endmodule
