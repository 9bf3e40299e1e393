// SPDX-License-Identifier: Apache-2.0
/// Bounds of the quantizers. Writes go to a set of registers of their own, 0 after reset; take_i copies them, as they stood
/// before this cycle, into one of the two sets that layers are scored with. Unwritten bounds keep their value; a write to
/// a group that there is not is ignored.
module igq_bounds #(
  parameter int unsigned MaxGroups = 8,
  parameter int unsigned ActWidth  = igq_pkg::ActInBits,
  localparam int unsigned GroupWidth = igq_pkg::index_width(MaxGroups)
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          we_i,
  input  logic [GroupWidth-1:0]         group_i,
  input  logic [ActWidth-1:0]           lower_i,
  input  logic [ActWidth-1:0]           upper_i,
  input  logic                          take_i,
  input  logic                          take_bank_i,
  input  logic                          read_bank_i,
  output logic [MaxGroups*ActWidth-1:0] lower_o,
  output logic [MaxGroups*ActWidth-1:0] upper_o
);

  logic [MaxGroups*ActWidth-1:0] lower_q, upper_q;
  logic [MaxGroups*ActWidth-1:0] taken_lower_q [2];
  logic [MaxGroups*ActWidth-1:0] taken_upper_q [2];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      lower_q <= '0;
      upper_q <= '0;
    end else if (we_i && 32'(group_i) < MaxGroups) begin
      lower_q[32'(group_i)*ActWidth+:ActWidth] <= lower_i;
      upper_q[32'(group_i)*ActWidth+:ActWidth] <= upper_i;
    end
    if (take_i) begin
      taken_lower_q[take_bank_i] <= lower_q;
      taken_upper_q[take_bank_i] <= upper_q;
    end
  end

  assign lower_o = taken_lower_q[read_bank_i];
  assign upper_o = taken_upper_q[read_bank_i];

endmodule
