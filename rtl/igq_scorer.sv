// SPDX-License-Identifier: Apache-2.0
/// Deals the channels of a layer to the nearest group, DistanceLanes channels per cycle against all groups.
///
/// Pipeline of a step: range read - differences - distances - argmin, whose answer goes to the list builder in the same
/// cycle. It stands still while the dealer repairs a step (lists with a capacity).
module igq_scorer #(
  parameter int unsigned DistanceLanes = 2,
  parameter int unsigned MaxChannels   = 64,
  parameter int unsigned MaxGroups     = 8,
  parameter int unsigned ActWidth      = igq_pkg::ActInBits,
  parameter int unsigned Distance      = igq_pkg::DistanceL2,
  parameter int unsigned HasCapacity   = 1,
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
  input  logic [ChannelCountWidth-1:0]        capacity_i,
  input  logic [MaxGroups*ActWidth-1:0]       lower_i,
  input  logic [MaxGroups*ActWidth-1:0]       upper_i,
  /// Ranges of channels step * DistanceLanes and up, asked for in a cycle with reading_o, wanted from the cycle after
  /// until the next such cycle.
  output logic                                reading_o,
  output logic [StepWidth-1:0]                read_step_o,
  input  logic [DistanceLanes*ActWidth-1:0]   read_lo_i,
  input  logic [DistanceLanes*ActWidth-1:0]   read_hi_i,
  /// Group of channel step * DistanceLanes + lane.
  output logic [DistanceLanes-1:0]            insert_valid_o,
  output logic [StepWidth-1:0]                insert_step_o,
  output logic [DistanceLanes*GroupWidth-1:0] insert_group_o,
  /// The dealer repairs a step: nothing else moves.
  output logic                                again_o,
  /// The last channel is inserted; what was read for it is not needed any more.
  output logic                                release_o,
  /// The last channel was inserted in the cycle before.
  output logic                                done_o
);

  localparam int unsigned DistanceWidth = igq_pkg::distance_width(ActWidth, Distance);
  localparam int unsigned KeyWidth      = DistanceWidth + 1;
  localparam int unsigned SpanWidth     = igq_pkg::count_width(MaxChannels + DistanceLanes);

  // Stages hold their step while `again`.
  logic again, move;
  assign move = !again;

  // Range read.
  logic                 reading_q, read_last;
  logic [StepWidth-1:0] step_q;

  assign read_last   = (SpanWidth'(step_q) + 1) * SpanWidth'(DistanceLanes) >= SpanWidth'(num_channels_i);
  assign reading_o   = reading_q && move;
  assign read_step_o = step_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      reading_q <= 1'b0;
      step_q    <= '0;
    end else if (start_i) begin
      reading_q <= 1'b1;
      step_q    <= '0;
    end else if (reading_o) begin
      reading_q <= !read_last;
      step_q    <= step_q + 1;
    end
  end

  // The step that each stage works on. What is read in a cycle is in the difference stage in the next.
  logic                 diff_q, diff_last_q, score_q, score_last_q;
  logic [StepWidth-1:0] diff_step_q, score_step_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      diff_q       <= 1'b0;
      diff_last_q  <= 1'b0;
      score_q      <= 1'b0;
      score_last_q <= 1'b0;
    end else if (move) begin
      diff_q       <= reading_q;
      diff_last_q  <= reading_q && read_last;
      score_q      <= diff_q;
      score_last_q <= diff_last_q;
    end
    if (move) begin
      diff_step_q  <= step_q;
      score_step_q <= diff_step_q;
    end
  end

  // Distances. A group that is not in use has a key above all distances.
  logic [DistanceLanes-1:0]                    score_valid;
  logic [DistanceLanes*MaxGroups*KeyWidth-1:0] key_d, key_q;

  for (genvar d = 0; d < DistanceLanes; d++) begin : gen_distance
    logic [MaxGroups*DistanceWidth-1:0] distance;

    igq_distance #(
      .MaxGroups(MaxGroups),
      .ActWidth (ActWidth),
      .Distance (Distance)
    ) u_distance (
      .clk_i,
      .take_i    (diff_q && move),
      .lo_i      (read_lo_i[d*ActWidth+:ActWidth]),
      .hi_i      (read_hi_i[d*ActWidth+:ActWidth]),
      .lower_i,
      .upper_i,
      .distance_o(distance)
    );

    assign score_valid[d] = score_q &&
        SpanWidth'(score_step_q) * SpanWidth'(DistanceLanes) + SpanWidth'(d) < SpanWidth'(num_channels_i);

    for (genvar g = 0; g < MaxGroups; g++) begin : gen_key
      assign key_d[(d*MaxGroups+g)*KeyWidth+:KeyWidth] =
          {GroupCountWidth'(g) >= num_groups_i, distance[g*DistanceWidth+:DistanceWidth]};
    end
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
      if (move) begin
        insert_valid_q <= score_valid;
        insert_last_q  <= score_last_q;
      end
      done_q <= release_o;
    end
    if (move) insert_step_q <= score_step_q;
    if (move && score_q) key_q <= key_d;
  end

  igq_dealer #(
    .DistanceLanes(DistanceLanes),
    .MaxChannels  (MaxChannels),
    .MaxGroups    (MaxGroups),
    .DistanceWidth(DistanceWidth),
    .HasCapacity  (HasCapacity)
  ) u_dealer (
    .clk_i,
    .rst_ni,
    .start_i,
    .capacity_i,
    .valid_i(insert_valid_q),
    .key_i  (key_q),
    .dealt_o(insert_valid_o),
    .group_o(insert_group_o),
    .again_o(again)
  );

  assign again_o       = again;
  assign insert_step_o = insert_step_q;
  assign release_o     = insert_last_q && move;
  assign done_o        = done_q;

endmodule
