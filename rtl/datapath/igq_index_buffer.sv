// SPDX-License-Identifier: Apache-2.0
`include "igq_assert.svh"
/// Channel lists, packed into vectors of the arrays as they arrive: in turn (one array takes list after list) or side by
/// side (the arrays of a list are dealt its vectors like cards). A word has what all arrays take in a step: for each
/// array bank and row of VectorLength channels, how many there are, their group, and whether the list ends.
module igq_index_buffer #(
  parameter int unsigned NumArrays    = 2,
  parameter int unsigned VectorLength = 4,
  parameter int unsigned NumBanks     = 4,
  parameter int unsigned MaxChannels  = 64,
  parameter int unsigned MaxGroups    = 4,
  /// 1: organisations shared and temporal; 0: per_group and elastic.
  parameter int unsigned InTurn       = 0,
  localparam int unsigned ChannelWidth = igq_pkg::index_width(MaxChannels),
  localparam int unsigned GroupWidth   = igq_pkg::index_width(MaxGroups),
  localparam int unsigned ArrayWidth   = igq_pkg::index_width(NumArrays),
  localparam int unsigned ArrayCountWidth = igq_pkg::count_width(NumArrays),
  localparam int unsigned BankWidth    = igq_pkg::index_width(NumBanks),
  localparam int unsigned RowWidth     = igq_pkg::index_width(igq_pkg::ceil_div(MaxChannels, NumBanks)),
  localparam int unsigned CountWidth   = igq_pkg::count_width(VectorLength),
  localparam int unsigned StepWidth    = igq_pkg::index_width(MaxChannels),
  localparam int unsigned StepCountWidth = igq_pkg::count_width(MaxChannels),
  localparam int unsigned PlaceWidth   = BankWidth + RowWidth,
  localparam int unsigned WordWidth    = 1 + GroupWidth + CountWidth + VectorLength * PlaceWidth
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  /// Forgets all lists.
  input  logic                                clear_i,
  /// The arrays of a list, side by side from the first on; before the list's first entry.
  input  logic                                deal_we_i,
  input  logic [GroupWidth-1:0]               deal_group_i,
  input  logic [ArrayWidth-1:0]               deal_first_i,
  input  logic [ArrayCountWidth-1:0]          deal_arrays_i,
  /// Lists as igq_group_assign emits them.
  input  logic                                list_valid_i,
  input  logic [GroupWidth-1:0]               list_group_i,
  input  logic [ChannelWidth-1:0]             list_channel_i,
  input  logic                                list_group_last_i,
  /// Steps of a block; arrays with a vector in it; the word of the last step read.
  output logic [StepCountWidth-1:0]           num_steps_o,
  input  logic                                re_i,
  input  logic [StepWidth-1:0]                step_i,
  output logic [NumArrays-1:0]                valid_o,
  output logic [NumArrays*WordWidth-1:0]      word_o,
  /// Of each group: has it channels, its first array, how many arrays got a vector, its last step.
  output logic [MaxGroups-1:0]                listed_o,
  output logic [MaxGroups*ArrayWidth-1:0]     first_array_o,
  output logic [MaxGroups*ArrayCountWidth-1:0] arrays_o,
  output logic [MaxGroups*StepWidth-1:0]      last_step_o
);

  logic [MaxGroups*ArrayWidth-1:0]      first_q;
  logic [MaxGroups*ArrayCountWidth-1:0] dealt_q, used_q;
  logic [MaxGroups*StepWidth-1:0]       last_step_q;
  logic [MaxGroups-1:0]                 listed_q;
  logic [NumArrays*StepCountWidth-1:0]  vectors_q;
  logic [StepCountWidth-1:0]            num_steps_q, step_q;
  logic [ArrayCountWidth-1:0]           turn_q, turns;
  logic [CountWidth-1:0]                lane_q;
  logic [VectorLength*PlaceWidth-1:0]   places_q, places;
  logic                                 vector_ends;
  logic [NumArrays-1:0]                 we;
  logic [WordWidth-1:0]                 word;
  logic [ArrayWidth-1:0]                array;

  assign turns       = dealt_q[list_group_i*ArrayCountWidth+:ArrayCountWidth];
  assign vector_ends = list_group_last_i || 32'(lane_q) == VectorLength - 1;
  assign array       = (InTurn != 0) ? '0 : first_q[list_group_i*ArrayWidth+:ArrayWidth] + ArrayWidth'(turn_q);

  always_comb begin
    places = places_q;
    places[lane_q*PlaceWidth+:PlaceWidth] = {BankWidth'(32'(list_channel_i) % NumBanks), RowWidth'(32'(list_channel_i) / NumBanks)};
    word = {list_group_last_i, list_group_i, lane_q + 1'b1, places};
    we = '0;
    we[array] = list_valid_i && vector_ends;
  end

  always_ff @(posedge clk_i) begin
    if (deal_we_i) begin
      first_q[deal_group_i*ArrayWidth+:ArrayWidth]           <= deal_first_i;
      dealt_q[deal_group_i*ArrayCountWidth+:ArrayCountWidth] <= deal_arrays_i;
    end
    if (!rst_ni || clear_i) begin
      listed_q    <= '0;
      vectors_q   <= '0;
      num_steps_q <= '0;
      step_q      <= '0;
      turn_q      <= '0;
      lane_q      <= '0;
      used_q      <= '0;
    end else if (list_valid_i) begin
      listed_q[list_group_i] <= 1'b1;
      places_q               <= places;
      lane_q                 <= vector_ends ? '0 : lane_q + 1'b1;
      if (vector_ends) begin
        vectors_q[array*StepCountWidth+:StepCountWidth]     <= step_q + 1'b1;
        last_step_q[list_group_i*StepWidth+:StepWidth]      <= step_q[StepWidth-1:0];
        if (step_q >= num_steps_q) num_steps_q <= step_q + 1'b1;
        if (InTurn != 0) begin
          step_q <= step_q + 1'b1;
          used_q[list_group_i*ArrayCountWidth+:ArrayCountWidth] <= 1;
        end else begin
          if (step_q == 0) used_q[list_group_i*ArrayCountWidth+:ArrayCountWidth] <= turn_q + 1'b1;
          turn_q <= (list_group_last_i || turn_q + 1'b1 == turns) ? '0 : turn_q + 1'b1;
          if (list_group_last_i) step_q <= '0;
          else if (turn_q + 1'b1 == turns) step_q <= step_q + 1'b1;
        end
      end
    end
  end

  igq_ram #(
    .Depth  (MaxChannels),
    .Columns(NumArrays),
    .Width  (WordWidth)
  ) u_words (
    .clk_i,
    .we_i   (we),
    .waddr_i(step_q[StepWidth-1:0]),
    .wdata_i({NumArrays{word}}),
    .re_i,
    .raddr_i(step_i),
    .rdata_o(word_o)
  );

  logic [StepWidth-1:0] read_q;

  always_ff @(posedge clk_i) begin
    if (re_i) read_q <= step_i;
  end

  always_comb begin
    for (int unsigned a = 0; a < NumArrays; a++) begin
      valid_o[a] = StepCountWidth'(read_q) < vectors_q[a*StepCountWidth+:StepCountWidth];
    end
  end

  assign num_steps_o   = num_steps_q;
  assign listed_o      = listed_q;
  assign first_array_o = (InTurn != 0) ? '0 : first_q;
  assign arrays_o      = used_q;
  assign last_step_o   = last_step_q;

  `IGQ_ASSERT(FewerArraysThanDealt, list_valid_i && InTurn == 0 |-> turns != 0)

endmodule
