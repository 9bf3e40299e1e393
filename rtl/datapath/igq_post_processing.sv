// SPDX-License-Identifier: Apache-2.0
/// PostLanes lanes, the tables they read, and the way of a beat through them. What comes out of the last list of a block
/// are outputs of the layer, as FP32. Latency: PostPipelineCycles, or more where the machine has more.
module igq_post_processing #(
  parameter int unsigned PostLanes   = 4,
  parameter int unsigned Lanes       = 4,
  parameter int unsigned ChunkRows   = 1,
  parameter int unsigned NumChunks   = 4,
  parameter int unsigned GroupScale  = 0,
  parameter int unsigned AccBits     = 24,
  parameter int unsigned WideBits    = 32,
  parameter int unsigned IsWhole     = 0,
  parameter int unsigned MaxGroups   = 4,
  parameter int unsigned MaxTokens   = 16,
  parameter int unsigned OutputBlocks = 2,
  parameter int unsigned Latency     = 10,
  localparam int unsigned GroupWidth = igq_pkg::index_width(MaxGroups),
  localparam int unsigned BlockWidth = igq_pkg::index_width(OutputBlocks),
  localparam int unsigned LaneWidth  = igq_pkg::index_width(Lanes),
  localparam int unsigned TokenWidth = igq_pkg::index_width(MaxTokens),
  localparam int unsigned ChunkWidth = igq_pkg::index_width(NumChunks),
  localparam int unsigned ScaleBits  = igq_datapath_pkg::ScaleBits
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  logic                            en_i,
  /// Tables: of a group its step (FP32) and integer scale; of an output channel its scale and bias (FP32).
  input  logic                            group_we_i,
  input  logic [GroupWidth-1:0]           group_i,
  input  logic [31:0]                     group_step_i,
  input  logic [ScaleBits-1:0]            group_weight_i,
  input  logic                            output_we_i,
  input  logic [BlockWidth-1:0]           output_block_i,
  input  logic [LaneWidth-1:0]            output_lane_i,
  input  logic [31:0]                     output_scale_i,
  input  logic [31:0]                     output_bias_i,
  /// Of the tile.
  input  logic                            rows_i,
  input  logic [31:0]                     layer_scale_i,
  input  logic [15:0]                     tokens_i,
  input  logic [15:0]                     outputs_i,
  input  logic [MaxTokens*GroupWidth-1:0] token_group_i,
  /// A beat, and the sums of its chunk.
  input  logic                            beat_i,
  input  logic [PostLanes*WideBits-1:0]   sums_i,
  input  logic [GroupWidth-1:0]           beat_group_i,
  input  logic                            beat_first_array_i,
  input  logic                            beat_last_array_i,
  input  logic                            beat_first_list_i,
  input  logic                            beat_last_list_i,
  input  logic [15:0]                     beat_chunk_i,
  input  logic [15:0]                     beat_piece_i,
  input  logic [15:0]                     beat_token_i,
  input  logic [15:0]                     beat_end_token_i,
  input  logic [15:0]                     beat_block_i,
  input  logic                            beat_last_i,
  /// Outputs of a chunk; those beyond the tile's edge are masked.
  output logic                            out_valid_o,
  output logic [PostLanes*32-1:0]         out_data_o,
  output logic [PostLanes-1:0]            out_mask_o,
  output logic [15:0]                     out_token_o,
  output logic [15:0]                     out_output_o,
  output logic                            out_last_o
);

  localparam int unsigned Stages  = Latency + 1; // in stage n a beat is n cycles old
  localparam int unsigned AddAt   = (GroupScale == igq_datapath_pkg::GroupScaleFp32) ? 5 : 3;
  localparam int unsigned StepAt  = (GroupScale == igq_datapath_pkg::GroupScaleFp32) ? 3 : 5;
  localparam int unsigned OutAt   = 11;
  localparam int unsigned NumRows = igq_pkg::max(ChunkRows, 1);

  logic [MaxGroups*32-1:0]        step_q;
  logic [MaxGroups*ScaleBits-1:0] weight_q;

  always_ff @(posedge clk_i) begin
    if (group_we_i) begin
      step_q[group_i*32+:32]                 <= group_step_i;
      weight_q[group_i*ScaleBits+:ScaleBits] <= group_weight_i;
    end
  end

  /// The beat's way: bit or word n is its state in stage n.
  logic [Stages:1]            valid_q, added_q, ends_q, first_list_q, first_array_q;
  logic [Stages*16:1]         chunk_q, piece_q, token_q, end_token_q, block_q;
  logic [GroupWidth-1:0]      group_q;
  logic [PostLanes*WideBits-1:0] sums_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
      added_q <= '0;
      ends_q  <= '0;
    end else if (en_i) begin
      valid_q <= {valid_q[Stages-1:1], beat_i && beat_last_array_i && beat_last_list_i};
      added_q <= {added_q[Stages-1:1], beat_i && beat_last_array_i};
      ends_q  <= {ends_q[Stages-1:1], beat_i && beat_last_i};
    end
    if (en_i) begin
      first_list_q  <= {first_list_q[Stages-1:1], beat_first_list_i};
      first_array_q <= {first_array_q[Stages-1:1], beat_first_array_i};
      chunk_q       <= {chunk_q[(Stages-1)*16:1], beat_chunk_i};
      piece_q       <= {piece_q[(Stages-1)*16:1], beat_piece_i};
      token_q       <= {token_q[(Stages-1)*16:1], beat_token_i};
      end_token_q   <= {end_token_q[(Stages-1)*16:1], beat_end_token_i};
      block_q       <= {block_q[(Stages-1)*16:1], beat_block_i};
      group_q       <= beat_group_i;
      if (beat_i) sums_q <= sums_i;
    end
  end

  /// Scales of the groups, row by row: they follow the beat from stage 2 on.
  logic [NumRows*32-1:0]        row_step_d, row_step [StepAt+1];
  logic [NumRows*ScaleBits-1:0] row_weight_d, row_weight_q;
  logic [GroupWidth-1:0]        row_group;
  logic [TokenWidth-1:0]        row_token;

  always_comb begin
    for (int unsigned i = 0; i < NumRows; i++) begin
      row_token = TokenWidth'(32'(token_q[16:1]) + i);
      row_group = rows_i ? token_group_i[row_token*GroupWidth+:GroupWidth] : group_q;
      row_weight_d[i*ScaleBits+:ScaleBits] = (rows_i || IsWhole != 0) ? ScaleBits'(1) : weight_q[row_group*ScaleBits+:ScaleBits];
      row_step_d[i*32+:32] = (rows_i || GroupScale == igq_datapath_pkg::GroupScaleFp32) ? step_q[row_group*32+:32] : layer_scale_i;
    end
    row_step[0] = '0;
    row_step[1] = row_step_d;
  end

  for (genvar n = 2; n <= StepAt; n++) begin : gen_step
    always_ff @(posedge clk_i) begin
      if (en_i) row_step[n] <= row_step[n-1];
    end
  end

  /// Scales and biases of the output channels.
  logic [Lanes*64-1:0] output_word;
  logic [Lanes*64-1:0] bias_word, bias_word_q;
  logic [Lanes-1:0]    output_we;

  always_comb begin
    output_we = '0;
    output_we[output_lane_i] = output_we_i;
  end

  igq_ram #(
    .Depth  (OutputBlocks),
    .Columns(Lanes),
    .Width  (64)
  ) u_outputs (
    .clk_i,
    .we_i   (output_we),
    .waddr_i(output_block_i),
    .wdata_i({Lanes{output_bias_i, output_scale_i}}),
    .re_i   (en_i),
    .raddr_i(BlockWidth'(block_q[5*16+1+:16])),
    .rdata_o(output_word)
  );

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      row_weight_q <= row_weight_d;
      bias_word_q  <= output_word;
      bias_word    <= bias_word_q;
    end
  end

  logic [PostLanes*32-1:0]        lane_step, lane_scale, lane_bias, lane_out;
  logic [PostLanes*ScaleBits-1:0] lane_weight;
  logic [31:0]                    row, scale_lane, bias_lane;

  always_comb begin
    for (int unsigned i = 0; i < PostLanes; i++) begin
      row        = igq_datapath_pkg::min(i / Lanes, NumRows - 1);
      scale_lane = (32'(piece_q[6*16+1+:16]) * PostLanes + i) % Lanes;
      bias_lane  = (32'(piece_q[8*16+1+:16]) * PostLanes + i) % Lanes;
      lane_weight[i*ScaleBits+:ScaleBits] = row_weight_q[row*ScaleBits+:ScaleBits];
      lane_step[i*32+:32]                 = row_step[StepAt][row*32+:32];
      lane_scale[i*32+:32]                = output_word[scale_lane*64+:32];
      lane_bias[i*32+:32]                 = bias_word[bias_lane*64+32+:32];
    end
  end

  igq_post_lanes #(
    .Num       (PostLanes),
    .GroupScale(GroupScale),
    .AccBits   (AccBits),
    .WideBits  (WideBits),
    .IsWhole   (IsWhole),
    .NumChunks (NumChunks)
  ) u_lanes (
    .clk_i,
    .en_i,
    .value_i      (sums_q),
    .first_array_i(first_array_q[1]),
    .weight_i     (lane_weight),
    .add_chunk_i  (ChunkWidth'(chunk_q[(AddAt-1)*16+1+:16])),
    .add_first_i  (first_list_q[AddAt]),
    .add_valid_i  (added_q[AddAt]),
    .rows_i,
    .step_i       (lane_step),
    .scale_i      (lane_scale),
    .bias_i       (lane_bias),
    .out_o        (lane_out)
  );

  /// Outputs wait where the machine's post-processing takes longer than the lanes.
  logic [PostLanes*32-1:0] late [Stages+1];

  assign late[0] = lane_out;
  for (genvar n = 1; n <= Stages; n++) begin : gen_late
    if (n <= Stages - OutAt) begin : gen_wait
      always_ff @(posedge clk_i) begin
        if (en_i) late[n] <= late[n-1];
      end
    end else begin : gen_unused
      assign late[n] = '0;
    end
  end

  logic [31:0] token, lane;

  assign out_valid_o  = valid_q[Stages];
  assign out_last_o   = ends_q[Stages];
  assign out_data_o   = late[Stages-OutAt];
  assign out_token_o  = token_q[(Stages-1)*16+1+:16];
  assign out_output_o = 16'(32'(block_q[(Stages-1)*16+1+:16]) * Lanes + 32'(piece_q[(Stages-1)*16+1+:16]) * PostLanes);

  always_comb begin
    token      = '0;
    lane       = '0;
    out_mask_o = '0;
    for (int unsigned i = 0; i < igq_datapath_pkg::min(PostLanes, ChunkRows * Lanes); i++) begin
      token = 32'(out_token_o) + i / Lanes;
      lane  = 32'(piece_q[(Stages-1)*16+1+:16]) * PostLanes + i % Lanes;
      out_mask_o[i] = token < 32'(end_token_q[(Stages-1)*16+1+:16]) && token < 32'(tokens_i) && lane < Lanes &&
                      32'(out_output_o) + i % Lanes < 32'(outputs_i);
    end
  end

endmodule
