// SPDX-License-Identifier: Apache-2.0
`include "igq_assert.svh"
/// A tile of a matrix product, from 16-bit activations (or codes), codes of weights and channel lists to FP32 outputs: row
/// selector, queue, quantizers, MAC arrays, post-processing. Sums as models/numbers/gemm.h, cycles as docs/timing.md.
/// Operands, tables and lists are filled in between tiles; then a command works one tile. While an output is not taken,
/// the tile stands still.
module igq_datapath #(
  /// 1: one array takes list after list (shared, temporal); 0: arrays side by side (per_group, elastic).
  parameter int unsigned InTurn          = 0,
  parameter int unsigned NumArrays       = 2,
  parameter int unsigned Lanes           = 4,
  parameter int unsigned VectorLength    = 4,
  parameter int unsigned TokenRows       = 1,
  parameter int unsigned TokensInFlight  = 4,
  parameter int unsigned MacBits         = 4,
  parameter int unsigned AccBits         = 24,
  parameter int unsigned AccumulatorSets = 2,
  parameter int unsigned RescaleCycles   = 1,
  /// 1: a pass takes all of one operand (wide_rate half).
  parameter int unsigned HalfRate        = 0,
  parameter int unsigned GroupScale      = 0,
  parameter int unsigned NumBanks        = 4,
  parameter int unsigned PortsPerBank    = 1,
  parameter int unsigned BankBits        = 64,
  parameter int unsigned QueueDepth      = 4,
  parameter int unsigned PostLanes       = 4,
  parameter int unsigned PostLatency     = 10,
  /// What fits: groups, channels of a list, and tokens and outputs of a tile in blocks.
  parameter int unsigned MaxGroups       = 2,
  parameter int unsigned MaxChannels     = 64,
  parameter int unsigned TokenBlocks     = 4,
  parameter int unsigned OutputBlocks    = 2,
  // Codes lie in the banks as digits of MacBits, a plane of all lanes after another, as many planes to a word as fit;
  // activations as TokensInFlight times 16 bits.
  localparam int unsigned CodeBits       = igq_datapath_pkg::CodeBits,
  localparam int unsigned ValueBits      = igq_datapath_pkg::ValueBits,
  localparam int unsigned OperandBits    = CodeBits + 1,
  localparam int unsigned PlaneBits      = Lanes * MacBits,
  localparam int unsigned Planes         = igq_pkg::ceil_div(CodeBits, MacBits),
  localparam int unsigned PlanesPerWord  = igq_datapath_pkg::min(Planes, BankBits / PlaneBits),
  localparam int unsigned WeightWidth    = PlanesPerWord * PlaneBits,
  localparam int unsigned WeightWords    = igq_pkg::ceil_div(Planes, PlanesPerWord),
  localparam int unsigned TokensPerWord  = igq_datapath_pkg::min(TokensInFlight, BankBits / ValueBits),
  localparam int unsigned ActWidth       = TokensPerWord * ValueBits,
  localparam int unsigned ActWords       = igq_pkg::ceil_div(TokensInFlight, TokensPerWord),
  localparam int unsigned MaxWords       = igq_pkg::max(WeightWords, ActWords),
  localparam int unsigned WordCountWidth = igq_pkg::count_width(MaxWords),
  localparam int unsigned NumRows        = igq_pkg::ceil_div(MaxChannels, NumBanks),
  localparam int unsigned RowCountWidth  = igq_pkg::count_width(NumRows),
  localparam int unsigned WeightDepth    = OutputBlocks * NumRows * WeightWords,
  localparam int unsigned ActDepth       = TokenBlocks * NumRows * ActWords,
  localparam int unsigned MaxTokens      = TokenBlocks * TokensInFlight,
  localparam int unsigned GroupWidth     = igq_pkg::index_width(MaxGroups),
  localparam int unsigned ChannelWidth   = igq_pkg::index_width(MaxChannels),
  localparam int unsigned FillWidth      = igq_pkg::max(igq_pkg::max(WeightWidth, ActWidth), 64)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  /// Fills a word: 0 weights, 1 activations (of a bank), 2 quantizer, 3 scale (of a group), 4 scale and bias, 5 zero
  /// point (of a lane, of the block of outputs at the address), 6 group (of a token), 7 arrays (of a list; forgets all
  /// lists at address 1).
  input  logic                    fill_valid_i,
  output logic                    fill_ready_o,
  input  logic [2:0]              fill_kind_i,
  input  logic [15:0]             fill_index_i,
  input  logic [31:0]             fill_addr_i,
  input  logic [FillWidth-1:0]    fill_data_i,
  /// Channel lists, as igq_group_assign emits them.
  input  logic                    list_valid_i,
  output logic                    list_ready_o,
  input  logic [GroupWidth-1:0]   list_group_i,
  input  logic [ChannelWidth-1:0] list_channel_i,
  input  logic                    list_group_last_i,
  /// A tile: sizes, tokens of a block, digits and words of codes, rows of a bank. `rows_i`: a group belongs to a token.
  /// `codes_i`: activations are codes.
  input  logic                    tile_valid_i,
  output logic                    tile_ready_o,
  input  logic [15:0]             tile_tokens_i,
  input  logic [15:0]             tile_outputs_i,
  input  logic [15:0]             tile_block_tokens_i,
  input  logic [15:0]             tile_token_blocks_i,
  input  logic [15:0]             tile_output_blocks_i,
  input  logic [3:0]              tile_act_digits_i,
  input  logic [3:0]              tile_weight_digits_i,
  input  logic [15:0]             tile_weight_words_i,
  input  logic [15:0]             tile_act_words_i,
  input  logic [15:0]             tile_num_rows_i,
  input  logic                    tile_rows_i,
  input  logic                    tile_codes_i,
  input  logic [31:0]             tile_layer_scale_i,
  /// Outputs: PostLanes of them from a token and an output channel on, token after token.
  output logic                    out_valid_o,
  input  logic                    out_ready_i,
  output logic [PostLanes*32-1:0] out_data_o,
  output logic [PostLanes-1:0]    out_mask_o,
  output logic [15:0]             out_token_o,
  output logic [15:0]             out_output_o,
  output logic                    out_last_o
);

  localparam int unsigned NumSlots        = NumArrays * VectorLength;
  localparam int unsigned ArrayWidth      = igq_pkg::index_width(NumArrays);
  localparam int unsigned ArrayCountWidth = igq_pkg::count_width(NumArrays);
  localparam int unsigned BankWidth       = igq_pkg::index_width(NumBanks);
  localparam int unsigned RowWidth        = igq_pkg::index_width(NumRows);
  localparam int unsigned CountWidth      = igq_pkg::count_width(VectorLength);
  localparam int unsigned StepWidth       = igq_pkg::index_width(MaxChannels);
  localparam int unsigned StepCountWidth  = igq_pkg::count_width(MaxChannels);
  localparam int unsigned IndexWidth      = 1 + GroupWidth + CountWidth + VectorLength * (BankWidth + RowWidth);
  localparam int unsigned WordWidth       = igq_pkg::index_width(MaxWords);
  localparam int unsigned BlockWidth      = igq_pkg::index_width(OutputBlocks);
  localparam int unsigned LaneWidth       = igq_pkg::index_width(Lanes);
  localparam int unsigned TokenWidth      = igq_pkg::index_width(MaxTokens);
  localparam int unsigned MultiplierBits  = igq_datapath_pkg::MultiplierBits;
  localparam int unsigned ShiftBits       = igq_datapath_pkg::ShiftBits;
  localparam int unsigned QuantizerBits   = MultiplierBits + ShiftBits + 2 * CodeBits;
  localparam int unsigned ScaleBits       = igq_datapath_pkg::ScaleBits;
  localparam int unsigned ShiftsInPlace   = (InTurn != 0 && GroupScale == igq_datapath_pkg::GroupScalePow2) ? 1 : 0;
  localparam int unsigned WideBits        = (ShiftsInPlace != 0) ? 54 : igq_datapath_pkg::SumBits;
  localparam int unsigned ChunkRows       = igq_pkg::max(1, igq_datapath_pkg::min(TokensInFlight, PostLanes / Lanes));
  localparam int unsigned ChunkPieces     = igq_pkg::ceil_div(Lanes, PostLanes);
  localparam int unsigned NumChunks       = igq_pkg::ceil_div(TokensInFlight, ChunkRows) * ChunkPieces;
  localparam int unsigned MacCycles       = igq_datapath_pkg::MacPipelineCycles;

  if (BankBits < PlaneBits || BankBits < TokenRows * ValueBits) begin : gen_word_refused
    $fatal(1, "BankBits must hold Lanes * MacBits and TokenRows * 16 bits");
  end
  if (TokensInFlight % TokenRows != 0 || (InTurn != 0 && NumArrays != 1) || (InTurn == 0 && NumArrays < MaxGroups)) begin : gen_shape_refused
    $fatal(1, "TokensInFlight must be a multiple of TokenRows, NumArrays 1 in turn, else no fewer than MaxGroups");
  end
  if (PostLatency < igq_datapath_pkg::PostPipelineCycles || AccumulatorSets < 1 || AccumulatorSets > 2 || MacBits < 2 || AccBits < 8 || AccBits > 32) begin : gen_size_refused
    $fatal(1, "PostLatency from 10, AccumulatorSets 1 or 2, MacBits from 2, AccBits 8 to 32");
  end

  /// The tile at work. Nothing moves while an output waits.
  logic        active_q, begin_q, en;
  logic [15:0] tokens_q, outputs_q, block_tokens_q, token_blocks_q, output_blocks_q;
  logic [3:0]  act_digits_q, weight_digits_q;
  logic [15:0] weight_words_q, act_words_q, num_rows_q;
  logic        rows_q, codes_q;
  logic [31:0] layer_scale_q;

  assign en           = !out_valid_o || out_ready_i;
  assign fill_ready_o = !active_q;
  assign list_ready_o = !active_q;
  assign tile_ready_o = !active_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
    end else if (tile_valid_i && tile_ready_o) begin
      active_q <= 1'b1;
    end else if (out_valid_o && out_ready_i && out_last_o) begin
      active_q <= 1'b0;
    end
    if (tile_valid_i && tile_ready_o) begin
      tokens_q        <= tile_tokens_i;
      outputs_q       <= tile_outputs_i;
      block_tokens_q  <= tile_block_tokens_i;
      token_blocks_q  <= tile_token_blocks_i;
      output_blocks_q <= tile_output_blocks_i;
      act_digits_q    <= tile_act_digits_i;
      weight_digits_q <= tile_weight_digits_i;
      weight_words_q  <= tile_weight_words_i;
      act_words_q     <= tile_act_words_i;
      num_rows_q      <= tile_num_rows_i;
      rows_q          <= tile_rows_i;
      codes_q         <= tile_codes_i;
      layer_scale_q   <= tile_layer_scale_i;
    end
  end

  assign begin_q = tile_valid_i && tile_ready_o;

  /// Tables.
  logic                             fill;
  logic [MaxGroups*QuantizerBits-1:0] quantizer_q;
  logic [MaxGroups*4-1:0]           group_shift_q;
  logic [MaxTokens*GroupWidth-1:0]  token_group_q;

  assign fill = fill_valid_i && fill_ready_o;

  always_ff @(posedge clk_i) begin
    if (fill && fill_kind_i == 3'd2) quantizer_q[fill_index_i*QuantizerBits+:QuantizerBits] <= fill_data_i[QuantizerBits-1:0];
    if (fill && fill_kind_i == 3'd3) group_shift_q[fill_index_i*4+:4] <= fill_data_i[35:32];
    if (fill && fill_kind_i == 3'd6) token_group_q[fill_index_i*GroupWidth+:GroupWidth] <= fill_data_i[GroupWidth-1:0];
  end

  /// Lists.
  logic                                 index_re;
  logic [StepWidth-1:0]                 index_step;
  logic [NumArrays-1:0]                 index_valid;
  logic [NumArrays*IndexWidth-1:0]      index_word;
  logic [StepCountWidth-1:0]            num_steps;
  logic [MaxGroups-1:0]                 listed;
  logic [MaxGroups*ArrayWidth-1:0]      first_array;
  logic [MaxGroups*ArrayCountWidth-1:0] list_arrays;
  logic [MaxGroups*StepWidth-1:0]       last_step;

  igq_index_buffer #(
    .NumArrays   (NumArrays),
    .VectorLength(VectorLength),
    .NumBanks    (NumBanks),
    .MaxChannels (MaxChannels),
    .MaxGroups   (MaxGroups),
    .InTurn      (InTurn)
  ) u_index_buffer (
    .clk_i,
    .rst_ni,
    .clear_i          (fill && fill_kind_i == 3'd7 && fill_addr_i[0]),
    .deal_we_i        (fill && fill_kind_i == 3'd7 && !fill_addr_i[0]),
    .deal_group_i     (fill_index_i[GroupWidth-1:0]),
    .deal_first_i     (fill_data_i[ArrayWidth-1:0]),
    .deal_arrays_i    (fill_data_i[16+:ArrayCountWidth]),
    .list_valid_i     (list_valid_i && list_ready_o),
    .list_group_i,
    .list_channel_i,
    .list_group_last_i,
    .num_steps_o      (num_steps),
    .re_i             (index_re),
    .step_i           (index_step),
    .valid_o          (index_valid),
    .word_o           (index_word),
    .listed_o         (listed),
    .first_array_o    (first_array),
    .arrays_o         (list_arrays),
    .last_step_o      (last_step)
  );

  /// Row selector and queue.
  logic                            start, vector_ready, entry_done;
  logic [NumSlots-1:0]             slot_we, slot_valid;
  logic [WordWidth-1:0]            slot_word;
  logic [NumSlots*WeightWidth-1:0] slot_weight;
  logic [NumSlots*ActWidth-1:0]    slot_act;
  logic [NumArrays*GroupWidth-1:0] slot_group, vector_group;
  logic                            list_ends, vector_ends_list;
  logic [NumSlots-1:0]             vector_valid;

  localparam int unsigned WeightAddrWidth = igq_pkg::index_width(WeightDepth);
  localparam int unsigned ActAddrWidth    = igq_pkg::index_width(ActDepth);

  igq_row_selector #(
    .NumArrays   (NumArrays),
    .VectorLength(VectorLength),
    .NumBanks    (NumBanks),
    .PortsPerBank(PortsPerBank),
    .QueueDepth  (QueueDepth),
    .MaxChannels (MaxChannels),
    .MaxGroups   (MaxGroups),
    .WeightDepth (WeightDepth),
    .ActDepth    (ActDepth),
    .WeightWidth (WeightWidth),
    .ActWidth    (ActWidth),
    .MaxWords    (MaxWords)
  ) u_row_selector (
    .clk_i,
    .rst_ni,
    .en_i           (en),
    .weight_we_i    (fill && fill_kind_i == 3'd0),
    .weight_bank_i  (fill_index_i[BankWidth-1:0]),
    .weight_addr_i  (fill_addr_i[WeightAddrWidth-1:0]),
    .weight_data_i  (fill_data_i[WeightWidth-1:0]),
    .act_we_i       (fill && fill_kind_i == 3'd1),
    .act_bank_i     (fill_index_i[BankWidth-1:0]),
    .act_addr_i     (fill_addr_i[ActAddrWidth-1:0]),
    .act_data_i     (fill_data_i[ActWidth-1:0]),
    .begin_i        (begin_q),
    .output_blocks_i(output_blocks_q),
    .token_blocks_i (token_blocks_q),
    .num_steps_i    (num_steps),
    .num_rows_i     (num_rows_q[RowCountWidth-1:0]),
    .weight_words_i (weight_words_q[WordCountWidth-1:0]),
    .act_words_i    (act_words_q[WordCountWidth-1:0]),
    .index_re_o     (index_re),
    .index_step_o   (index_step),
    .index_valid_i  (index_valid),
    .index_word_i   (index_word),
    .start_i        (start),
    .slot_we_o      (slot_we),
    .slot_word_o    (slot_word),
    .slot_weight_o  (slot_weight),
    .slot_act_o     (slot_act),
    .slot_valid_o   (slot_valid),
    .group_o        (slot_group),
    .list_ends_o    (list_ends),
    .entry_done_o   (entry_done)
  );

  localparam int unsigned WeightRowBits = WeightWords * WeightWidth;
  localparam int unsigned ActRowBits    = ActWords * ActWidth;

  logic [NumSlots*WeightRowBits-1:0] vector_weight;
  logic [NumSlots*ActRowBits-1:0]    vector_act;

  igq_gather_queue #(
    .NumSlots   (NumSlots),
    .QueueDepth (QueueDepth),
    .WeightWidth(WeightWidth),
    .ActWidth   (ActWidth),
    .WeightWords(WeightWords),
    .ActWords   (ActWords),
    .MaxWords   (MaxWords),
    .NoteWidth  (1 + NumSlots + NumArrays * GroupWidth)
  ) u_queue (
    .clk_i,
    .rst_ni,
    .en_i         (en),
    .slot_we_i    (slot_we),
    .slot_word_i  (slot_word),
    .slot_weight_i(slot_weight),
    .slot_act_i   (slot_act),
    .note_i       ({list_ends, slot_valid, slot_group}),
    .entry_done_i (entry_done),
    .ready_o      (vector_ready),
    .note_o       ({vector_ends_list, vector_valid, vector_group}),
    .start_i      (start),
    .weight_o     (vector_weight),
    .act_o        (vector_act)
  );

  /// Sequencer.
  logic                  issue, issue_set, issue_opens, issue_new_list;
  logic [15:0]           issue_row, issue_token_block, issue_output_block;
  logic [3:0]            issue_act_digit, issue_weight_digit;
  logic [GroupWidth-1:0] issue_group_before;
  logic                  beat, beat_set, beat_first_array, beat_last_array, beat_first_list, beat_last_list, beat_last;
  logic [ArrayWidth-1:0] beat_array;
  logic [15:0]           beat_row, beat_piece, beat_chunk, beat_token_block, beat_output_block;
  logic [GroupWidth-1:0] beat_group;

  igq_sequencer #(
    .NumArrays      (NumArrays),
    .TokenRows      (TokenRows),
    .AccumulatorSets(AccumulatorSets),
    .RescaleCycles  (RescaleCycles),
    .HalfRate       (HalfRate),
    .InTurn         (InTurn),
    .ShiftsInPlace  (ShiftsInPlace),
    .ChunkRows      (ChunkRows),
    .ChunkPieces    (ChunkPieces),
    .MaxChannels    (MaxChannels),
    .MaxGroups      (MaxGroups)
  ) u_sequencer (
    .clk_i,
    .rst_ni,
    .en_i                (en),
    .begin_i             (begin_q),
    .tokens_i            (tokens_q),
    .block_tokens_i      (block_tokens_q),
    .token_blocks_i      (token_blocks_q),
    .output_blocks_i     (output_blocks_q),
    .act_digits_i        (act_digits_q),
    .weight_digits_i     (weight_digits_q),
    .num_steps_i         (num_steps),
    .listed_i            (listed),
    .first_array_i       (first_array),
    .arrays_i            (list_arrays),
    .last_step_i         (last_step),
    .vector_ready_i      (vector_ready),
    .vector_group_i      (vector_group[GroupWidth-1:0]),
    .vector_ends_list_i  (vector_ends_list),
    .start_o             (start),
    .issue_o             (issue),
    .issue_row_o         (issue_row),
    .issue_act_digit_o   (issue_act_digit),
    .issue_weight_digit_o(issue_weight_digit),
    .issue_set_o         (issue_set),
    .issue_opens_o       (issue_opens),
    .issue_new_list_o    (issue_new_list),
    .issue_group_before_o(issue_group_before),
    .issue_token_block_o (issue_token_block),
    .issue_output_block_o(issue_output_block),
    .beat_o              (beat),
    .beat_array_o        (beat_array),
    .beat_set_o          (beat_set),
    .beat_row_o          (beat_row),
    .beat_piece_o        (beat_piece),
    .beat_chunk_o        (beat_chunk),
    .beat_group_o        (beat_group),
    .beat_first_array_o  (beat_first_array),
    .beat_last_array_o   (beat_last_array),
    .beat_first_list_o   (beat_first_list),
    .beat_last_list_o    (beat_last_list),
    .beat_token_block_o  (beat_token_block),
    .beat_output_block_o (beat_output_block),
    .beat_last_o         (beat_last)
  );

  /// What goes along with a row of tokens: word n of it is n cycles old.
  localparam int unsigned IssueBits = 1 + 1 + 1 + 1 + 16 + 16 + 16 + 4 + 4 + 4;

  logic [IssueBits-1:0] issue_q [MacCycles];
  logic                 issue_valid_q [MacCycles];
  logic [NumSlots-1:0]  valid_q [MacCycles];
  logic [NumSlots-1:0]  work_valid_q;
  logic [NumArrays*GroupWidth-1:0] work_group_q;

  assign issue_q[0] = {issue, issue_set, issue_opens, issue_new_list, issue_row, issue_token_block, issue_output_block,
                       issue_act_digit, issue_weight_digit,
                       rows_q ? 4'd0 : group_shift_q[issue_group_before*4+:4]};
  assign issue_valid_q[0] = issue;
  assign valid_q[0] = '0;

  for (genvar n = 1; n < MacCycles; n++) begin : gen_issue
    always_ff @(posedge clk_i) begin
      if (!rst_ni) issue_valid_q[n] <= 1'b0;
      else if (en) issue_valid_q[n] <= issue_valid_q[n-1];
      if (en) issue_q[n] <= issue_q[n-1];
      if (en) valid_q[n] <= (n == 1) ? '0 : (n == 2) ? work_valid_q : valid_q[n-1];
    end
  end

  always_ff @(posedge clk_i) begin
    if (en && start) begin
      work_valid_q <= vector_valid;
      work_group_q <= vector_group;
    end
  end

  // Cycle 1: a row of tokens of the vector at work, and the quantizers of its groups.
  logic [TokenRows*NumSlots*ValueBits-1:0]              value_d, value_q;
  logic [NumArrays*TokenRows*QuantizerBits-1:0]         row_quantizer_d, row_quantizer_q;
  logic [NumSlots*WeightRowBits-1:0]                    weight_1_q, weight_2_q;
  logic [15:0]                                          row_1, token_block_1;
  logic [31:0]                                          token;
  logic [GroupWidth-1:0]                                row_group;

  assign {row_1, token_block_1} = issue_q[1][28+:32];

  always_comb begin
    token     = '0;
    row_group = '0;
    for (int unsigned r = 0; r < TokenRows; r++) begin
      token = 32'(row_1) * TokenRows + r;
      for (int unsigned s = 0; s < NumSlots; s++) begin
        value_d[(r*NumSlots+s)*ValueBits+:ValueBits] = vector_act[s*ActRowBits+token*ValueBits+:ValueBits];
      end
      for (int unsigned a = 0; a < NumArrays; a++) begin
        row_group = rows_q ? token_group_q[TokenWidth'(32'(token_block_1) * 32'(block_tokens_q) + token)*GroupWidth+:GroupWidth] :
                             work_group_q[a*GroupWidth+:GroupWidth];
        row_quantizer_d[(a*TokenRows+r)*QuantizerBits+:QuantizerBits] = quantizer_q[row_group*QuantizerBits+:QuantizerBits];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (en) begin
      value_q         <= value_d;
      row_quantizer_q <= row_quantizer_d;
      weight_1_q      <= vector_weight;
      weight_2_q      <= weight_1_q;
    end
  end

  // Cycles 2 and 3: quantizers; weights less the zero points of their output channels.
  logic [VectorLength*OperandBits-1:0]                     act_operand [NumArrays*TokenRows];
  logic [NumSlots*Lanes*OperandBits-1:0]                   weight_operand_d, weight_operand_q;
  logic [Lanes*CodeBits-1:0]                               weight_zero;
  logic [Lanes-1:0]                                        zero_we;
  logic [CodeBits-1:0]                                     code;
  logic [Planes*MacBits-1:0]                               digits;

  for (genvar a = 0; a < NumArrays; a++) begin : gen_quantizer_array
    for (genvar r = 0; r < TokenRows; r++) begin : gen_quantizer_row
      logic [QuantizerBits-1:0] quantizer;
      assign quantizer = row_quantizer_q[(a*TokenRows+r)*QuantizerBits+:QuantizerBits];

      igq_quantizer #(
        .Lanes(VectorLength)
      ) u_quantizer (
        .clk_i,
        .en_i        (en),
        .is_code_i   (codes_q),
        .multiplier_i(quantizer[0+:MultiplierBits]),
        .shift_i     (quantizer[MultiplierBits+:ShiftBits]),
        .zero_i      (quantizer[MultiplierBits+ShiftBits+:CodeBits]),
        .largest_i   (quantizer[MultiplierBits+ShiftBits+CodeBits+:CodeBits]),
        .value_i     (value_q[(r*NumSlots+a*VectorLength)*ValueBits+:VectorLength*ValueBits]),
        .operand_o   (act_operand[a*TokenRows+r])
      );
    end
  end

  always_comb begin
    zero_we = '0;
    zero_we[fill_index_i[LaneWidth-1:0]] = fill && fill_kind_i == 3'd5;
  end

  igq_ram #(
    .Depth  (OutputBlocks),
    .Columns(Lanes),
    .Width  (CodeBits)
  ) u_weight_zero (
    .clk_i,
    .we_i   (zero_we),
    .waddr_i(fill_addr_i[BlockWidth-1:0]),
    .wdata_i({Lanes{fill_data_i[CodeBits-1:0]}}),
    .re_i   (en),
    .raddr_i(issue_q[2][12+:BlockWidth]),
    .rdata_o(weight_zero)
  );

  always_comb begin
    code   = '0;
    digits = '0;
    for (int unsigned s = 0; s < NumSlots; s++) begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        for (int unsigned d = 0; d < Planes; d++) begin
          digits[d*MacBits+:MacBits] = (d < 32'(weight_digits_q)) ? weight_2_q[s*WeightRowBits+d*PlaneBits+l*MacBits+:MacBits] : '0;
        end
        code = digits[CodeBits-1:0];
        weight_operand_d[(s*Lanes+l)*OperandBits+:OperandBits] = {1'b0, code} - {1'b0, weight_zero[l*CodeBits+:CodeBits]};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (en) weight_operand_q <= weight_operand_d;
  end

  // Beats are as old as the sums that they take when these are in the accumulators.
  localparam int unsigned BeatBits = 1 + 1 + 1 + 1 + 1 + 1 + ArrayWidth + 16 * 5 + GroupWidth;

  logic [BeatBits-1:0]             beat_q [MacCycles+1];
  logic                            beat_valid_q [MacCycles+1];
  logic                            sum_set, sum_first_array, sum_last_array, sum_first_list, sum_last_list, sum_last;
  logic [ArrayWidth-1:0]           sum_array;
  logic [15:0]                     sum_row, sum_piece, sum_chunk, sum_token_block, sum_output_block, block_token;
  logic [GroupWidth-1:0]           sum_group;
  logic [PostLanes*WideBits-1:0]   array_sums [NumArrays];

  assign beat_q[0] = {beat_set, beat_first_array, beat_last_array, beat_first_list, beat_last_list, beat_last, beat_array,
                      beat_row, beat_piece, beat_chunk, beat_token_block, beat_output_block, beat_group};
  assign beat_valid_q[0] = beat;

  for (genvar n = 1; n <= MacCycles; n++) begin : gen_beat
    always_ff @(posedge clk_i) begin
      if (!rst_ni) beat_valid_q[n] <= 1'b0;
      else if (en) beat_valid_q[n] <= beat_valid_q[n-1];
      if (en) beat_q[n] <= beat_q[n-1];
    end
  end

  assign {sum_set, sum_first_array, sum_last_array, sum_first_list, sum_last_list, sum_last, sum_array, sum_row, sum_piece,
          sum_chunk, sum_token_block, sum_output_block, sum_group} = beat_q[MacCycles];
  assign block_token = 16'(32'(sum_token_block) * 32'(block_tokens_q));

  /// Arrays.
  logic        set_4, opens_4, new_list_4;
  logic [15:0] row_4;
  logic [3:0]  act_digit_4, weight_digit_4, shift_4;

  assign {set_4, opens_4, new_list_4, row_4} = issue_q[4][12+32+:19];
  assign {act_digit_4, weight_digit_4, shift_4} = issue_q[4][0+:12];

  for (genvar a = 0; a < NumArrays; a++) begin : gen_array
    logic [TokenRows*VectorLength*OperandBits-1:0] operands;

    always_comb begin
      for (int unsigned r = 0; r < TokenRows; r++) begin
        operands[r*VectorLength*OperandBits+:VectorLength*OperandBits] = act_operand[a*TokenRows+r];
      end
    end

    igq_mac_array #(
      .Lanes          (Lanes),
      .VectorLength   (VectorLength),
      .TokenRows      (TokenRows),
      .TokensInFlight (TokensInFlight),
      .AccumulatorSets(AccumulatorSets),
      .MacBits        (MacBits),
      .AccBits        (AccBits),
      .HalfRate       (HalfRate),
      .ShiftsInPlace  (ShiftsInPlace),
      .ChunkRows      (ChunkRows),
      .ChunkPieces    (ChunkPieces),
      .PostLanes      (PostLanes)
    ) u_array (
      .clk_i,
      .en_i          (en),
      .valid_i       (issue_valid_q[4] && valid_q[4][a*VectorLength]),
      .row_i         (row_4),
      .set_i         (set_4),
      .opens_i       (opens_4),
      .new_list_i    (new_list_4),
      .shift_i       (shift_4),
      .act_digit_i   (act_digit_4),
      .act_top_i     (act_digit_4 + 1'b1 == act_digits_q),
      .weight_digit_i(weight_digit_4),
      .weight_top_i  (weight_digit_4 + 1'b1 == weight_digits_q),
      .acts_whole_i  (HalfRate != 0 && act_digits_q < weight_digits_q),
      .slot_valid_i  (valid_q[4][a*VectorLength+:VectorLength]),
      .act_i         (operands),
      .weight_i      (weight_operand_q[a*VectorLength*Lanes*OperandBits+:VectorLength*Lanes*OperandBits]),
      .read_i        (beat_valid_q[MacCycles] && 32'(sum_array) == a),
      .read_set_i    (sum_set),
      .read_row_i    (sum_row),
      .read_piece_i  (sum_piece),
      .read_shift_i  (rows_q ? 4'd0 : group_shift_q[sum_group*4+:4]),
      .sums_o        (array_sums[a])
    );
  end

  /// Post-processing.
  igq_post_processing #(
    .PostLanes   (PostLanes),
    .Lanes       (Lanes),
    .ChunkRows   (ChunkRows),
    .NumChunks   (NumChunks),
    .GroupScale  (GroupScale),
    .AccBits     (AccBits),
    .WideBits    (WideBits),
    .IsWhole     (ShiftsInPlace),
    .MaxGroups   (MaxGroups),
    .MaxTokens   (MaxTokens),
    .OutputBlocks(OutputBlocks),
    .Latency     (PostLatency)
  ) u_post (
    .clk_i,
    .rst_ni,
    .en_i              (en),
    .group_we_i        (fill && fill_kind_i == 3'd3),
    .group_i           (fill_index_i[GroupWidth-1:0]),
    .group_step_i      (fill_data_i[31:0]),
    .group_weight_i    ((GroupScale == igq_datapath_pkg::GroupScalePow2) ? ScaleBits'(1) << fill_data_i[35:32] :
                                                                           fill_data_i[32+:ScaleBits]),
    .output_we_i       (fill && fill_kind_i == 3'd4),
    .output_block_i    (fill_addr_i[BlockWidth-1:0]),
    .output_lane_i     (fill_index_i[LaneWidth-1:0]),
    .output_scale_i    (fill_data_i[31:0]),
    .output_bias_i     (fill_data_i[63:32]),
    .rows_i            (rows_q),
    .layer_scale_i     (layer_scale_q),
    .tokens_i          (tokens_q),
    .outputs_i         (outputs_q),
    .token_group_i     (token_group_q),
    .beat_i            (beat_valid_q[MacCycles]),
    .sums_i            (array_sums[sum_array]),
    .beat_group_i      (sum_group),
    .beat_first_array_i(sum_first_array),
    .beat_last_array_i (sum_last_array),
    .beat_first_list_i (sum_first_list),
    .beat_last_list_i  (sum_last_list),
    .beat_chunk_i      (sum_chunk),
    .beat_piece_i      (sum_piece),
    .beat_token_i      (block_token + sum_row),
    .beat_end_token_i  (block_token + block_tokens_q),
    .beat_block_i      (sum_output_block),
    .beat_last_i       (sum_last),
    .out_valid_o,
    .out_data_o,
    .out_mask_o,
    .out_token_o,
    .out_output_o,
    .out_last_o
  );

  // Has the data of an offer changed that was not taken? One bit tells of all lanes, which are too wide for the sampling of
  // assertions in Verilator 5.006.
  logic [PostLanes*32-1:0] offered_q;
  logic                    held_q, moved_q;

  always_ff @(posedge clk_i) begin
    offered_q <= out_data_o;
    held_q    <= out_valid_o && !out_ready_i && rst_ni;
    moved_q   <= held_q && offered_q != out_data_o;
  end

  `IGQ_ASSERT_STABLE(Output, out_valid_o, out_ready_i, {out_token_o, out_output_o, out_last_o})
  `IGQ_ASSERT(OutputDataStable, !moved_q)
  `IGQ_ASSERT(TileFits, tile_valid_i |-> 32'(tile_token_blocks_i) <= TokenBlocks && 32'(tile_output_blocks_i) <= OutputBlocks &&
              32'(tile_block_tokens_i) <= TokensInFlight && tile_tokens_i != 0 && tile_outputs_i != 0)

endmodule
