// SPDX-License-Identifier: Apache-2.0
/// The whole unit at small widths, with every behaviour of its surroundings: it offers what it must in time, a channel
/// chosen at will is emitted once per layer, and no list exceeds its capacity; without one, the channel's group is the
/// nearest to its range. (formal_dealer proves which group it is with one.)
module formal_unit #(
  parameter int unsigned RangeLanes    = 2,
  parameter int unsigned DistanceLanes = 2,
  parameter int unsigned MaxChannels   = 4,
  parameter int unsigned MaxTokens     = 2,
  parameter int unsigned MaxGroups     = 2,
  parameter int unsigned ActWidth      = 3,
  parameter int unsigned Distance      = 1,
  /// 1: layers have a capacity.
  parameter int unsigned Limited       = 0
) (
  input logic clk_i
);

  localparam int unsigned ChannelCountWidth = igq_pkg::count_width(MaxChannels);
  localparam int unsigned TokenCountWidth   = igq_pkg::count_width(MaxTokens);
  localparam int unsigned GroupCountWidth   = igq_pkg::count_width(MaxGroups);
  localparam int unsigned ChannelWidth      = igq_pkg::index_width(MaxChannels);
  localparam int unsigned GroupWidth        = igq_pkg::index_width(MaxGroups);
  localparam int unsigned DistanceWidth     = igq_pkg::distance_width(ActWidth, Distance);
  // No handshake for longer than a score, though all is offered, would be a deadlock.
  localparam int unsigned LongestPause =
      igq_pkg::ceil_div(MaxChannels, DistanceLanes) + igq_pkg::ScorePipelineCycles + MaxGroups - 1;

  logic rst_n = 1'b0;
  always_ff @(posedge clk_i) rst_n <= 1'b1;

  // Constant for a run: the layer's counts (all layers the same), its bounds, the channel that is watched.
  (* anyconst *) logic [TokenCountWidth-1:0]    num_tokens;
  (* anyconst *) logic [ChannelCountWidth-1:0]  num_channels;
  (* anyconst *) logic [GroupCountWidth-1:0]    num_groups;
  (* anyconst *) logic [ChannelCountWidth-1:0]  capacity;
  (* anyconst *) logic [MaxGroups*ActWidth-1:0] lower, upper;
  (* anyconst *) logic [ChannelWidth-1:0]       watched;
  // Different in every cycle: activations, and who stalls.
  (* anyseq *) logic [RangeLanes*ActWidth-1:0] act_data;
  (* anyseq *) logic                           layer_valid, act_valid, list_ready;

  // Bounds are written in the first cycles after reset.
  logic [GroupCountWidth-1:0] num_written = '0;
  logic                       bounds_written;
  assign bounds_written = num_written == GroupCountWidth'(MaxGroups);
  always_ff @(posedge clk_i) begin
    if (rst_n && !bounds_written) num_written <= num_written + 1;
  end

  logic                                   layer_ready, act_ready, list_valid, group_last, last;
  logic [GroupWidth-1:0]                  group;
  logic [ChannelWidth-1:0]                channel;
  logic [MaxGroups*ChannelCountWidth-1:0] count;

  igq_group_assign #(
    .RangeLanes   (RangeLanes),
    .DistanceLanes(DistanceLanes),
    .MaxChannels  (MaxChannels),
    .MaxTokens    (MaxTokens),
    .MaxGroups    (MaxGroups),
    .ActWidth     (ActWidth),
    .Distance     (Distance)
  ) u_unit (
    .clk_i,
    .rst_ni           (rst_n),
    .bound_we_i       (!bounds_written),
    .bound_group_i    (GroupWidth'(num_written)),
    .bound_lower_i    (lower[num_written*ActWidth+:ActWidth]),
    .bound_upper_i    (upper[num_written*ActWidth+:ActWidth]),
    .layer_valid_i    (layer_valid && bounds_written),
    .layer_ready_o    (layer_ready),
    .num_tokens_i     (num_tokens),
    .num_channels_i   (num_channels),
    .num_groups_i     (num_groups),
    .capacity_i       (capacity),
    .act_valid_i      (act_valid),
    .act_ready_o      (act_ready),
    .act_data_i       (act_data),
    .list_valid_o     (list_valid),
    .list_ready_i     (list_ready),
    .list_group_o     (group),
    .list_channel_o   (channel),
    .list_group_last_o(group_last),
    .list_last_o      (last),
    .count_o          (count)
  );

  logic layer_take, act_take, list_take;
  assign layer_take = rst_n && layer_valid && bounds_written && layer_ready;
  assign act_take   = rst_n && act_valid && act_ready;
  assign list_take  = rst_n && list_valid && list_ready;

  // Range of the watched channel of the first layer, as its beats go by.
  logic [ChannelCountWidth-1:0] first_channel = '0;
  logic [TokenCountWidth-1:0]   token = '0;
  logic                         ranged = 1'b0, range_last, in_beat;
  logic [ActWidth-1:0]          act, lo, hi;

  assign range_last = 32'(first_channel) + RangeLanes >= 32'(num_channels);
  assign in_beat    = 32'(watched) >= 32'(first_channel) && 32'(watched) < 32'(first_channel) + RangeLanes;
  assign act        = act_data[(32'(watched)-32'(first_channel))*ActWidth+:ActWidth];

  always_ff @(posedge clk_i) begin
    if (act_take && !ranged) begin
      first_channel <= range_last ? '0 : first_channel + ChannelCountWidth'(RangeLanes);
      if (range_last) begin
        token  <= token + 1;
        ranged <= token + 1 == num_tokens;
      end
      if (in_beat && (token == '0 || $signed(act) < $signed(lo))) lo <= act;
      if (in_beat && (token == '0 || $signed(act) > $signed(hi))) hi <= act;
    end
  end

  // Its distances, by the module that formal_distance proves right.
  logic [MaxGroups*DistanceWidth-1:0] distance;
  igq_distance #(
    .MaxGroups(MaxGroups),
    .ActWidth (ActWidth),
    .Distance (Distance)
  ) u_distance (
    .clk_i,
    .take_i    (1'b1),
    .lo_i      (lo),
    .hi_i      (hi),
    .lower_i   (lower),
    .upper_i   (upper),
    .distance_o(distance)
  );

  logic [DistanceWidth-1:0]     least;
  logic                         first_out = 1'b0, seen = 1'b0;
  logic [ChannelCountWidth-1:0] num_emitted = '0;
  logic [31:0]                  pause = '0;
  assign least = distance[group*DistanceWidth+:DistanceWidth];

  always_ff @(posedge clk_i) begin
    assume (num_tokens != '0 && 32'(num_tokens) <= MaxTokens);
    assume (num_channels != '0 && 32'(num_channels) <= MaxChannels);
    assume (num_groups != '0 && 32'(num_groups) <= MaxGroups);
    assume (32'(watched) < 32'(num_channels));
    assume ((capacity != '0) == (Limited != 0));
    assume (capacity == '0 || 32'(capacity) * 32'(num_groups) >= 32'(num_channels));

    if (list_take) begin
      num_emitted <= last ? '0 : num_emitted + 1;
      if (last) first_out <= 1'b1;
      if (channel == watched) seen <= 1'b1;
    end
    pause <= (layer_take || act_take || list_take || !layer_valid || !act_valid || !list_ready || !bounds_written) ?
             '0 : pause + 1;

    if (rst_n) begin
      assert (pause <= LongestPause);
      if (list_valid) assert (last == (num_emitted + 1 == num_channels));
      for (int unsigned g = 0; g < MaxGroups; g++) begin
        if (list_valid && capacity != '0) assert (count[g*ChannelCountWidth+:ChannelCountWidth] <= capacity);
      end
      if (list_valid && !first_out) begin
        assert (ranged);
        assert (32'(channel) < 32'(num_channels));
        if (last) assert (seen || channel == watched);
        if (channel == watched) begin
          assert (!seen);
          assert (32'(group) < 32'(num_groups));
          for (int unsigned g = 0; g < MaxGroups; g++) begin
            if (g < 32'(num_groups) && capacity == '0) begin
              assert (least <= distance[g*DistanceWidth+:DistanceWidth]);
              if (g < 32'(group)) assert (least < distance[g*DistanceWidth+:DistanceWidth]);
            end
          end
        end
      end
    end
  end

endmodule
