// SPDX-License-Identifier: Apache-2.0
/// Distance of one channel's range [lo, hi] from the bounds of every group, exact. Combinational.
/// C twin: igq_assign_distance in models/numbers/assign.h.
module igq_distance #(
  parameter int unsigned MaxGroups = 8,
  parameter int unsigned ActWidth  = igq_pkg::ActInBits,
  parameter int unsigned Distance  = igq_pkg::DistanceL2,
  localparam int unsigned DistanceWidth = igq_pkg::distance_width(ActWidth, Distance)
) (
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

  for (genvar g = 0; g < MaxGroups; g++) begin : gen_group
    logic [ActWidth-1:0]      lo_diff, hi_diff;
    logic [DistanceWidth-1:0] distance;

    assign lo_diff = abs_diff(lo_i, lower_i[g*ActWidth+:ActWidth]);
    assign hi_diff = abs_diff(hi_i, upper_i[g*ActWidth+:ActWidth]);

    if (Distance == igq_pkg::DistanceL2) begin : gen_l2
      assign distance = DistanceWidth'(lo_diff) * DistanceWidth'(lo_diff) +
                        DistanceWidth'(hi_diff) * DistanceWidth'(hi_diff);
    end else if (Distance == igq_pkg::DistanceL1) begin : gen_l1
      assign distance = DistanceWidth'(lo_diff) + DistanceWidth'(hi_diff);
    end else begin : gen_linf
      assign distance = (lo_diff > hi_diff) ? lo_diff : hi_diff;
    end

    assign distance_o[g*DistanceWidth+:DistanceWidth] = distance;
  end

endmodule
