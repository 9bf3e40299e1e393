// SPDX-License-Identifier: Apache-2.0
`include "igq_assert.svh"
/// What the lists of a layer must be, watched from outside; for simulation only.
module igq_group_assign_checks #(
  parameter int unsigned DistanceLanes = 2,
  parameter int unsigned MaxChannels   = 64,
  parameter int unsigned MaxGroups     = 8,
  parameter int unsigned HasCapacity   = 1,
  localparam int unsigned ChannelCountWidth = igq_pkg::count_width(MaxChannels),
  localparam int unsigned GroupCountWidth   = igq_pkg::count_width(MaxGroups),
  localparam int unsigned ChannelWidth      = igq_pkg::index_width(MaxChannels),
  localparam int unsigned GroupWidth        = igq_pkg::index_width(MaxGroups)
) (
  input logic                                   clk_i,
  input logic                                   rst_ni,
  /// A layer is being scored.
  input logic                                   score_i,
  /// The dealer repairs a step.
  input logic                                   again_i,
  /// The score has read all of a layer with these counts; its lists follow after score_done_i.
  input logic                                   score_release_i,
  input logic                                   score_done_i,
  input logic [ChannelCountWidth-1:0]           num_channels_i,
  input logic [GroupCountWidth-1:0]             num_groups_i,
  input logic [ChannelCountWidth-1:0]           capacity_i,
  input logic                                   list_valid_i,
  input logic                                   list_ready_i,
  input logic [GroupWidth-1:0]                  list_group_i,
  input logic [ChannelWidth-1:0]                list_channel_i,
  input logic                                   list_group_last_i,
  input logic                                   list_last_i,
  input logic [MaxGroups*ChannelCountWidth-1:0] count_i
);

  logic [MaxChannels-1:0]       seen_q;
  logic [ChannelCountWidth-1:0] num_channels_q, capacity_q, emitted_q, in_group_q, count_sum;
  logic [GroupCountWidth-1:0]   num_groups_q;
  logic [GroupWidth-1:0]        group_q;
  logic [ChannelWidth-1:0]      channel_q;
  logic [31:0]                  score_cycles_q, repairs_q;
  logic                         take, over;

  assign take = list_valid_i && list_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || score_done_i) begin
      seen_q         <= '0;
      emitted_q      <= '0;
      in_group_q     <= '0;
    end else if (take) begin
      seen_q[list_channel_i] <= 1'b1;
      emitted_q              <= emitted_q + 1;
      in_group_q             <= list_group_last_i ? '0 : in_group_q + 1;
      group_q                <= list_group_i;
      channel_q              <= list_channel_i;
    end
    if (score_release_i) begin
      num_channels_q <= num_channels_i;
      num_groups_q   <= num_groups_i;
      capacity_q     <= (HasCapacity != 0) ? capacity_i : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    score_cycles_q <= (rst_ni && score_i) ? score_cycles_q + 1 : 1;
    repairs_q      <= (rst_ni && score_i) ? repairs_q + 32'(again_i) : 0;
  end

  always_comb begin
    count_sum = '0;
    over      = 1'b0;
    for (int unsigned g = 0; g < MaxGroups; g++) begin
      count_sum = count_sum + count_i[g*ChannelCountWidth+:ChannelCountWidth];
      over = over || (capacity_q != '0 && count_i[g*ChannelCountWidth+:ChannelCountWidth] > capacity_q);
    end
  end

  `IGQ_ASSERT(ScoreCycles, score_done_i |-> score_cycles_q ==
              igq_pkg::ceil_div(32'(num_channels_q), DistanceLanes) + igq_pkg::ScorePipelineCycles + repairs_q)
  `IGQ_ASSERT(FewRepairs, score_done_i |-> repairs_q < 32'(num_groups_q))
  `IGQ_ASSERT(NoListOver, list_valid_i |-> !over)
  `IGQ_ASSERT(GroupExists, take |-> GroupCountWidth'(list_group_i) < num_groups_q)
  `IGQ_ASSERT(ChannelExists, take |-> ChannelCountWidth'(list_channel_i) < num_channels_q)
  `IGQ_ASSERT(ChannelOnce, take |-> !seen_q[list_channel_i])
  `IGQ_ASSERT(AllChannels, take |-> list_last_i == (emitted_q + 1 == num_channels_q))
  `IGQ_ASSERT(CountsAddUp, list_valid_i |-> count_sum == num_channels_q)
  `IGQ_ASSERT(GroupFull, take |->
              list_group_last_i ==
              (in_group_q + 1 == count_i[list_group_i*ChannelCountWidth+:ChannelCountWidth]))
  `IGQ_ASSERT(GroupHeld, take && in_group_q != '0 |-> list_group_i == group_q && list_channel_i > channel_q)
  `IGQ_ASSERT(GroupsAscend, take && in_group_q == '0 && emitted_q != '0 |-> list_group_i > group_q)
  `IGQ_ASSERT(LastEndsGroup, take && list_last_i |-> list_group_last_i)

endmodule
