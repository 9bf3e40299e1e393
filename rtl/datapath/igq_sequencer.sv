// SPDX-License-Identifier: Apache-2.0
`include "igq_assert.svh"
/// Walks a tile: blocks of outputs, in each blocks of tokens, in each the steps of the lists; a step is worked on row
/// after row of tokens, pass after pass of the multipliers. Says when a step starts, and which beats of sums go to
/// post-processing when: accumulation after accumulation, in each list after list, in order of the groups; of a list chunk
/// after chunk, of a chunk array after array. Contract: docs/timing.md, "MAC arrays and row selector".
module igq_sequencer #(
  parameter int unsigned NumArrays       = 2,
  parameter int unsigned TokenRows       = 1,
  parameter int unsigned AccumulatorSets = 2,
  parameter int unsigned RescaleCycles   = 1,
  parameter int unsigned HalfRate        = 0,
  parameter int unsigned InTurn          = 0,
  /// 1: lists of a block share an accumulation although they are worked on in turn (pow2).
  parameter int unsigned ShiftsInPlace   = 0,
  /// Rows of sums in a chunk; chunks of a row where a row is longer than post-processing is wide.
  parameter int unsigned ChunkRows       = 1,
  parameter int unsigned ChunkPieces     = 1,
  parameter int unsigned MaxChannels     = 64,
  parameter int unsigned MaxGroups       = 4,
  localparam int unsigned GroupWidth     = igq_pkg::index_width(MaxGroups),
  localparam int unsigned ArrayWidth     = igq_pkg::index_width(NumArrays),
  localparam int unsigned ArrayCountWidth = igq_pkg::count_width(NumArrays),
  localparam int unsigned StepWidth      = igq_pkg::index_width(MaxChannels),
  localparam int unsigned StepCountWidth = igq_pkg::count_width(MaxChannels),
  localparam int unsigned NumWidth       = 16
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic                                en_i,
  /// A tile begins.
  input  logic                                begin_i,
  input  logic [NumWidth-1:0]                 tokens_i,
  input  logic [NumWidth-1:0]                 block_tokens_i,
  input  logic [NumWidth-1:0]                 token_blocks_i,
  input  logic [NumWidth-1:0]                 output_blocks_i,
  input  logic [3:0]                          act_digits_i,
  input  logic [3:0]                          weight_digits_i,
  /// Lists.
  input  logic [StepCountWidth-1:0]           num_steps_i,
  input  logic [MaxGroups-1:0]                listed_i,
  input  logic [MaxGroups*ArrayWidth-1:0]     first_array_i,
  input  logic [MaxGroups*ArrayCountWidth-1:0] arrays_i,
  input  logic [MaxGroups*StepWidth-1:0]      last_step_i,
  /// Queue: a vector waits; in turn, its group and whether it ends its list.
  input  logic                                vector_ready_i,
  input  logic [GroupWidth-1:0]               vector_group_i,
  input  logic                                vector_ends_list_i,
  output logic                                start_o,
  /// A row of tokens is worked on: its number in the block, digits, its accumulators.
  output logic                                issue_o,
  output logic [NumWidth-1:0]                 issue_row_o,
  output logic [3:0]                          issue_act_digit_o,
  output logic [3:0]                          issue_weight_digit_o,
  output logic                                issue_set_o,
  /// The sums begin; a list follows another in the same sums (ShiftsInPlace).
  output logic                                issue_opens_o,
  output logic                                issue_new_list_o,
  output logic [GroupWidth-1:0]               issue_group_before_o,
  output logic [NumWidth-1:0]                 issue_token_block_o,
  output logic [NumWidth-1:0]                 issue_output_block_o,
  /// A beat of sums.
  output logic                                beat_o,
  output logic [ArrayWidth-1:0]               beat_array_o,
  output logic                                beat_set_o,
  output logic [NumWidth-1:0]                 beat_row_o,
  output logic [NumWidth-1:0]                 beat_piece_o,
  output logic [NumWidth-1:0]                 beat_chunk_o,
  output logic [GroupWidth-1:0]               beat_group_o,
  output logic                                beat_first_array_o,
  output logic                                beat_last_array_o,
  output logic                                beat_first_list_o,
  output logic                                beat_last_list_o,
  output logic [NumWidth-1:0]                 beat_token_block_o,
  output logic [NumWidth-1:0]                 beat_output_block_o,
  output logic                                beat_last_o
);

  /// Where the next step stands.
  logic                     walking_q, busy_q, list_begins_q, set_q;
  logic [StepWidth-1:0]     step_q;
  logic [NumWidth-1:0]      token_block_q, output_block_q, row_q, num_rows, block_tokens;
  logic [3:0]               act_digit_q, weight_digit_q;
  logic [15:0]              shift_q;
  logic [1:0]               open_q;
  logic                     last_step, last_token_block, last_output_block, opens, step_ends, last_row, last_pass;
  logic                     frees, ends_accumulation, set;
  logic [NumWidth-1:0]      row;
  logic [3:0]               act_digit, weight_digit, last_act_digit, last_weight_digit;

  // What the step at work needs to know of itself, from its start to its last cycle.
  logic                     at_work_ends_list_q, at_work_first_q, at_work_last_q, at_work_new_list_q, at_work_opens_q;
  logic [StepWidth-1:0]     at_work_step_q;
  logic [NumWidth-1:0]      at_work_rows_q, at_work_token_block_q, at_work_output_block_q;
  logic [GroupWidth-1:0]    at_work_group_q, group_before_q;
  logic                     ends_list, first, last, new_list, opened;
  logic [StepWidth-1:0]     step;
  logic [NumWidth-1:0]      rows, token_block, output_block;
  logic [GroupWidth-1:0]    group;

  assign last_step         = StepCountWidth'(step_q) + 1'b1 == num_steps_i;
  assign last_token_block  = token_block_q + 1'b1 == token_blocks_i;
  assign last_output_block = output_block_q + 1'b1 == output_blocks_i;
  assign block_tokens      = last_token_block ? tokens_i - NumWidth'(32'(token_block_q) * 32'(block_tokens_i)) : block_tokens_i;
  assign num_rows          = NumWidth'((32'(block_tokens) + TokenRows - 1) / TokenRows);
  assign opens             = (InTurn != 0 && ShiftsInPlace == 0) ? list_begins_q : step_q == 0;
  assign start_o           = en_i && walking_q && !busy_q && shift_q == 0 && vector_ready_i &&
                             (!opens || 32'(open_q) < AccumulatorSets);

  always_comb begin
    step         = start_o ? step_q : at_work_step_q;
    rows         = start_o ? num_rows : at_work_rows_q;
    token_block  = start_o ? token_block_q : at_work_token_block_q;
    output_block = start_o ? output_block_q : at_work_output_block_q;
    ends_list    = start_o ? vector_ends_list_i : at_work_ends_list_q;
    group        = start_o ? vector_group_i : at_work_group_q;
    first        = start_o ? step_q == 0 : at_work_first_q;
    last         = start_o ? last_step : at_work_last_q;
    opened       = start_o ? opens : at_work_opens_q;
    new_list     = start_o ? list_begins_q && step_q != 0 : at_work_new_list_q;
    set          = (start_o && opens && AccumulatorSets > 1) ? !set_q : set_q;
    row          = start_o ? '0 : row_q;
    act_digit    = start_o ? '0 : act_digit_q;
    weight_digit = start_o ? '0 : weight_digit_q;
  end

  // Half rate takes a digit of the operand that has more of them, and all of the other.
  assign last_act_digit    = (HalfRate != 0 && act_digits_i < weight_digits_i) ? '0 : act_digits_i - 1'b1;
  assign last_weight_digit = (HalfRate != 0 && act_digits_i >= weight_digits_i) ? '0 : weight_digits_i - 1'b1;
  assign issue_o           = en_i && (start_o || busy_q);
  assign last_row          = row + 1'b1 == rows;
  assign last_pass         = act_digit == last_act_digit && weight_digit == last_weight_digit;
  assign step_ends         = issue_o && last_row && last_pass;
  assign ends_accumulation = step_ends && ((InTurn != 0 && ShiftsInPlace == 0) ? ends_list : last);

  assign issue_row_o          = row;
  assign issue_act_digit_o    = act_digit;
  assign issue_weight_digit_o = weight_digit;
  assign issue_set_o          = set;
  assign issue_opens_o        = opened && act_digit == 0 && weight_digit == 0;
  assign issue_new_list_o     = new_list && act_digit == 0 && weight_digit == 0;
  assign issue_group_before_o = (start_o && list_begins_q) ? at_work_group_q : group_before_q;
  assign issue_token_block_o  = token_block;
  assign issue_output_block_o = output_block;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      walking_q <= 1'b0;
      busy_q    <= 1'b0;
      shift_q   <= '0;
      open_q    <= '0;
      set_q     <= 1'b0;
    end else if (begin_i) begin
      walking_q      <= 1'b1;
      list_begins_q  <= 1'b1;
      step_q         <= '0;
      token_block_q  <= '0;
      output_block_q <= '0;
    end else if (en_i) begin
      open_q <= open_q + 2'(start_o && opens) - 2'(frees);
      if (shift_q != 0) shift_q <= shift_q - 1'b1;
      if (start_o) begin
        set_q                  <= set;
        at_work_step_q         <= step_q;
        at_work_rows_q         <= num_rows;
        at_work_token_block_q  <= token_block_q;
        at_work_output_block_q <= output_block_q;
        at_work_ends_list_q    <= vector_ends_list_i;
        at_work_group_q        <= vector_group_i;
        group_before_q         <= issue_group_before_o;
        at_work_first_q        <= first;
        at_work_last_q         <= last_step;
        at_work_opens_q        <= opens;
        at_work_new_list_q     <= new_list;
        list_begins_q          <= vector_ends_list_i;
        step_q                 <= last_step ? '0 : step_q + 1'b1;
        if (last_step) begin
          token_block_q <= last_token_block ? '0 : token_block_q + 1'b1;
          if (last_token_block) output_block_q <= output_block_q + 1'b1;
          if (last_token_block && last_output_block) walking_q <= 1'b0;
        end
      end
      if (issue_o) begin
        busy_q <= !step_ends;
        row_q  <= last_row ? '0 : row + 1'b1;
        act_digit_q    <= act_digit;
        weight_digit_q <= weight_digit;
        if (last_row) begin
          weight_digit_q <= (weight_digit == last_weight_digit) ? '0 : weight_digit + 1'b1;
          if (weight_digit == last_weight_digit) act_digit_q <= act_digit + 1'b1;
        end
      end
      if (step_ends && ShiftsInPlace != 0 && InTurn != 0 && ends_list && !last) shift_q <= 16'(RescaleCycles);
    end
  end

  /// What is complete: of each set the steps that are done; in turn its list.
  logic [2*StepCountWidth-1:0] done_q;
  logic [1:0]                  complete_q, first_list_q, last_list_q;
  logic [2*GroupWidth-1:0]     list_group_q;
  logic [2*NumWidth-1:0]       done_tokens_q, done_token_block_q, done_output_block_q;
  logic [1:0]                  done_is_last_q;

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      if (start_o && opens) begin
        done_q[set*StepCountWidth+:StepCountWidth] <= '0;
        complete_q[set]                           <= 1'b0;
        first_list_q[set]                         <= first;
        done_tokens_q[set*NumWidth+:NumWidth]     <= block_tokens;
        done_token_block_q[set*NumWidth+:NumWidth]  <= token_block_q;
        done_output_block_q[set*NumWidth+:NumWidth] <= output_block_q;
        done_is_last_q[set]                       <= last_token_block && last_output_block;
      end
      if (step_ends) begin
        done_q[set*StepCountWidth+:StepCountWidth] <= StepCountWidth'(step) + 1'b1;
        if (ends_accumulation) complete_q[set] <= 1'b1;
        if (ends_accumulation) last_list_q[set] <= last;
        if (ends_accumulation) list_group_q[set*GroupWidth+:GroupWidth] <= group;
      end
    end
  end

  /// Hand-over: the oldest accumulation, its lists in order.
  logic                       out_set_q, waited_q, at_first_list_q, go, alone, list_over, any_later;
  logic [GroupWidth-1:0]      list_q, this_list, next_list, first_list;
  logic [ArrayCountWidth-1:0] array_q, num_arrays;
  logic [NumWidth-1:0]        chunk_row_q, piece_q, chunk_q, tokens;
  logic                       last_array, last_chunk, in_place;

  assign in_place   = InTurn != 0;
  assign tokens     = done_tokens_q[out_set_q*NumWidth+:NumWidth];
  assign this_list  = in_place ? list_group_q[out_set_q*GroupWidth+:GroupWidth] : at_first_list_q ? first_list : list_q;
  assign num_arrays = in_place ? ArrayCountWidth'(1) : arrays_i[this_list*ArrayCountWidth+:ArrayCountWidth];

  always_comb begin
    first_list = '0;
    next_list  = '0;
    any_later  = 1'b0;
    for (int unsigned g = MaxGroups; g > 0; g--) begin
      if (listed_i[g-1]) first_list = GroupWidth'(g - 1);
    end
    for (int unsigned g = MaxGroups; g > 0; g--) begin
      if (listed_i[g-1] && g - 1 > 32'(this_list)) begin
        next_list = GroupWidth'(g - 1);
        any_later = 1'b1;
      end
    end
  end

  assign go = en_i && open_q != 0 && (in_place ? complete_q[out_set_q] :
              done_q[out_set_q*StepCountWidth+:StepCountWidth] > StepCountWidth'(last_step_i[this_list*StepWidth+:StepWidth]));
  assign last_array = array_q + 1'b1 == num_arrays;
  assign last_chunk = 32'(chunk_row_q) + ChunkRows >= 32'(tokens) && 32'(piece_q) + 1 == ChunkPieces;
  // A list of one beat waits a cycle, so that sums meet at least HandoverCycles apart.
  assign alone      = last_array && last_chunk && chunk_q == 0 && array_q == 0 && igq_datapath_pkg::HandoverCycles > 1;
  assign beat_o     = go && (!alone || waited_q);
  assign list_over  = beat_o && last_array && last_chunk;
  assign frees      = list_over && (in_place || !any_later);

  assign beat_array_o        = in_place ? '0 : first_array_i[this_list*ArrayWidth+:ArrayWidth] + ArrayWidth'(array_q);
  assign beat_set_o          = out_set_q;
  assign beat_row_o          = chunk_row_q;
  assign beat_piece_o        = piece_q;
  assign beat_chunk_o        = chunk_q;
  assign beat_group_o        = this_list;
  assign beat_first_array_o  = array_q == 0;
  assign beat_last_array_o   = last_array;
  assign beat_first_list_o   = in_place ? first_list_q[out_set_q] : at_first_list_q;
  assign beat_last_list_o    = in_place ? last_list_q[out_set_q] : !any_later;
  assign beat_token_block_o  = done_token_block_q[out_set_q*NumWidth+:NumWidth];
  assign beat_output_block_o = done_output_block_q[out_set_q*NumWidth+:NumWidth];
  assign beat_last_o         = frees && done_is_last_q[out_set_q] && beat_last_list_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || begin_i) begin
      // The first accumulation of a tile takes the set after the last one used.
      out_set_q       <= (AccumulatorSets > 1) ? !set_q && rst_ni : 1'b0;
      waited_q        <= 1'b0;
      at_first_list_q <= 1'b1;
      array_q         <= '0;
      chunk_row_q     <= '0;
      piece_q         <= '0;
      chunk_q         <= '0;
    end else if (en_i) begin
      waited_q <= go && alone && !waited_q;
      if (beat_o) begin
        array_q <= last_array ? '0 : array_q + 1'b1;
        if (last_array) begin
          chunk_q <= last_chunk ? '0 : chunk_q + 1'b1;
          piece_q <= (32'(piece_q) + 1 == ChunkPieces) ? '0 : piece_q + 1'b1;
          if (32'(piece_q) + 1 == ChunkPieces) chunk_row_q <= last_chunk ? '0 : chunk_row_q + NumWidth'(ChunkRows);
        end
        if (list_over) begin
          list_q          <= next_list;
          at_first_list_q <= frees;
        end
        if (frees) out_set_q <= (AccumulatorSets > 1) ? !out_set_q : 1'b0;
      end
    end
  end

  `IGQ_ASSERT(AccumulationsAreOpen, frees |-> open_q != 0)
  `IGQ_ASSERT(SetsAreKept, 32'(open_q) <= AccumulatorSets)
  `IGQ_ASSERT(HandsOverWhatIsDone, beat_o && in_place |-> complete_q[out_set_q])

endmodule
