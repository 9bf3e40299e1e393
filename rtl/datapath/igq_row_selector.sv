// SPDX-License-Identifier: Apache-2.0
`include "igq_assert.svh"
/// Reads the rows of the channels of every step from the banks of weight and activation buffer, and brings them to the
/// slots of the arrays: channel c lies in bank c mod NumBanks; a crossbar leads from every port of a bank to every slot.
/// The slots of a step that want the same bank are served in their order, PortsPerBank of them in a round; a round takes
/// as many cycles as a row has words. Gathers follow one another; a gather begins when the queue has a place for it.
/// Contract: docs/timing.md, "MAC arrays and row selector".
module igq_row_selector #(
  parameter int unsigned NumArrays      = 2,
  parameter int unsigned VectorLength   = 4,
  parameter int unsigned NumBanks       = 4,
  parameter int unsigned PortsPerBank   = 1,
  parameter int unsigned QueueDepth     = 4,
  parameter int unsigned MaxChannels    = 64,
  parameter int unsigned MaxGroups      = 4,
  parameter int unsigned WeightDepth    = 64,
  parameter int unsigned ActDepth       = 64,
  parameter int unsigned WeightWidth    = 32,
  parameter int unsigned ActWidth       = 64,
  /// Words of the longest row of weights, and of activations.
  parameter int unsigned MaxWords       = 2,
  localparam int unsigned NumSlots      = NumArrays * VectorLength,
  localparam int unsigned GroupWidth    = igq_pkg::index_width(MaxGroups),
  localparam int unsigned BankWidth     = igq_pkg::index_width(NumBanks),
  localparam int unsigned NumRows       = igq_pkg::ceil_div(MaxChannels, NumBanks),
  localparam int unsigned RowWidth      = igq_pkg::index_width(NumRows),
  localparam int unsigned RowCountWidth = igq_pkg::count_width(NumRows),
  localparam int unsigned CountWidth    = igq_pkg::count_width(VectorLength),
  localparam int unsigned StepWidth     = igq_pkg::index_width(MaxChannels),
  localparam int unsigned StepCountWidth = igq_pkg::count_width(MaxChannels),
  localparam int unsigned PlaceWidth    = BankWidth + RowWidth,
  localparam int unsigned IndexWidth    = 1 + GroupWidth + CountWidth + VectorLength * PlaceWidth,
  localparam int unsigned WeightAddrWidth = igq_pkg::index_width(WeightDepth),
  localparam int unsigned ActAddrWidth  = igq_pkg::index_width(ActDepth),
  localparam int unsigned AddrWidth     = igq_pkg::max(WeightAddrWidth, ActAddrWidth),
  localparam int unsigned WordWidth     = igq_pkg::index_width(MaxWords),
  localparam int unsigned WordCountWidth = igq_pkg::count_width(MaxWords),
  localparam int unsigned RoundWidth    = igq_pkg::count_width(NumSlots),
  localparam int unsigned NumPorts      = NumBanks * PortsPerBank,
  localparam int unsigned PortWidth     = igq_pkg::index_width(NumPorts),
  localparam int unsigned PlacesWidth   = igq_pkg::count_width(QueueDepth)
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             en_i,
  /// Buffers are filled word by word.
  input  logic                             weight_we_i,
  input  logic [BankWidth-1:0]             weight_bank_i,
  input  logic [WeightAddrWidth-1:0]       weight_addr_i,
  input  logic [WeightWidth-1:0]           weight_data_i,
  input  logic                             act_we_i,
  input  logic [BankWidth-1:0]             act_bank_i,
  input  logic [ActAddrWidth-1:0]          act_addr_i,
  input  logic [ActWidth-1:0]              act_data_i,
  /// A tile begins: blocks of outputs and, in each, blocks of tokens; steps of a block; rows of a bank; words of a row.
  input  logic                             begin_i,
  input  logic [15:0]                      output_blocks_i,
  input  logic [15:0]                      token_blocks_i,
  input  logic [StepCountWidth-1:0]        num_steps_i,
  input  logic [RowCountWidth-1:0]         num_rows_i,
  input  logic [WordCountWidth-1:0]        weight_words_i,
  input  logic [WordCountWidth-1:0]        act_words_i,
  /// Index buffer.
  output logic                             index_re_o,
  output logic [StepWidth-1:0]             index_step_o,
  input  logic [NumArrays-1:0]             index_valid_i,
  input  logic [NumArrays*IndexWidth-1:0]  index_word_i,
  /// The arrays start on the vector that has waited longest.
  input  logic                             start_i,
  /// To the queue: a word of the rows of some slots, with what belongs to the step. The last word completes the entry.
  output logic [NumSlots-1:0]              slot_we_o,
  output logic [WordWidth-1:0]             slot_word_o,
  output logic [NumSlots*WeightWidth-1:0]  slot_weight_o,
  output logic [NumSlots*ActWidth-1:0]     slot_act_o,
  output logic [NumSlots-1:0]              slot_valid_o,
  output logic [NumArrays*GroupWidth-1:0]  group_o,
  output logic                             list_ends_o,
  output logic                             entry_done_o
);

  /// Steps of all blocks are fetched from the index buffer one after another.
  logic                      fetching_q, fetched_q, fetch, take;
  logic [StepWidth-1:0]      step_q;
  logic [15:0]               token_block_q, output_block_q;
  logic                      last_step, last_token_block;
  logic [AddrWidth-1:0]      weight_base_q, act_base_q, fetched_weight_base_q, fetched_act_base_q;
  logic [AddrWidth-1:0]      weight_stride, act_stride;

  assign fetch            = en_i && fetching_q && (!fetched_q || take);
  assign index_re_o       = fetch;
  assign index_step_o     = step_q;
  assign last_step        = StepCountWidth'(step_q) + 1'b1 == num_steps_i;
  assign last_token_block = token_block_q + 16'd1 == token_blocks_i;
  assign weight_stride    = AddrWidth'(32'(num_rows_i) * 32'(weight_words_i));
  assign act_stride       = AddrWidth'(32'(num_rows_i) * 32'(act_words_i));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      fetching_q <= 1'b0;
      fetched_q  <= 1'b0;
    end else if (begin_i) begin
      fetching_q     <= 1'b1;
      step_q         <= '0;
      token_block_q  <= '0;
      output_block_q <= '0;
      weight_base_q  <= '0;
      act_base_q     <= '0;
    end else if (fetch) begin
      fetched_q             <= 1'b1;
      fetched_weight_base_q <= weight_base_q;
      fetched_act_base_q    <= act_base_q;
      step_q                <= last_step ? '0 : step_q + 1'b1;
      if (last_step) begin
        token_block_q <= last_token_block ? '0 : token_block_q + 16'd1;
        act_base_q    <= last_token_block ? '0 : act_base_q + act_stride;
        if (last_token_block) begin
          output_block_q <= output_block_q + 16'd1;
          weight_base_q  <= weight_base_q + weight_stride;
          fetching_q     <= output_block_q + 16'd1 != output_blocks_i;
        end
      end
    end else if (take) begin
      fetched_q <= 1'b0;
    end
  end

  /// Places and rounds of the slots of the step that was fetched.
  logic [NumSlots*BankWidth-1:0]  bank_d;
  logic [NumSlots*RowWidth-1:0]   row_d, row_q;
  logic [NumSlots*RoundWidth-1:0] round_d, round_q;
  logic [NumSlots*PortWidth-1:0]  port_d, port_q;
  logic [NumSlots-1:0]            valid_d, valid_q;
  logic [NumArrays*GroupWidth-1:0] group_d, group_q;
  logic [RoundWidth-1:0]          rank, last_round_d, last_round_q;
  logic                           list_ends_q;

  always_comb begin
    last_round_d = '0;
    bank_d       = '0;
    row_d        = '0;
    valid_d      = '0;
    for (int unsigned a = 0; a < NumArrays; a++) begin
      group_d[a*GroupWidth+:GroupWidth] = index_word_i[a*IndexWidth+VectorLength*PlaceWidth+CountWidth+:GroupWidth];
      for (int unsigned v = 0; v < VectorLength; v++) begin
        {bank_d[(a*VectorLength+v)*BankWidth+:BankWidth], row_d[(a*VectorLength+v)*RowWidth+:RowWidth]} =
            index_word_i[a*IndexWidth+v*PlaceWidth+:PlaceWidth];
        valid_d[a*VectorLength+v] =
            index_valid_i[a] && CountWidth'(v) < index_word_i[a*IndexWidth+VectorLength*PlaceWidth+:CountWidth];
      end
    end
    for (int unsigned s = 0; s < NumSlots; s++) begin
      rank = '0;
      for (int unsigned b = 0; b < s; b++) begin
        rank = rank + RoundWidth'(valid_d[b] && bank_d[b*BankWidth+:BankWidth] == bank_d[s*BankWidth+:BankWidth]);
      end
      round_d[s*RoundWidth+:RoundWidth] = RoundWidth'(32'(rank) / PortsPerBank);
      port_d[s*PortWidth+:PortWidth] =
          PortWidth'(32'(bank_d[s*BankWidth+:BankWidth]) * PortsPerBank + 32'(rank) % PortsPerBank);
      if (valid_d[s] && round_d[s*RoundWidth+:RoundWidth] > last_round_d) last_round_d = round_d[s*RoundWidth+:RoundWidth];
    end
  end

  /// The gather at work.
  logic                      gathering_q, fresh_q, read, gather_ends, last_word;
  logic [RoundWidth-1:0]     this_round_q;
  logic [WordWidth-1:0]      word_q;
  logic [AddrWidth-1:0]      gather_weight_base_q, gather_act_base_q, word_rows_q;
  logic [PlacesWidth-1:0]    outstanding_q;
  logic [WordCountWidth-1:0] num_words;

  assign num_words   = (weight_words_i > act_words_i) ? weight_words_i : act_words_i;
  assign read        = en_i && gathering_q && (!fresh_q || 32'(outstanding_q) - 32'(start_i) < QueueDepth);
  assign last_word   = WordCountWidth'(word_q) + 1'b1 == num_words;
  assign gather_ends = read && last_word && this_round_q == last_round_q;
  assign take        = en_i && fetched_q && (!gathering_q || gather_ends);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      gathering_q   <= 1'b0;
      outstanding_q <= '0;
    end else if (en_i) begin
      outstanding_q <= outstanding_q + PlacesWidth'(read && fresh_q) - PlacesWidth'(start_i);
      if (take) begin
        gathering_q          <= 1'b1;
        fresh_q              <= 1'b1;
        row_q                <= row_d;
        round_q              <= round_d;
        port_q               <= port_d;
        valid_q              <= valid_d;
        group_q              <= group_d;
        list_ends_q          <= index_word_i[IndexWidth-1];
        last_round_q         <= last_round_d;
        this_round_q         <= '0;
        word_q               <= '0;
        word_rows_q          <= '0;
        gather_weight_base_q <= fetched_weight_base_q;
        gather_act_base_q    <= fetched_act_base_q;
      end else if (read) begin
        fresh_q      <= 1'b0;
        gathering_q  <= !gather_ends;
        word_q       <= last_word ? '0 : word_q + 1'b1;
        word_rows_q  <= last_word ? '0 : word_rows_q + AddrWidth'(num_rows_i);
        this_round_q <= last_word ? this_round_q + 1'b1 : this_round_q;
      end
    end
  end

  logic [NumPorts*RowWidth-1:0]   port_row;
  logic [NumPorts-1:0]            port_re;
  logic [NumSlots-1:0]            served;

  always_comb begin
    port_row = '0;
    port_re  = '0;
    served   = '0;
    for (int unsigned s = 0; s < NumSlots; s++) begin
      if (read && valid_q[s] && round_q[s*RoundWidth+:RoundWidth] == this_round_q) begin
        served[s]                                                = 1'b1;
        port_re[port_q[s*PortWidth+:PortWidth]]                  = 1'b1;
        port_row[port_q[s*PortWidth+:PortWidth]*RowWidth+:RowWidth] = row_q[s*RowWidth+:RowWidth];
      end
    end
  end

  /// Banks: a port is a memory of its own with the same content.
  logic [WeightWidth-1:0]          weight_word [NumPorts];
  logic [ActWidth-1:0]             act_word    [NumPorts];
  logic [WeightAddrWidth-1:0]      weight_word_base;
  logic [ActAddrWidth-1:0]         act_word_base;
  logic                            weight_read, act_read;

  assign weight_word_base = WeightAddrWidth'(gather_weight_base_q + word_rows_q);
  assign act_word_base    = ActAddrWidth'(gather_act_base_q + word_rows_q);
  assign weight_read      = WordCountWidth'(word_q) < weight_words_i;
  assign act_read         = WordCountWidth'(word_q) < act_words_i;

  for (genvar p = 0; p < NumPorts; p++) begin : gen_port
    igq_ram #(
      .Depth(WeightDepth),
      .Width(WeightWidth)
    ) u_weights (
      .clk_i,
      .we_i   (weight_we_i && 32'(weight_bank_i) == p / PortsPerBank),
      .waddr_i(weight_addr_i),
      .wdata_i(weight_data_i),
      .re_i   (port_re[p] && weight_read),
      .raddr_i(weight_word_base + WeightAddrWidth'(port_row[p*RowWidth+:RowWidth])),
      .rdata_o(weight_word[p])
    );

    igq_ram #(
      .Depth(ActDepth),
      .Width(ActWidth)
    ) u_acts (
      .clk_i,
      .we_i   (act_we_i && 32'(act_bank_i) == p / PortsPerBank),
      .waddr_i(act_addr_i),
      .wdata_i(act_data_i),
      .re_i   (port_re[p] && act_read),
      .raddr_i(act_word_base + ActAddrWidth'(port_row[p*RowWidth+:RowWidth])),
      .rdata_o(act_word[p])
    );
  end

  /// Crossbar: the words of the last cycle go to the slots that asked for them.
  logic [NumSlots*PortWidth-1:0]   word_port_q;
  logic [NumSlots-1:0]             word_served_q, word_valid_q;
  logic [WordWidth-1:0]            word_number_q;
  logic [NumArrays*GroupWidth-1:0] word_group_q;
  logic                            word_list_ends_q, word_ends_q;
  logic [NumSlots*WeightWidth-1:0] slot_weight;
  logic [NumSlots*ActWidth-1:0]    slot_act;

  always_comb begin
    for (int unsigned s = 0; s < NumSlots; s++) begin
      slot_weight[s*WeightWidth+:WeightWidth] = weight_word[word_port_q[s*PortWidth+:PortWidth]];
      slot_act[s*ActWidth+:ActWidth]          = act_word[word_port_q[s*PortWidth+:PortWidth]];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      word_served_q <= '0;
      word_ends_q   <= 1'b0;
      slot_we_o     <= '0;
      entry_done_o  <= 1'b0;
    end else if (en_i) begin
      word_port_q      <= port_q;
      word_served_q    <= served;
      word_valid_q     <= valid_q;
      word_number_q    <= word_q;
      word_group_q     <= group_q;
      word_list_ends_q <= list_ends_q;
      word_ends_q      <= gather_ends;
      slot_we_o        <= word_served_q;
      slot_word_o      <= word_number_q;
      slot_weight_o    <= slot_weight;
      slot_act_o       <= slot_act;
      slot_valid_o     <= word_valid_q;
      group_o          <= word_group_q;
      list_ends_o      <= word_list_ends_q;
      entry_done_o     <= word_ends_q;
    end
  end

  `IGQ_ASSERT(QueueHasAPlace, 32'(outstanding_q) <= QueueDepth)
  `IGQ_ASSERT(StartsWhatWasGathered, start_i |-> outstanding_q != 0)

endmodule
