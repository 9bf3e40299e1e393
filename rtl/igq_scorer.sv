// SPDX-License-Identifier: Apache-2.0
/// Deals the channels of a layer to the nearest group, DistanceLanes channels per cycle against all groups.
///
/// Pipeline of a step: range read - distances - argmin, whose answer goes to the list builder in the same cycle.
module igq_scorer #(
  parameter int unsigned DistanceLanes = 2,
  parameter int unsigned MaxChannels   = 64,
  parameter int unsigned MaxGroups     = 8,
  parameter int unsigned ActWidth      = igq_pkg::ActInBits,
  parameter int unsigned Distance      = igq_pkg::DistanceL2,
  localparam int unsigned ChannelCountWidth = igq_pkg::count_width(MaxChannels),
  localparam int unsigned GroupCountWidth   = igq_pkg::count_width(MaxGroups),
  localparam int unsigned GroupWidth        = igq_pkg::index_width(MaxGroups),
  localparam int unsigned StepWidth = igq_pkg::index_width(igq_pkg::ceil_div(MaxChannels, DistanceLanes))
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  /// The first step is read in the cycle after. Ranges, counts and bounds are stable until release_o.
  input  logic                                start_i,
  input  logic [ChannelCountWidth-1:0]        num_channels_i,
  input  logic [GroupCountWidth-1:0]          num_groups_i,
  input  logic [MaxGroups*ActWidth-1:0]       lower_i,
  input  logic [MaxGroups*ActWidth-1:0]       upper_i,
  /// Ranges of channels step * DistanceLanes and up, asked for while reading_o, wanted in the cycle after.
  output logic                                reading_o,
  output logic [StepWidth-1:0]                read_step_o,
  input  logic [DistanceLanes*ActWidth-1:0]   read_lo_i,
  input  logic [DistanceLanes*ActWidth-1:0]   read_hi_i,
  /// Group of channel step * DistanceLanes + lane.
  output logic [DistanceLanes-1:0]            insert_valid_o,
  output logic [StepWidth-1:0]                insert_step_o,
  output logic [DistanceLanes*GroupWidth-1:0] insert_group_o,
  /// The last channel is inserted; what was read for it is not needed any more.
  output logic                                release_o,
  /// The last channel was inserted in the cycle before.
  output logic                                done_o
);

  localparam int unsigned DistanceWidth = igq_pkg::distance_width(ActWidth, Distance);
  localparam int unsigned KeyWidth      = DistanceWidth + 1;
  localparam int unsigned SpanWidth     = igq_pkg::count_width(MaxChannels + DistanceLanes);

  // Range read.
  logic                 reading_q, read_last;
  logic [StepWidth-1:0] step_q;

  assign read_last   = (SpanWidth'(step_q) + 1) * SpanWidth'(DistanceLanes) >= SpanWidth'(num_channels_i);
  assign reading_o   = reading_q;
  assign read_step_o = step_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      reading_q <= 1'b0;
      step_q    <= '0;
    end else if (start_i) begin
      reading_q <= 1'b1;
      step_q    <= '0;
    end else if (reading_q) begin
      reading_q <= !read_last;
      step_q    <= step_q + 1;
    end
  end

  // Distances. A group that is not in use has a key above all distances.
  logic                                        scoring_q, score_last_q;
  logic [StepWidth-1:0]                        score_step_q;
  logic [DistanceLanes-1:0]                    score_valid;
  logic [DistanceLanes*MaxGroups*KeyWidth-1:0] key_d, key_q;

  for (genvar d = 0; d < DistanceLanes; d++) begin : gen_distance
    logic [MaxGroups*DistanceWidth-1:0] distance;

    igq_distance #(
      .MaxGroups(MaxGroups),
      .ActWidth (ActWidth),
      .Distance (Distance)
    ) u_distance (
      .lo_i      (read_lo_i[d*ActWidth+:ActWidth]),
      .hi_i      (read_hi_i[d*ActWidth+:ActWidth]),
      .lower_i,
      .upper_i,
      .distance_o(distance)
    );

    assign score_valid[d] = scoring_q &&
        SpanWidth'(score_step_q) * SpanWidth'(DistanceLanes) + SpanWidth'(d) < SpanWidth'(num_channels_i);

    for (genvar g = 0; g < MaxGroups; g++) begin : gen_key
      assign key_d[(d*MaxGroups+g)*KeyWidth+:KeyWidth] =
          {GroupCountWidth'(g) >= num_groups_i, distance[g*DistanceWidth+:DistanceWidth]};
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      scoring_q    <= 1'b0;
      score_last_q <= 1'b0;
    end else begin
      scoring_q    <= reading_q;
      score_last_q <= reading_q && read_last;
    end
    score_step_q <= step_q;
  end

  // Argmin and insertion.
  logic [DistanceLanes-1:0] insert_valid_q;
  logic [StepWidth-1:0]     insert_step_q;
  logic                     insert_last_q, done_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      insert_valid_q <= '0;
      insert_last_q  <= 1'b0;
      done_q         <= 1'b0;
    end else begin
      insert_valid_q <= score_valid;
      insert_last_q  <= score_last_q;
      done_q         <= insert_last_q;
    end
    insert_step_q <= score_step_q;
    key_q         <= key_d;
  end

  for (genvar d = 0; d < DistanceLanes; d++) begin : gen_argmin
    igq_argmin #(
      .Num  (MaxGroups),
      .Width(KeyWidth)
    ) u_argmin (
      .key_i  (key_q[d*MaxGroups*KeyWidth+:MaxGroups*KeyWidth]),
      .index_o(insert_group_o[d*GroupWidth+:GroupWidth])
    );
  end

  assign insert_valid_o = insert_valid_q;
  assign insert_step_o  = insert_step_q;
  assign release_o      = insert_last_q;
  assign done_o         = done_q;

endmodule
