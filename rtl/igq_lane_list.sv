// SPDX-License-Identifier: Apache-2.0
/// The lists of one distance lane: per group a linked list of score steps, ascending. One insertion per cycle while a
/// layer is scored, one removal per cycle while its lists are emitted; lists are walked in place.
module igq_lane_list #(
  parameter int unsigned MaxSteps  = 32,
  parameter int unsigned MaxGroups = 8,
  localparam int unsigned StepWidth  = igq_pkg::index_width(MaxSteps),
  localparam int unsigned GroupWidth = igq_pkg::index_width(MaxGroups)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  /// Empties all lists.
  input  logic                  clear_i,
  input  logic                  insert_i,
  input  logic [GroupWidth-1:0] insert_group_i,
  input  logic [StepWidth-1:0]  insert_step_i,
  output logic [MaxGroups-1:0]  nonempty_o,
  /// Begins to walk a group's list; its first step is offered in the cycle after.
  input  logic                  open_i,
  input  logic [GroupWidth-1:0] open_group_i,
  /// Step at the front of the open list; front_last_o: nothing follows it.
  output logic                  front_valid_o,
  output logic [StepWidth-1:0]  front_step_o,
  output logic                  front_last_o,
  input  logic                  pop_i
);

  logic [MaxGroups-1:0] nonempty_q;
  logic [StepWidth-1:0] head_q [MaxGroups];
  logic [StepWidth-1:0] tail_q [MaxGroups];

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      nonempty_q <= '0;
    end else if (insert_i) begin
      nonempty_q[insert_group_i] <= 1'b1;
    end
    if (insert_i) begin
      if (!nonempty_q[insert_group_i]) head_q[insert_group_i] <= insert_step_i;
      tail_q[insert_group_i] <= insert_step_i;
    end
  end

  assign nonempty_o = nonempty_q;

  // The walk. The successor of the front is always read ahead.
  logic                 front_valid_d, front_valid_q;
  logic [StepWidth-1:0] front_d, front_q, tail_of_open_q, successor;

  always_comb begin
    front_valid_d = front_valid_q;
    front_d       = front_q;
    if (open_i) begin
      front_valid_d = nonempty_q[open_group_i];
      front_d       = head_q[open_group_i];
    end else if (pop_i) begin
      front_valid_d = !front_last_o;
      front_d       = successor;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) front_valid_q <= 1'b0;
    else front_valid_q <= front_valid_d;
    front_q <= front_d;
    if (open_i) tail_of_open_q <= tail_q[open_group_i];
  end

  assign front_valid_o = front_valid_q;
  assign front_step_o  = front_q;
  assign front_last_o  = front_q == tail_of_open_q;

  igq_ram #(
    .Depth  (MaxSteps),
    .Columns(1),
    .Width  (StepWidth)
  ) u_successors (
    .clk_i,
    .we_i   (insert_i && nonempty_q[insert_group_i]),
    .waddr_i(tail_q[insert_group_i]),
    .wdata_i(insert_step_i),
    .re_i   (open_i || pop_i),
    .raddr_i(front_d),
    .rdata_o(successor)
  );

endmodule
