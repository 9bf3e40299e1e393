// SPDX-License-Identifier: Apache-2.0
/// Sums of two IEEE 754 single precision numbers, Num side by side, rounded to nearest even, with subnormal numbers; two
/// stages. NaN comes out as 7fc00000. `next_o` is what `sum_o` will be in the next cycle.
module igq_fp32_add #(
  parameter int unsigned Num = 1
) (
  input  logic              clk_i,
  input  logic              en_i,
  input  logic [Num*32-1:0] a_i,
  input  logic [Num*32-1:0] b_i,
  output logic [Num*32-1:0] next_o,
  output logic [Num*32-1:0] sum_o
);

  // First stage: the smaller magnitude is shifted to the larger one's exponent, three bits below its last for rounding,
  // of which the lowest gathers all that is shifted out.
  logic              swap, lost;
  logic [31:0]       x, y;
  logic [7:0]        x_exponent, y_exponent, distance;
  logic [26:0]       x_significand, y_significand, y_shifted;
  logic [Num*28-1:0] sum_d, sum_q;
  logic [Num*8-1:0]  exponent_d, exponent_q;
  logic [Num-1:0]    sign_d, sign_q, zero_sign_d, zero_sign_q, nan_d, nan_q, infinite_d, infinite_q;

  always_comb begin
    for (int unsigned n = 0; n < Num; n++) begin
      swap          = b_i[n*32+:31] > a_i[n*32+:31];
      x             = swap ? b_i[n*32+:32] : a_i[n*32+:32];
      y             = swap ? a_i[n*32+:32] : b_i[n*32+:32];
      x_exponent    = (x[30:23] != 0) ? x[30:23] : 8'd1;
      y_exponent    = (y[30:23] != 0) ? y[30:23] : 8'd1;
      x_significand = {x[30:23] != 0, x[22:0], 3'b000};
      y_significand = {y[30:23] != 0, y[22:0], 3'b000};
      distance      = x_exponent - y_exponent;
      y_shifted     = y_significand >> distance;
      lost          = (distance > 8'd26) ? y_significand != 0 : (y_shifted << distance) != y_significand;
      y_shifted[0]  = y_shifted[0] | lost;
      sum_d[n*28+:28] = (x[31] == y[31]) ? 28'(x_significand) + 28'(y_shifted) : 28'(x_significand) - 28'(y_shifted);
      exponent_d[n*8+:8] = x_exponent;
      sign_d[n]          = x[31];
      zero_sign_d[n]     = x[31] && y[31];
      infinite_d[n]      = x[30:0] == 31'h7f800000;
      nan_d[n]           = x[30:0] > 31'h7f800000 || (infinite_d[n] && y[30:0] == 31'h7f800000 && x[31] != y[31]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      sum_q       <= sum_d;
      exponent_q  <= exponent_d;
      sign_q      <= sign_d;
      zero_sign_q <= zero_sign_d;
      infinite_q  <= infinite_d;
      nan_q       <= nan_d;
    end
  end

  // Second stage: the leading one to bit 26, as far as the exponent allows; then rounding, which may carry into the
  // exponent.
  logic [27:0] significand;
  logic [8:0]  exponent;
  logic        round_up;
  logic [31:0] rounded;

  always_comb begin
    for (int unsigned n = 0; n < Num; n++) begin
      significand = sum_q[n*28+:28];
      exponent    = {1'b0, exponent_q[n*8+:8]};
      if (significand[27]) begin
        significand = {1'b0, significand[27:2], significand[1] | significand[0]};
        exponent    = exponent + 9'd1;
      end
      for (int unsigned i = 16; i >= 1; i = i / 2) begin
        if ((significand >> (27 - i)) == 0 && exponent > 9'(i)) begin
          significand = significand << i;
          exponent    = exponent - 9'(i);
        end
      end
      round_up = significand[2] && (significand[1:0] != 0 || significand[3]);
      rounded  = {significand[26] ? exponent : 9'd0, significand[25:3]} + 32'(round_up);
      if (infinite_q[n] || rounded > 32'h7f800000) rounded = 32'h7f800000;
      next_o[n*32+:32] = {sign_q[n], rounded[30:0]};
      if (sum_q[n*28+:28] == 0) next_o[n*32+:32] = {zero_sign_q[n], 31'd0};
      if (nan_q[n]) next_o[n*32+:32] = 32'h7fc00000;
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i) sum_o <= next_o;
  end

endmodule
