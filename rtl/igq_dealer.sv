// SPDX-License-Identifier: Apache-2.0
/// Deals a step of channels to their nearest groups whose lists are not full, lowest lane first.
///
/// All lanes choose at once, among the lists that had room when the cycle began. A lane finds its list full if lower
/// lanes have just filled it; it and the lanes above choose again in the next cycle (again_o): a repair. Every repair
/// has a list that became full, so a layer has fewer repairs than groups, and a unit of one lane has none.
/// C twin: igq_assign_limited in models/numbers/assign.h.
module igq_dealer #(
  parameter int unsigned DistanceLanes = 2,
  parameter int unsigned MaxChannels   = 64,
  parameter int unsigned MaxGroups     = 8,
  parameter int unsigned DistanceWidth = 33,
  /// 0: lists have no limit, capacity_i is not looked at.
  parameter int unsigned HasCapacity   = 1,
  localparam int unsigned ChannelCountWidth = igq_pkg::count_width(MaxChannels),
  localparam int unsigned GroupWidth        = igq_pkg::index_width(MaxGroups),
  localparam int unsigned KeyWidth          = DistanceWidth + 1
) (
  input  logic                                        clk_i,
  input  logic                                        rst_ni,
  /// A layer begins; its first step comes later.
  input  logic                                        start_i,
  /// Most channels of a list, 0: no limit.
  input  logic [ChannelCountWidth-1:0]                capacity_i,
  /// Channels of the step, and for each the keys of the groups: {not in use, distance}. Stable while again_o.
  input  logic [DistanceLanes-1:0]                    valid_i,
  input  logic [DistanceLanes*MaxGroups*KeyWidth-1:0] key_i,
  /// Lanes dealt in this cycle, and their groups.
  output logic [DistanceLanes-1:0]                    dealt_o,
  output logic [DistanceLanes*GroupWidth-1:0]         group_o,
  /// Some lanes of the step are left.
  output logic                                        again_o
);

  logic [MaxGroups-1:0]                        full;
  logic [DistanceLanes*MaxGroups*KeyWidth-1:0] key;

  for (genvar d = 0; d < DistanceLanes; d++) begin : gen_lane
    for (genvar g = 0; g < MaxGroups; g++) begin : gen_key
      assign key[(d*MaxGroups+g)*KeyWidth+:KeyWidth] =
          key_i[(d*MaxGroups+g)*KeyWidth+:KeyWidth] | {full[g], DistanceWidth'(0)};
    end

    igq_argmin #(
      .Num  (MaxGroups),
      .Width(KeyWidth)
    ) u_argmin (
      .key_i  (key[d*MaxGroups*KeyWidth+:MaxGroups*KeyWidth]),
      .index_o(group_o[d*GroupWidth+:GroupWidth])
    );
  end

  if (HasCapacity == 0) begin : gen_no_limit
    logic unused;
    assign unused  = ^{clk_i, rst_ni, start_i, capacity_i};
    assign full    = '0;
    assign dealt_o = valid_i;
    assign again_o = 1'b0;
  end else begin : gen_limit
    localparam int unsigned RankWidth = igq_pkg::count_width(DistanceLanes);

    // Places left of each list; has[n]: more than n.
    logic [MaxGroups*ChannelCountWidth-1:0] room_d, room_q;
    logic [MaxGroups-1:0]                   full_d, full_q;
    logic [MaxGroups*DistanceLanes-1:0]     has;
    logic [DistanceLanes-1:0]               dealt_q, fits;
    logic [DistanceLanes*RankWidth-1:0]     rank;
    logic [RankWidth-1:0]                   taken;
    logic [RankWidth-1:0]                   ahead;

    assign full = full_q;

    always_comb begin
      for (int unsigned g = 0; g < MaxGroups; g++) begin
        for (int unsigned n = 0; n < DistanceLanes; n++) begin
          has[g*DistanceLanes+n] = 32'(room_q[g*ChannelCountWidth+:ChannelCountWidth]) > n;
        end
      end
    end

    // Lower lanes of the same choice come first. One lane always fits: it does not choose a full list.
    always_comb begin
      for (int unsigned d = 0; d < DistanceLanes; d++) begin
        ahead = '0;
        for (int unsigned e = 0; e < d; e++) begin
          ahead = ahead + RankWidth'(valid_i[e] && !dealt_q[e] &&
                                       group_o[e*GroupWidth+:GroupWidth] == group_o[d*GroupWidth+:GroupWidth]);
        end
        rank[d*RankWidth+:RankWidth] = ahead;
        fits[d] = DistanceLanes == 1 ||
                  has[32'(group_o[d*GroupWidth+:GroupWidth])*DistanceLanes+32'(rank[d*RankWidth+:RankWidth])];
      end
    end

    always_comb begin
      again_o = 1'b0;
      for (int unsigned d = 0; d < DistanceLanes; d++) begin
        if (valid_i[d] && !dealt_q[d] && !fits[d]) again_o = 1'b1;
        dealt_o[d] = valid_i[d] && !dealt_q[d] && !again_o;
      end
    end

    always_comb begin
      for (int unsigned g = 0; g < MaxGroups; g++) begin
        taken = '0;
        for (int unsigned d = 0; d < DistanceLanes; d++) begin
          taken = taken + RankWidth'(dealt_o[d] && group_o[d*GroupWidth+:GroupWidth] == GroupWidth'(g));
        end
        room_d[g*ChannelCountWidth+:ChannelCountWidth] =
            room_q[g*ChannelCountWidth+:ChannelCountWidth] - ChannelCountWidth'(taken);
        // room_d == 0, without the subtraction in its path
        full_d[g] = full_q[g];
        for (int unsigned n = 1; n <= DistanceLanes; n++) begin
          if (32'(taken) == n && 32'(room_q[g*ChannelCountWidth+:ChannelCountWidth]) == n) full_d[g] = 1'b1;
        end
      end
    end

    always_ff @(posedge clk_i) begin
      if (start_i) begin
        room_q <= {MaxGroups{(capacity_i == '0) ? {ChannelCountWidth{1'b1}} : capacity_i}};
        full_q <= '0;
      end else begin
        room_q <= room_d;
        full_q <= full_d;
      end
      if (!rst_ni || !again_o) dealt_q <= '0;
      else dealt_q <= dealt_q | dealt_o;
    end
  end

endmodule
