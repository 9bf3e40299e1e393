// SPDX-License-Identifier: Apache-2.0
`include "igq_assert.svh"
/// Group assignment unit of IGQ-ViT: takes the activations of a layer, finds the range of every channel, deals each
/// channel to the quantizer whose bounds are nearest and emits one channel list per group.
///
/// A layer: write the bounds of its groups, hand over its counts (which samples the bounds), send its activations, take
/// its lists. Phases and their cycles (docs/timing.md, models/timing/latency.h):
///   range  tokens * ceil(channels / RangeLanes) beats
///   score  ceil(channels / DistanceLanes) + ScorePipelineCycles + repairs (igq_dealer), from the cycle after the last
///          beat and the last list entry of the layer before
///   emit   channels entries, from the cycle after score
/// Layers overlap: activations of a layer are accepted while the layer before is in any phase, from the cycle after the
/// score of the layer before that; its counts a cycle earlier.
module igq_group_assign #(
  /// Activations per cycle into the range unit.
  parameter int unsigned RangeLanes    = 4,
  /// Channels per cycle scored. One of the two lane counts is a power of two times the other.
  parameter int unsigned DistanceLanes = 2,
  /// Largest counts of a layer.
  parameter int unsigned MaxChannels   = 64,
  parameter int unsigned MaxTokens     = 64,
  parameter int unsigned MaxGroups     = 8,
  parameter int unsigned ActWidth      = igq_pkg::ActInBits,
  /// igq_pkg::DistanceL2, DistanceL1 or DistanceLinf.
  parameter int unsigned Distance      = igq_pkg::DistanceL2,
  /// 0: no list has a limit, and capacity_i is not looked at.
  parameter int unsigned HasCapacity   = 1,
  localparam int unsigned ChannelCountWidth = igq_pkg::count_width(MaxChannels),
  localparam int unsigned TokenCountWidth   = igq_pkg::count_width(MaxTokens),
  localparam int unsigned GroupCountWidth   = igq_pkg::count_width(MaxGroups),
  localparam int unsigned ChannelWidth      = igq_pkg::index_width(MaxChannels),
  localparam int unsigned GroupWidth        = igq_pkg::index_width(MaxGroups)
) (
  input  logic                                   clk_i,
  /// Synchronous. All bounds become 0; memories are not reset.
  input  logic                                   rst_ni,
  /// Signed bounds of one group, at any time. A write in the cycle of a layer's handshake counts for the layer after.
  input  logic                                   bound_we_i,
  input  logic [GroupWidth-1:0]                  bound_group_i,
  input  logic [ActWidth-1:0]                    bound_lower_i,
  input  logic [ActWidth-1:0]                    bound_upper_i,
  /// Counts of the next layer, each at least 1. Its activations are accepted from the cycle after the handshake.
  input  logic                                   layer_valid_i,
  output logic                                   layer_ready_o,
  input  logic [TokenCountWidth-1:0]             num_tokens_i,
  input  logic [ChannelCountWidth-1:0]           num_channels_i,
  input  logic [GroupCountWidth-1:0]             num_groups_i,
  /// Most channels of a list of that layer; 0: no limit, else at least channels / groups.
  input  logic [ChannelCountWidth-1:0]           capacity_i,
  /// Signed activations, token after token, channels ascending; lanes beyond a token's last channel are ignored.
  input  logic                                   act_valid_i,
  output logic                                   act_ready_o,
  input  logic [RangeLanes*ActWidth-1:0]         act_data_i,
  /// Lists: group after group, channels ascending, empty groups absent.
  output logic                                   list_valid_o,
  input  logic                                   list_ready_i,
  output logic [GroupWidth-1:0]                  list_group_o,
  output logic [ChannelWidth-1:0]                list_channel_o,
  output logic                                   list_group_last_o,
  output logic                                   list_last_o,
  /// Channels in each group, for as long as lists are emitted.
  output logic [MaxGroups*ChannelCountWidth-1:0] count_o
);

  if (RangeLanes == 0 || DistanceLanes == 0 || MaxChannels == 0 || MaxTokens == 0 || MaxGroups == 0) begin : gen_zero
    $fatal(1, "lanes and maxima must be at least 1");
  end else begin : gen_lanes
    localparam int unsigned More = igq_pkg::max(RangeLanes, DistanceLanes);
    localparam int unsigned Less = RangeLanes + DistanceLanes - More;
    if (More != Less * 2 ** $clog2(More / Less)) begin : gen_ratio
      $fatal(1, "RangeLanes and DistanceLanes must be a power of two apart");
    end
  end
  if (ActWidth < 2) begin : gen_act_width
    $fatal(1, "ActWidth must be at least 2: a sign and a digit");
  end
  if (Distance > igq_pkg::DistanceLinf) begin : gen_distance
    $fatal(1, "Distance must be 0 (l2), 1 (l1) or 2 (linf)");
  end

  localparam int unsigned StepWidth = igq_pkg::index_width(igq_pkg::ceil_div(MaxChannels, DistanceLanes));

  typedef enum logic [1:0] {Idle, Score, Emit} phase_e;

  // Layers take the two banks in turn. A bank is occupied from the handshake of its layer until the score has read it;
  // it is complete when its ranges are.
  logic [1:0] occupied_d, occupied_q, complete_d, complete_q;
  logic       layer_bank_q, range_bank_q, score_bank_q;
  phase_e     phase_d, phase_q;

  logic [TokenCountWidth-1:0]   num_tokens_q   [2];
  logic [ChannelCountWidth-1:0] num_channels_q [2];
  logic [GroupCountWidth-1:0]   num_groups_q   [2];
  logic [ChannelCountWidth-1:0] capacity_q     [2];

  logic layer_take, range_done, score_start, score_release, score_done, list_done;

  assign layer_ready_o = !occupied_q[layer_bank_q];
  assign layer_take    = layer_valid_i && layer_ready_o;
  assign list_done     = list_valid_o && list_ready_i && list_last_o;
  assign score_start   = complete_d[score_bank_q] && (phase_q == Idle || (phase_q == Emit && list_done));

  always_comb begin
    occupied_d = occupied_q;
    complete_d = complete_q;
    if (layer_take) occupied_d[layer_bank_q] = 1'b1;
    if (range_done) complete_d[range_bank_q] = 1'b1;
    if (score_release) begin
      occupied_d[score_bank_q] = 1'b0;
      complete_d[score_bank_q] = 1'b0;
    end
  end

  always_comb begin
    phase_d = phase_q;
    unique case (phase_q)
      Idle:    if (score_start) phase_d = Score;
      Score:   if (score_done) phase_d = Emit;
      Emit:    if (list_done) phase_d = score_start ? Score : Idle;
      default: phase_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      occupied_q   <= '0;
      complete_q   <= '0;
      layer_bank_q <= 1'b0;
      range_bank_q <= 1'b0;
      score_bank_q <= 1'b0;
      phase_q      <= Idle;
    end else begin
      occupied_q   <= occupied_d;
      complete_q   <= complete_d;
      layer_bank_q <= layer_bank_q ^ layer_take;
      range_bank_q <= range_bank_q ^ range_done;
      score_bank_q <= score_bank_q ^ score_release;
      phase_q      <= phase_d;
    end
    if (layer_take) begin
      num_tokens_q[layer_bank_q]   <= num_tokens_i;
      num_channels_q[layer_bank_q] <= num_channels_i;
      num_groups_q[layer_bank_q]   <= num_groups_i;
      capacity_q[layer_bank_q]     <= capacity_i;
    end
  end

  logic                              reading, again;
  logic [StepWidth-1:0]              read_step;
  logic [DistanceLanes*ActWidth-1:0] read_lo, read_hi;
  logic [MaxGroups*ActWidth-1:0]     lower, upper;

  igq_range_unit #(
    .RangeLanes   (RangeLanes),
    .DistanceLanes(DistanceLanes),
    .MaxChannels  (MaxChannels),
    .MaxTokens    (MaxTokens),
    .ActWidth     (ActWidth)
  ) u_range_unit (
    .clk_i,
    .rst_ni,
    .layer_valid_i (occupied_q[range_bank_q] && !complete_q[range_bank_q]),
    .layer_bank_i  (range_bank_q),
    .num_tokens_i  (num_tokens_q[range_bank_q]),
    .num_channels_i(num_channels_q[range_bank_q]),
    .layer_done_o  (range_done),
    .act_valid_i,
    .act_ready_o,
    .act_data_i,
    .read_i        (reading),
    .read_bank_i   (score_bank_q),
    .read_step_i   (read_step),
    .read_lo_o     (read_lo),
    .read_hi_o     (read_hi)
  );

  igq_bounds #(
    .MaxGroups(MaxGroups),
    .ActWidth (ActWidth)
  ) u_bounds (
    .clk_i,
    .rst_ni,
    .we_i       (bound_we_i),
    .group_i    (bound_group_i),
    .lower_i    (bound_lower_i),
    .upper_i    (bound_upper_i),
    .take_i     (layer_take),
    .take_bank_i(layer_bank_q),
    .read_bank_i(score_bank_q),
    .lower_o    (lower),
    .upper_o    (upper)
  );

  logic [DistanceLanes-1:0]            insert_valid;
  logic [StepWidth-1:0]                insert_step;
  logic [DistanceLanes*GroupWidth-1:0] insert_group;

  igq_scorer #(
    .DistanceLanes(DistanceLanes),
    .MaxChannels  (MaxChannels),
    .MaxGroups    (MaxGroups),
    .ActWidth     (ActWidth),
    .Distance     (Distance),
    .HasCapacity  (HasCapacity)
  ) u_scorer (
    .clk_i,
    .rst_ni,
    .start_i       (score_start),
    .num_channels_i(num_channels_q[score_bank_q]),
    .num_groups_i  (num_groups_q[score_bank_q]),
    .capacity_i    (capacity_q[score_bank_q]),
    .lower_i       (lower),
    .upper_i       (upper),
    .reading_o     (reading),
    .read_step_o   (read_step),
    .read_lo_i     (read_lo),
    .read_hi_i     (read_hi),
    .insert_valid_o(insert_valid),
    .insert_step_o (insert_step),
    .insert_group_o(insert_group),
    .again_o       (again),
    .release_o     (score_release),
    .done_o        (score_done)
  );

  igq_list_builder #(
    .DistanceLanes(DistanceLanes),
    .MaxChannels  (MaxChannels),
    .MaxGroups    (MaxGroups)
  ) u_list_builder (
    .clk_i,
    .rst_ni,
    .clear_i       (score_start),
    .insert_valid_i(insert_valid),
    .insert_step_i (insert_step),
    .insert_group_i(insert_group),
    .emit_i        (score_done),
    .list_valid_o,
    .list_ready_i,
    .list_group_o,
    .list_channel_o,
    .list_group_last_o,
    .list_last_o,
    .count_o
  );

`ifdef VERILATOR
  igq_group_assign_checks #(
    .DistanceLanes(DistanceLanes),
    .MaxChannels  (MaxChannels),
    .MaxGroups    (MaxGroups),
    .HasCapacity  (HasCapacity)
  ) u_checks (
    .clk_i,
    .rst_ni,
    .score_i          (phase_q == Score),
    .again_i          (again),
    .score_release_i  (score_release),
    .score_done_i     (score_done),
    .num_channels_i   (num_channels_q[score_bank_q]),
    .num_groups_i     (num_groups_q[score_bank_q]),
    .capacity_i       (capacity_q[score_bank_q]),
    .list_valid_i     (list_valid_o),
    .list_ready_i,
    .list_group_i     (list_group_o),
    .list_channel_i   (list_channel_o),
    .list_group_last_i(list_group_last_o),
    .list_last_i      (list_last_o),
    .count_i          (count_o)
  );
