// SPDX-License-Identifier: Apache-2.0
/// Running minimum and maximum of every channel of a layer, RangeLanes activations per cycle.
///
/// Activations come token by token, channels ascending, a token in ceil(channels / RangeLanes) beats; lanes beyond the
/// last channel are ignored. There are two banks of ranges: one is filled while the other is read. A row of a bank holds
/// max(RangeLanes, DistanceLanes) channels, so that a beat is one part of a row and so is what a score step reads.
module igq_range_unit #(
  parameter int unsigned RangeLanes    = 4,
  parameter int unsigned DistanceLanes = 2,
  parameter int unsigned MaxChannels   = 64,
  parameter int unsigned MaxTokens     = 64,
  parameter int unsigned ActWidth      = igq_pkg::ActInBits,
  localparam int unsigned ChannelCountWidth = igq_pkg::count_width(MaxChannels),
  localparam int unsigned TokenCountWidth   = igq_pkg::count_width(MaxTokens),
  localparam int unsigned StepWidth = igq_pkg::index_width(igq_pkg::ceil_div(MaxChannels, DistanceLanes))
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  /// The layer whose activations are taken, and the bank for its ranges; stable until layer_done_o.
  input  logic                              layer_valid_i,
  input  logic                              layer_bank_i,
  input  logic [TokenCountWidth-1:0]        num_tokens_i,
  input  logic [ChannelCountWidth-1:0]      num_channels_i,
  /// The last beat of the layer is taken in this cycle.
  output logic                              layer_done_o,
  input  logic                              act_valid_i,
  output logic                              act_ready_o,
  input  logic [RangeLanes*ActWidth-1:0]    act_data_i,
  /// Ranges of channels step * DistanceLanes and up appear in the cycle after read_i, and stay until the next.
  input  logic                              read_i,
  input  logic                              read_bank_i,
  input  logic [StepWidth-1:0]              read_step_i,
  output logic [DistanceLanes*ActWidth-1:0] read_lo_o,
  output logic [DistanceLanes*ActWidth-1:0] read_hi_o
);

  localparam int unsigned Columns    = igq_pkg::max(RangeLanes, DistanceLanes);
  localparam int unsigned Rows       = igq_pkg::ceil_div(MaxChannels, Columns);
  localparam int unsigned RowWidth   = igq_pkg::index_width(Rows);
  localparam int unsigned BeatWidth  = igq_pkg::index_width(igq_pkg::ceil_div(MaxChannels, RangeLanes));
  localparam int unsigned BeatParts  = Columns / RangeLanes;
  localparam int unsigned StepParts  = Columns / DistanceLanes;
  localparam int unsigned PartWidth  = igq_pkg::index_width(StepParts);
  localparam int unsigned EntryWidth = 2 * ActWidth;
  localparam int unsigned SpanWidth  = igq_pkg::count_width(MaxChannels + RangeLanes);

  logic [BeatWidth-1:0]       beat_d, beat_q;
  logic [TokenCountWidth-1:0] token_d, token_q;
  logic                       take, last_beat, last_token;

  assign act_ready_o  = layer_valid_i;
  assign take         = act_valid_i && layer_valid_i;
  assign last_beat    = (SpanWidth'(beat_q) + 1) * SpanWidth'(RangeLanes) >= SpanWidth'(num_channels_i);
  assign last_token   = token_q + 1 == num_tokens_i;
  assign layer_done_o = take && last_beat && last_token;

  always_comb begin
    beat_d  = beat_q;
    token_d = token_q;
    if (take) begin
      beat_d = last_beat ? '0 : beat_q + 1;
      if (last_beat) token_d = last_token ? '0 : token_q + 1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q  <= '0;
      token_q <= '0;
    end else begin
      beat_q  <= beat_d;
      token_q <= token_d;
    end
  end

  // Ranges of the beat's channels so far: read one beat ahead, merged, written back.
  logic [Columns*EntryWidth-1:0] rdata [2];
  logic [Columns*EntryWidth-1:0] wdata;
  logic [Columns-1:0]            write;
  logic [ActWidth-1:0]           act, lo, hi;

  always_comb begin
    for (int unsigned c = 0; c < Columns; c++) begin
      act = act_data_i[(c%RangeLanes)*ActWidth+:ActWidth];
      lo  = rdata[layer_bank_i][c*EntryWidth+:ActWidth];
      hi  = rdata[layer_bank_i][c*EntryWidth+ActWidth+:ActWidth];
      if (token_q == 0 || $signed(act) < $signed(lo)) lo = act;
      if (token_q == 0 || $signed(act) > $signed(hi)) hi = act;
      wdata[c*EntryWidth+:ActWidth]          = lo;
      wdata[c*EntryWidth+ActWidth+:ActWidth] = hi;
      write[c] = take && 32'(beat_q) % BeatParts == c / RangeLanes;
    end
  end

  for (genvar b = 0; b < 2; b++) begin : gen_bank
    logic filling;
    assign filling = layer_valid_i && layer_bank_i == 1'(b);
    igq_ram #(
      .Depth  (Rows),
      .Columns(Columns),
      .Width  (EntryWidth)
    ) u_ranges (
      .clk_i,
      .we_i   (filling ? write : '0),
      .waddr_i(RowWidth'(32'(beat_q) / BeatParts)),
      .wdata_i(wdata),
      .re_i   (filling || read_i),
      .raddr_i(filling ? RowWidth'(32'(beat_d) / BeatParts) : RowWidth'(32'(read_step_i) / StepParts)),
      .rdata_o(rdata[b])
    );
  end

  // The part of the row that the score step asked for.
  logic [PartWidth-1:0] part_q;

  always_ff @(posedge clk_i) begin
    if (read_i) part_q <= PartWidth'(32'(read_step_i) % StepParts);
  end

  always_comb begin
    for (int unsigned d = 0; d < DistanceLanes; d++) begin
      read_lo_o[d*ActWidth+:ActWidth] =
          rdata[read_bank_i][(32'(part_q)*DistanceLanes+d)*EntryWidth+:ActWidth];
      read_hi_o[d*ActWidth+:ActWidth] =
          rdata[read_bank_i][(32'(part_q)*DistanceLanes+d)*EntryWidth+ActWidth+:ActWidth];
    end
  end

endmodule
