// SPDX-License-Identifier: Apache-2.0
/// Distance of one channel's range [lo, hi] from the bounds of every group, exact. Takes a step in two cycles: differences
/// in the first, their squares and sums in the second. C twin: igq_assign_distance in models/numbers/assign.h.
module igq_distance #(
  parameter int unsigned MaxGroups = 8,
  parameter int unsigned ActWidth  = igq_pkg::ActInBits,
  parameter int unsigned Distance  = igq_pkg::DistanceL2,
  localparam int unsigned DistanceWidth = igq_pkg::distance_width(ActWidth, Distance)
) (
  input  logic                               clk_i,
  /// Takes lo, hi and bounds; distance_o belongs to the last that were taken.
  input  logic                               take_i,
  input  logic [ActWidth-1:0]                lo_i,
  input  logic [ActWidth-1:0]                hi_i,
  input  logic [MaxGroups*ActWidth-1:0]      lower_i,
  input  logic [MaxGroups*ActWidth-1:0]      upper_i,
  output logic [MaxGroups*DistanceWidth-1:0] distance_o
);

  // |a - b| of signed numbers fits as many bits unsigned.
  function automatic logic [ActWidth-1:0] abs_diff(logic [ActWidth-1:0] a, logic [ActWidth-1:0] b);
    abs_diff = ($signed(a) < $signed(b)) ? b - a : a - b;
  endfunction

  // a^2 + b^2, each pair of digits once: x^2 = sum over i of x_i (2^2i + 2^(2i+2) * (digits above i)).
  function automatic logic [DistanceWidth-1:0] sum_of_squares(logic [ActWidth-1:0] a, logic [ActWidth-1:0] b);
    sum_of_squares = '0;
    for (int unsigned i = 0; i < ActWidth; i++) begin
      sum_of_squares = sum_of_squares +
          ((DistanceWidth'(a) >> (i + 1) << (2 * i + 2) | DistanceWidth'(1) << (2 * i)) & {DistanceWidth{a[i]}}) +
          ((DistanceWidth'(b) >> (i + 1) << (2 * i + 2) | DistanceWidth'(1) << (2 * i)) & {DistanceWidth{b[i]}});
    end
  endfunction

  for (genvar g = 0; g < MaxGroups; g++) begin : gen_group
    logic [ActWidth-1:0]      lo_diff_q, hi_diff_q;
    logic [DistanceWidth-1:0] distance;

    always_ff @(posedge clk_i) begin
      if (take_i) begin
        lo_diff_q <= abs_diff(lo_i, lower_i[g*ActWidth+:ActWidth]);
        hi_diff_q <= abs_diff(hi_i, upper_i[g*ActWidth+:ActWidth]);
      end
    end

    if (Distance == igq_pkg::DistanceL2) begin : gen_l2
      assign distance = sum_of_squares(lo_diff_q, hi_diff_q);
    end else if (Distance == igq_pkg::DistanceL1) begin : gen_l1
      assign distance = DistanceWidth'(lo_diff_q) + DistanceWidth'(hi_diff_q);
    end else begin : gen_linf
      assign distance = (lo_diff_q > hi_diff_q) ? lo_diff_q : hi_diff_q;
    end

    assign distance_o[g*DistanceWidth+:DistanceWidth] = distance;
  end

endmodule
