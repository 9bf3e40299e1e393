// SPDX-License-Identifier: Apache-2.0
/// The group assignment unit behind standard buses: registers on AXI4-Lite, activations and lists on AXI4-Streams.
///
/// Registers of 32 bits, written whole (wstrb is not looked at); README.md of this folder explains them:
///   0x00 id       read   "IGQA"
///   0x04 status   read   bit 0: a layer waits for its handshake; bit 1: lists of a layer are done (irq_o)
///   0x08 tokens, 0x0c channels, 0x10 groups, 0x14 capacity   counts of the next layer
///   0x18 start    write 1: hands the layer over; the counts and bounds must stay until status bit 0 is 0
///   0x1c done     write 1: clears status bit 1
///   0x20 bound    group of the next bounds; counts up with each write of 0x24
///   0x24 bounds   upper bound in bits 31 to 16, lower in 15 to 0
///   0x80 + 4 g    read   channels of group g of the layer whose lists came last
/// A list entry is a word of 32 bits: channel in 15 to 0, group in 23 to 16, last of its group in 24; tlast: last of all.
module igq_group_assign_axi #(
  parameter int unsigned RangeLanes    = 4,
  parameter int unsigned DistanceLanes = 2,
  parameter int unsigned MaxChannels   = 64,
  parameter int unsigned MaxTokens     = 64,
  parameter int unsigned MaxGroups     = 8,
  parameter int unsigned Distance      = igq_pkg::DistanceL2,
  parameter int unsigned HasCapacity   = 1,
  localparam int unsigned AddressWidth = 8,
  localparam int unsigned ActWidth     = igq_pkg::ActInBits
) (
  input  logic                           clk_i,
  /// Synchronous, active low.
  input  logic                           rst_ni,
  /// A layer's lists are done; until 0x1c is written.
  output logic                           irq_o,

  /* verilator lint_off UNUSEDSIGNAL */  // words: the lowest two bits of an address say nothing
  input  logic [AddressWidth-1:0]        s_axil_awaddr_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic                           s_axil_awvalid_i,
  output logic                           s_axil_awready_o,
  input  logic [31:0]                    s_axil_wdata_i,
  input  logic                           s_axil_wvalid_i,
  output logic                           s_axil_wready_o,
  output logic [1:0]                     s_axil_bresp_o,
  output logic                           s_axil_bvalid_o,
  input  logic                           s_axil_bready_i,
  /* verilator lint_off UNUSEDSIGNAL */
  input  logic [AddressWidth-1:0]        s_axil_araddr_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic                           s_axil_arvalid_i,
  output logic                           s_axil_arready_o,
  output logic [31:0]                    s_axil_rdata_o,
  output logic [1:0]                     s_axil_rresp_o,
  output logic                           s_axil_rvalid_o,
  input  logic                           s_axil_rready_i,

  input  logic [RangeLanes*ActWidth-1:0] s_axis_act_tdata_i,
  input  logic                           s_axis_act_tvalid_i,
  output logic                           s_axis_act_tready_o,

  output logic [31:0]                    m_axis_list_tdata_o,
  output logic                           m_axis_list_tlast_o,
  output logic                           m_axis_list_tvalid_o,
  input  logic                           m_axis_list_tready_i
);

  localparam int unsigned ChannelCountWidth = igq_pkg::count_width(MaxChannels);
  localparam int unsigned TokenCountWidth   = igq_pkg::count_width(MaxTokens);
  localparam int unsigned GroupCountWidth   = igq_pkg::count_width(MaxGroups);
  localparam int unsigned ChannelWidth      = igq_pkg::index_width(MaxChannels);
  localparam int unsigned GroupWidth        = igq_pkg::index_width(MaxGroups);
  localparam int unsigned MostGroups        = 32;  // words from 0x80 on
  localparam logic [31:0] Id                = 32'h41514749;

  if (MaxGroups > MostGroups || MaxChannels > 65536) begin : gen_too_large
    $fatal(1, "at most 32 groups and 65536 channels have room in registers and list entries");
  end

  // Writes: address and data together, one at a time.
  logic write, bvalid_q;
  logic [AddressWidth-3:0] write_word;
  assign write            = s_axil_awvalid_i & s_axil_wvalid_i & ~bvalid_q;
  assign write_word       = s_axil_awaddr_i[AddressWidth-1:2];
  assign s_axil_awready_o = write;
  assign s_axil_wready_o  = write;
  assign s_axil_bvalid_o  = bvalid_q;
  assign s_axil_bresp_o   = 2'b00;

  logic [TokenCountWidth-1:0] tokens_q;
  logic [ChannelCountWidth-1:0] channels_q, capacity_q;
  logic [GroupCountWidth-1:0] groups_q;
  logic [GroupWidth-1:0] bound_q;
  logic pending_q, done_q, layer_ready, list_done;
  logic bound_we;
  assign bound_we = write & (write_word == 6'h09);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      bvalid_q  <= 1'b0;
      pending_q <= 1'b0;
      done_q    <= 1'b0;
      bound_q   <= '0;
      tokens_q  <= '0;
      channels_q <= '0;
      groups_q  <= '0;
      capacity_q <= '0;
    end else begin
      if (write) bvalid_q <= 1'b1;
      else if (s_axil_bready_i) bvalid_q <= 1'b0;
      if (write && write_word == 6'h02) tokens_q <= s_axil_wdata_i[TokenCountWidth-1:0];
      if (write && write_word == 6'h03) channels_q <= s_axil_wdata_i[ChannelCountWidth-1:0];
      if (write && write_word == 6'h04) groups_q <= s_axil_wdata_i[GroupCountWidth-1:0];
      if (write && write_word == 6'h05) capacity_q <= s_axil_wdata_i[ChannelCountWidth-1:0];
      if (write && write_word == 6'h08) bound_q <= s_axil_wdata_i[GroupWidth-1:0];
      else if (bound_we) bound_q <= bound_q + 1'b1;
      if (write && write_word == 6'h06 && s_axil_wdata_i[0]) pending_q <= 1'b1;
      else if (layer_ready) pending_q <= 1'b0;
      if (list_done) done_q <= 1'b1;
      else if (write && write_word == 6'h07 && s_axil_wdata_i[0]) done_q <= 1'b0;
    end
  end

  // Reads, one at a time.
  logic read, rvalid_q;
  logic [AddressWidth-3:0] read_word;
  logic [31:0] rdata_q, rdata_d;
  logic [MaxGroups*ChannelCountWidth-1:0] count, count_q;
  assign read             = s_axil_arvalid_i & ~rvalid_q;
  assign read_word        = s_axil_araddr_i[AddressWidth-1:2];
  assign s_axil_arready_o = ~rvalid_q;
  assign s_axil_rvalid_o  = rvalid_q;
  assign s_axil_rdata_o   = rdata_q;
  assign s_axil_rresp_o   = 2'b00;

  always_comb begin
    rdata_d = '0;
    case (read_word)
      6'h00:   rdata_d = Id;
      6'h01:   rdata_d = {30'b0, done_q, pending_q};
      6'h02:   rdata_d = 32'(tokens_q);
      6'h03:   rdata_d = 32'(channels_q);
      6'h04:   rdata_d = 32'(groups_q);
      6'h05:   rdata_d = 32'(capacity_q);
      6'h08:   rdata_d = 32'(bound_q);
      default: rdata_d = '0;
    endcase
    for (int unsigned g = 0; g < MaxGroups; g++) begin
      if (read_word == 6'(MostGroups + g)) rdata_d = 32'(count_q[g*ChannelCountWidth +: ChannelCountWidth]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) rvalid_q <= 1'b0;
    else if (read) rvalid_q <= 1'b1;
    else if (s_axil_rready_i) rvalid_q <= 1'b0;
    if (read) rdata_q <= rdata_d;
  end

  // The unit.
  logic [GroupWidth-1:0] list_group;
  logic [ChannelWidth-1:0] list_channel;
  logic list_group_last;
  igq_group_assign #(
    .RangeLanes(RangeLanes), .DistanceLanes(DistanceLanes), .MaxChannels(MaxChannels), .MaxTokens(MaxTokens),
    .MaxGroups(MaxGroups), .Distance(Distance), .HasCapacity(HasCapacity)
  ) i_unit (
    .clk_i, .rst_ni,
    .bound_we_i       (bound_we),
    .bound_group_i    (bound_q),
    .bound_lower_i    (s_axil_wdata_i[15:0]),
    .bound_upper_i    (s_axil_wdata_i[31:16]),
    .layer_valid_i    (pending_q),
    .layer_ready_o    (layer_ready),
    .num_tokens_i     (tokens_q),
    .num_channels_i   (channels_q),
    .num_groups_i     (groups_q),
    .capacity_i       (capacity_q),
    .act_valid_i      (s_axis_act_tvalid_i),
    .act_ready_o      (s_axis_act_tready_o),
    .act_data_i       (s_axis_act_tdata_i),
    .list_valid_o     (m_axis_list_tvalid_o),
    .list_ready_i     (m_axis_list_tready_i),
    .list_group_o     (list_group),
    .list_channel_o   (list_channel),
    .list_group_last_o(list_group_last),
    .list_last_o      (m_axis_list_tlast_o),
    .count_o          (count)
  );
  assign m_axis_list_tdata_o = {7'b0, list_group_last, 8'(list_group), 16'(list_channel)};
  assign list_done           = m_axis_list_tvalid_o & m_axis_list_tready_i & m_axis_list_tlast_o;
  assign irq_o               = done_q;

  // Counts stay readable after the lists.
  always_ff @(posedge clk_i) begin
    if (m_axis_list_tvalid_o) count_q <= count;
  end

endmodule
