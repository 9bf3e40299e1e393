// SPDX-License-Identifier: Apache-2.0
/// igq_distance for all ranges and bounds, taken or not, against the formula in wide signed arithmetic.
module formal_distance #(
  parameter int unsigned ActWidth = 16,
  parameter int unsigned Distance = 0
) (
  input logic clk_i
);

  localparam int unsigned DistanceWidth = igq_pkg::distance_width(ActWidth, Distance);
  localparam int unsigned WideWidth     = 2 * ActWidth + 4;

  (* anyseq *) logic [ActWidth-1:0] lo, hi, lower, upper;
  (* anyseq *) logic                take;
  logic [DistanceWidth-1:0]         distance;

  igq_distance #(
    .MaxGroups(1),
    .ActWidth (ActWidth),
    .Distance (Distance)
  ) u_distance (
    .clk_i,
    .take_i    (take),
    .lo_i      (lo),
    .hi_i      (hi),
    .lower_i   (lower),
    .upper_i   (upper),
    .distance_o(distance)
  );

  logic signed [WideWidth-1:0] lo_diff, hi_diff, lo_abs, hi_abs, expected;
  logic [ActWidth-1:0] taken_lo, taken_hi, taken_lower, taken_upper;
  logic                taken = 1'b0;
  assign lo_diff = $signed(taken_lo) - $signed(taken_lower);
  assign hi_diff = $signed(taken_hi) - $signed(taken_upper);
  assign lo_abs  = (lo_diff < 0) ? -lo_diff : lo_diff;
  assign hi_abs  = (hi_diff < 0) ? -hi_diff : hi_diff;
  assign expected = (Distance == 0) ? lo_diff * lo_diff + hi_diff * hi_diff :
                    (Distance == 1) ? lo_abs + hi_abs :
                    (lo_abs > hi_abs) ? lo_abs : hi_abs;

  always_ff @(posedge clk_i) begin
    if (take) begin
      taken       <= 1'b1;
      taken_lo    <= lo;
      taken_hi    <= hi;
      taken_lower <= lower;
      taken_upper <= upper;
    end
    if (taken) assert ($signed({1'b0, distance}) == expected);
  end

endmodule
