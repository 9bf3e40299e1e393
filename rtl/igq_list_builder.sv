// SPDX-License-Identifier: Apache-2.0
/// Keeps per-group channel lists of a scored layer and emits them: group after group, channels ascending, one entry per
/// cycle, no cycle lost on an empty group or at a change of group. Every distance lane keeps lists of its own; the lane
/// whose front channel is lowest goes first. Channel = step * DistanceLanes + lane.
module igq_list_builder #(
  parameter int unsigned DistanceLanes = 2,
  parameter int unsigned MaxChannels   = 64,
  parameter int unsigned MaxGroups     = 8,
  localparam int unsigned ChannelCountWidth = igq_pkg::count_width(MaxChannels),
  localparam int unsigned ChannelWidth      = igq_pkg::index_width(MaxChannels),
  localparam int unsigned GroupWidth        = igq_pkg::index_width(MaxGroups),
  localparam int unsigned MaxSteps          = igq_pkg::ceil_div(MaxChannels, DistanceLanes),
  localparam int unsigned StepWidth         = igq_pkg::index_width(MaxSteps)
) (
  input  logic                                   clk_i,
  input  logic                                   rst_ni,
  input  logic                                   clear_i,
  input  logic [DistanceLanes-1:0]               insert_valid_i,
  input  logic [StepWidth-1:0]                   insert_step_i,
  input  logic [DistanceLanes*GroupWidth-1:0]    insert_group_i,
  /// All channels are inserted, at least one; emission begins in the cycle after.
  input  logic                                   emit_i,
  output logic                                   list_valid_o,
  input  logic                                   list_ready_i,
  output logic [GroupWidth-1:0]                  list_group_o,
  output logic [ChannelWidth-1:0]                list_channel_o,
  output logic                                   list_group_last_o,
  output logic                                   list_last_o,
  output logic [MaxGroups*ChannelCountWidth-1:0] count_o
);

  localparam int unsigned LaneWidth    = igq_pkg::index_width(DistanceLanes);
  localparam int unsigned ArrivalWidth = igq_pkg::count_width(DistanceLanes);

  // Channels per group.
  logic [MaxGroups*ChannelCountWidth-1:0] count_d, count_q;
  logic [ArrivalWidth-1:0]                arrivals;

  always_comb begin
    for (int unsigned g = 0; g < MaxGroups; g++) begin
      arrivals = '0;
      for (int unsigned d = 0; d < DistanceLanes; d++) begin
        arrivals = arrivals + ArrivalWidth'(insert_valid_i[d] && insert_group_i[d*GroupWidth+:GroupWidth] == GroupWidth'(g));
      end
      count_d[g*ChannelCountWidth+:ChannelCountWidth] =
          count_q[g*ChannelCountWidth+:ChannelCountWidth] + ChannelCountWidth'(arrivals);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) count_q <= '0;
    else count_q <= count_d;
  end

  assign count_o = count_q;

  // Groups that are still to be emitted, and the lowest of them.
  logic [MaxGroups-1:0]  nonempty, waiting, waiting_q;
  logic [GroupWidth-1:0] next_group, group_q;
  logic                  emitting_q, take, open;

  assign take    = list_valid_o && list_ready_i;
  assign open    = emit_i || (take && list_group_last_o && !list_last_o);
  assign waiting = emit_i ? nonempty : waiting_q;

  always_comb begin
    next_group = '0;
    for (int unsigned g = MaxGroups; g > 0; g--) begin
      if (waiting[g-1]) next_group = GroupWidth'(g - 1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) emitting_q <= 1'b0;
    else if (emit_i) emitting_q <= 1'b1;
    else if (take && list_last_o) emitting_q <= 1'b0;
    if (open) begin
      group_q               <= next_group;
      waiting_q             <= waiting;
      waiting_q[next_group] <= 1'b0;
    end
  end

  // Fronts of the lanes. A lane without one has a key above all steps, and a known one even where nothing was ever
  // written; of equal steps the lower lane is lower.
  logic [DistanceLanes*(StepWidth+1)-1:0] key;
  logic [DistanceLanes*StepWidth-1:0]     front_step;
  logic [DistanceLanes*MaxGroups-1:0]     lane_nonempty;
  logic [DistanceLanes-1:0]               front_valid, front_last, chosen;
  logic [LaneWidth-1:0]                   lane;

  for (genvar d = 0; d < DistanceLanes; d++) begin : gen_lane
    igq_lane_list #(
      .MaxSteps (MaxSteps),
      .MaxGroups(MaxGroups)
    ) u_list (
      .clk_i,
      .rst_ni,
      .clear_i,
      .insert_i      (insert_valid_i[d]),
      .insert_group_i(insert_group_i[d*GroupWidth+:GroupWidth]),
      .insert_step_i,
      .nonempty_o    (lane_nonempty[d*MaxGroups+:MaxGroups]),
      .open_i        (open),
      .open_group_i  (next_group),
      .front_valid_o (front_valid[d]),
      .front_step_o  (front_step[d*StepWidth+:StepWidth]),
      .front_last_o  (front_last[d]),
      .pop_i         (take && chosen[d])
    );

    assign key[d*(StepWidth+1)+:StepWidth+1] =
        {!front_valid[d], front_step[d*StepWidth+:StepWidth] & {StepWidth{front_valid[d]}}};
    assign chosen[d] = lane == LaneWidth'(d);
  end

  always_comb begin
    nonempty = '0;
    for (int unsigned d = 0; d < DistanceLanes; d++) begin
      nonempty = nonempty | lane_nonempty[d*MaxGroups+:MaxGroups];
    end
  end

  igq_argmin #(
    .Num  (DistanceLanes),
    .Width(StepWidth + 1)
  ) u_lowest (
    .key_i  (key),
    .index_o(lane)
  );

  assign list_valid_o      = emitting_q;
  assign list_group_o      = group_q;
  assign list_channel_o    = ChannelWidth'(32'(front_step[lane*StepWidth+:StepWidth]) * DistanceLanes + 32'(lane));
  assign list_group_last_o = (front_valid & ~(chosen & front_last)) == '0;
  assign list_last_o       = list_group_last_o && waiting_q == '0;

endmodule
