// SPDX-License-Identifier: Apache-2.0
/// A MAC array: TokenRows x Lanes vector multiply-accumulates of VectorLength channels, and their accumulators for all
/// tokens in flight. A pass multiplies a digit of the activations with a digit of the weights. Sums are exact; they are
/// saturated where a group's sum is complete (post-processing, or here with ShiftsInPlace).
module igq_mac_array #(
  parameter int unsigned Lanes           = 4,
  parameter int unsigned VectorLength    = 4,
  parameter int unsigned TokenRows       = 1,
  parameter int unsigned TokensInFlight  = 4,
  parameter int unsigned AccumulatorSets = 2,
  parameter int unsigned MacBits         = 4,
  parameter int unsigned AccBits         = 24,
  parameter int unsigned HalfRate        = 0,
  /// 1: lists are worked on in turn with scales that are powers of two: a finished list is shifted and added to the sum
  /// of those before it when the next list's first vector comes.
  parameter int unsigned ShiftsInPlace   = 0,
  parameter int unsigned ChunkRows       = 1,
  parameter int unsigned ChunkPieces     = 1,
  parameter int unsigned PostLanes       = 4,
  localparam int unsigned OperandBits    = igq_datapath_pkg::CodeBits + 1,
  localparam int unsigned SumBits        = igq_datapath_pkg::SumBits,
  localparam int unsigned WideBits       = (ShiftsInPlace != 0) ? 54 : SumBits,
  localparam int unsigned RowsInFlight   = TokensInFlight / TokenRows,
  localparam int unsigned Depth          = AccumulatorSets * RowsInFlight,
  localparam int unsigned AddrWidth      = igq_pkg::index_width(Depth),
  localparam int unsigned NumSums        = TokenRows * Lanes,
  localparam int unsigned DigitBits      = (HalfRate != 0) ? OperandBits : MacBits + 1,
  localparam int unsigned ProductBits    = MacBits + 1 + DigitBits,
  localparam int unsigned VectorBits     = ProductBits + igq_pkg::index_width(VectorLength)
) (
  input  logic                                        clk_i,
  input  logic                                        en_i,
  /// A row of tokens, in the block, and what is done with it; operands are signed.
  input  logic                                        valid_i,
  input  logic [15:0]                                 row_i,
  input  logic                                        set_i,
  input  logic                                        opens_i,
  input  logic                                        new_list_i,
  /// Of the list before this one.
  input  logic [3:0]                                  shift_i,
  input  logic [3:0]                                  act_digit_i,
  input  logic                                        act_top_i,
  input  logic [3:0]                                  weight_digit_i,
  input  logic                                        weight_top_i,
  /// HalfRate: a pass takes a digit of one operand and all of the other; 1: all of the activations.
  input  logic                                        acts_whole_i,
  input  logic [VectorLength-1:0]                     slot_valid_i,
  input  logic [TokenRows*VectorLength*OperandBits-1:0] act_i,
  input  logic [VectorLength*Lanes*OperandBits-1:0]   weight_i,
  /// Sums of a chunk of complete rows.
  input  logic                                        read_i,
  input  logic                                        read_set_i,
  input  logic [15:0]                                 read_row_i,
  input  logic [15:0]                                 read_piece_i,
  /// Of the list that is complete, ShiftsInPlace.
  input  logic [3:0]                                  read_shift_i,
  output logic [PostLanes*WideBits-1:0]               sums_o
);

  /// Digits, products, and their sum over the vector.
  logic [TokenRows*VectorLength*DigitBits-1:0]     act_digits;
  logic [VectorLength*Lanes*DigitBits-1:0]         weight_digits;
  logic [NumSums*VectorBits-1:0]                   vector_d, vector_q;
  logic signed [OperandBits-1:0]                   operand;
  logic signed [VectorBits-1:0]                    sum;

  function automatic logic signed [DigitBits-1:0] digit_of(logic signed [OperandBits-1:0] value, logic is_top, logic whole);
    digit_of = (HalfRate != 0 && whole) ? value[DigitBits-1:0] :
        DigitBits'($signed({value[MacBits] && is_top, value[MacBits-1:0]}));
  endfunction

  always_comb begin
    for (int unsigned i = 0; i < TokenRows * VectorLength; i++) begin
      operand = $signed(act_i[i*OperandBits+:OperandBits]) >>> (32'(act_digit_i) * MacBits);
      act_digits[i*DigitBits+:DigitBits] = digit_of(operand, act_top_i, acts_whole_i);
      if (!slot_valid_i[i%VectorLength]) act_digits[i*DigitBits+:DigitBits] = '0;
    end
    for (int unsigned i = 0; i < VectorLength * Lanes; i++) begin
      operand = $signed(weight_i[i*OperandBits+:OperandBits]) >>> (32'(weight_digit_i) * MacBits);
      weight_digits[i*DigitBits+:DigitBits] = digit_of(operand, weight_top_i, !acts_whole_i);
    end
    for (int unsigned r = 0; r < TokenRows; r++) begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        sum = '0;
        for (int unsigned v = 0; v < VectorLength; v++) begin
          sum = sum + VectorBits'($signed(act_digits[(r*VectorLength+v)*DigitBits+:DigitBits])) *
                      VectorBits'($signed(weight_digits[(v*Lanes+l)*DigitBits+:DigitBits]));
        end
        vector_d[(r*Lanes+l)*VectorBits+:VectorBits] = sum;
      end
    end
  end

  logic                 valid_q, opens_q, new_list_q;
  logic [AddrWidth-1:0] addr_q;
  logic [3:0]           shift_q;
  logic [5:0]           places_q;

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      if (valid_i) vector_q <= vector_d;
      valid_q    <= valid_i;
      opens_q    <= opens_i;
      new_list_q <= new_list_i;
      shift_q    <= shift_i;
      addr_q     <= AddrWidth'(32'(set_i) % AccumulatorSets * RowsInFlight + 32'(row_i));
      places_q   <= 6'(MacBits * (32'(act_digit_i) + 32'(weight_digit_i)));
    end
  end

  function automatic logic signed [SumBits-1:0] saturated(logic signed [SumBits-1:0] value);
    saturated = value;
    if (AccBits < SumBits) begin
      if (value > $signed(SumBits'((64'd1 << (AccBits - 1)) - 1))) saturated = SumBits'((64'd1 << (AccBits - 1)) - 1);
      if (value < -$signed(SumBits'(64'd1 << (AccBits - 1)))) saturated = -$signed(SumBits'(64'd1 << (AccBits - 1)));
    end
  endfunction

  /// Accumulators.
  logic [NumSums*SumBits-1:0]  acc_q [Depth];
  logic [NumSums*WideBits-1:0] wide_q [Depth];
  logic [NumSums*SumBits-1:0]  sum_before, sum_after;
  logic [NumSums*WideBits-1:0] wide;
  logic                        overwrites;

  always_comb begin
    sum_before     = acc_q[addr_q];
    wide       = wide_q[addr_q];
    overwrites = opens_q || (ShiftsInPlace != 0 && new_list_q);
    for (int unsigned i = 0; i < NumSums; i++) begin
      sum_after[i*SumBits+:SumBits] = (overwrites ? '0 : sum_before[i*SumBits+:SumBits]) +
          (SumBits'($signed(vector_q[i*VectorBits+:VectorBits])) << places_q);
      if (ShiftsInPlace != 0) begin
        wide[i*WideBits+:WideBits] = (opens_q ? '0 : wide[i*WideBits+:WideBits]) +
            ((new_list_q && !opens_q) ? WideBits'(saturated(sum_before[i*SumBits+:SumBits])) << shift_q : '0);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i && valid_q) begin
      acc_q[addr_q] <= sum_after;
      if (ShiftsInPlace != 0 && overwrites) wide_q[addr_q] <= wide;
    end
  end

  /// A chunk: rows of sums, or a piece of one.
  logic [NumSums*SumBits-1:0]  read_word;
  logic [NumSums*WideBits-1:0] read_wide;
  logic [31:0]                 token, lane;
  logic [AddrWidth-1:0]        read_addr;
  logic [SumBits-1:0]          value;

  always_comb begin
    sums_o    = '0;
    token     = '0;
    lane      = '0;
    read_addr = '0;
    read_word = acc_q[0];
    read_wide = wide_q[0];
    value     = '0;
    if (read_i) begin
      for (int unsigned i = 0; i < ChunkRows; i++) begin
        token     = 32'(read_row_i) + i;
        read_addr = AddrWidth'(32'(read_set_i) % AccumulatorSets * RowsInFlight + token / TokenRows % RowsInFlight);
        read_word = acc_q[read_addr];
        read_wide = wide_q[read_addr];
        for (int unsigned l = 0; l < igq_datapath_pkg::min(Lanes, PostLanes); l++) begin
          lane = 32'(read_piece_i) * PostLanes + l;
          if (ChunkPieces == 1 || lane < Lanes) begin
            value = read_word[(token%TokenRows*Lanes+lane)*SumBits+:SumBits];
            sums_o[(i*Lanes+l)*WideBits+:WideBits] = (ShiftsInPlace == 0) ? WideBits'(value) :
                read_wide[(token%TokenRows*Lanes+lane)*WideBits+:WideBits] +
                (WideBits'(saturated(value)) << read_shift_i);
          end
        end
      end
    end
  end

endmodule
