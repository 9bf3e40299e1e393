// SPDX-License-Identifier: Apache-2.0
`include "igq_assert.svh"
/// Gathered vectors that wait for the arrays, and the one that they work on. An entry holds for each slot a row of weights
/// and the activations of all tokens in flight.
module igq_gather_queue #(
  parameter int unsigned NumSlots    = 8,
  parameter int unsigned QueueDepth  = 4,
  parameter int unsigned WeightWidth = 32,
  parameter int unsigned ActWidth    = 64,
  parameter int unsigned WeightWords = 2,
  parameter int unsigned ActWords    = 1,
  parameter int unsigned MaxWords    = 2,
  /// What belongs to a step besides its rows.
  parameter int unsigned NoteWidth   = 8,
  localparam int unsigned WordWidth   = igq_pkg::index_width(MaxWords),
  localparam int unsigned WeightBits  = WeightWords * WeightWidth,
  localparam int unsigned ActBits     = ActWords * ActWidth,
  localparam int unsigned EntryWidth  = igq_pkg::index_width(QueueDepth),
  localparam int unsigned PlacesWidth = igq_pkg::count_width(QueueDepth)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  logic                            en_i,
  input  logic [NumSlots-1:0]             slot_we_i,
  input  logic [WordWidth-1:0]            slot_word_i,
  input  logic [NumSlots*WeightWidth-1:0] slot_weight_i,
  input  logic [NumSlots*ActWidth-1:0]    slot_act_i,
  input  logic [NoteWidth-1:0]            note_i,
  input  logic                            entry_done_i,
  /// A complete entry waits, with this note.
  output logic                            ready_o,
  output logic [NoteWidth-1:0]            note_o,
  /// It becomes the entry at work.
  input  logic                            start_i,
  output logic [NumSlots*WeightBits-1:0]  weight_o,
  output logic [NumSlots*ActBits-1:0]     act_o
);

  logic [NumSlots*WeightBits-1:0] weight_q [QueueDepth];
  logic [NumSlots*ActBits-1:0]    act_q    [QueueDepth];
  logic [NoteWidth-1:0]           note_q   [QueueDepth];
  logic [NumSlots*WeightBits-1:0] weight;
  logic [NumSlots*ActBits-1:0]    act;
  logic [EntryWidth-1:0]          in_q, out_q;
  logic [PlacesWidth-1:0]         waiting_q;

  always_comb begin
    weight = weight_q[in_q];
    act    = act_q[in_q];
    for (int unsigned s = 0; s < NumSlots; s++) begin
      if (slot_we_i[s]) begin
        if (32'(slot_word_i) < WeightWords) begin
          weight[s*WeightBits+32'(slot_word_i)*WeightWidth+:WeightWidth] = slot_weight_i[s*WeightWidth+:WeightWidth];
        end
        if (32'(slot_word_i) < ActWords) begin
          act[s*ActBits+32'(slot_word_i)*ActWidth+:ActWidth] = slot_act_i[s*ActWidth+:ActWidth];
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      if (slot_we_i != 0) begin
        weight_q[in_q] <= weight;
        act_q[in_q]    <= act;
        note_q[in_q]   <= note_i;
      end
      if (start_i) begin
        weight_o <= weight_q[out_q];
        act_o    <= act_q[out_q];
      end
    end
    if (!rst_ni) begin
      in_q      <= '0;
      out_q     <= '0;
      waiting_q <= '0;
    end else if (en_i) begin
      if (entry_done_i) in_q <= (32'(in_q) == QueueDepth - 1) ? '0 : in_q + 1'b1;
      if (start_i) out_q <= (32'(out_q) == QueueDepth - 1) ? '0 : out_q + 1'b1;
      waiting_q <= waiting_q + PlacesWidth'(entry_done_i) - PlacesWidth'(start_i);
    end
  end

  assign ready_o = waiting_q != 0;
  assign note_o  = note_q[out_q];

  `IGQ_ASSERT(StartsACompleteEntry, start_i |-> ready_o)
  `IGQ_ASSERT(NeverOverfull, 32'(waiting_q) <= QueueDepth)

endmodule