`endif

  // What the surroundings must keep to; no rule says what the unit does with other counts.
  `IGQ_ASSERT(TokensInRange, layer_take |-> num_tokens_i != '0 && 32'(num_tokens_i) <= MaxTokens)
  `IGQ_ASSERT(ChannelsInRange, layer_take |-> num_channels_i != '0 && 32'(num_channels_i) <= MaxChannels)
  `IGQ_ASSERT(GroupsInRange, layer_take |-> num_groups_i != '0 && 32'(num_groups_i) <= MaxGroups)
  `IGQ_ASSERT(CapacityHoldsAll, layer_take && capacity_i != '0 && HasCapacity != 0 |->
              64'(capacity_i) * 64'(num_groups_i) >= 64'(num_channels_i))
  `IGQ_ASSERT(BoundOfAGroup, bound_we_i |-> 32'(bound_group_i) < MaxGroups)
  `IGQ_ASSERT_STABLE(Layer, layer_valid_i, layer_ready_o, {num_tokens_i, num_channels_i, num_groups_i, capacity_i})
  `IGQ_ASSERT_STABLE(Act, act_valid_i, act_ready_o, act_data_i)
  `IGQ_ASSERT_STABLE(List, list_valid_o, list_ready_i,
                     {list_group_o, list_channel_o, list_group_last_o, list_last_o, count_o})
  `IGQ_ASSERT(RangesReadComplete, reading |-> complete_q[score_bank_q])
  `IGQ_ASSERT(CompleteIsOccupied, (complete_q & ~occupied_q) == '0)

endmodule
