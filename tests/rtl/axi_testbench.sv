// SPDX-License-Identifier: Apache-2.0
/// Random layers through igq_group_assign_axi: counts and bounds by registers, activations and lists by streams, both
/// stalled; every list entry, count and interrupt held against the reference model (igqsim_dpi).
module axi_testbench;
  localparam int Layers = 60, Lanes = 4, MaxChannels = 64, MaxTokens = 8, MaxGroups = 5;
  int errors = 0, entries = 0;

  logic clk = 0, rst_n = 0, irq;
  logic [7:0] awaddr = 0, araddr = 0;
  logic [31:0] wdata = 0, rdata, list_data;
  logic awvalid = 0, awready, wvalid = 0, wready, bvalid, bready = 1, arvalid = 0, arready, rvalid, rready = 1;
  logic [1:0] bresp, rresp;
  logic [Lanes*16-1:0] act_data = 0;
  logic act_valid = 0, act_ready, list_valid, list_ready = 0, list_last;
  always #1 clk = ~clk;

  igq_group_assign_axi #(
    .RangeLanes(Lanes), .DistanceLanes(2), .MaxChannels(MaxChannels), .MaxTokens(MaxTokens), .MaxGroups(MaxGroups)
  ) unit (
    .clk_i(clk), .rst_ni(rst_n), .irq_o(irq), .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid),
    .s_axil_awready_o(awready), .s_axil_wdata_i(wdata), .s_axil_wvalid_i(wvalid), .s_axil_wready_o(wready),
    .s_axil_bresp_o(bresp), .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready), .s_axil_araddr_i(araddr),
    .s_axil_arvalid_i(arvalid), .s_axil_arready_o(arready), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp),
    .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready), .s_axis_act_tdata_i(act_data),
    .s_axis_act_tvalid_i(act_valid), .s_axis_act_tready_o(act_ready), .m_axis_list_tdata_o(list_data),
    .m_axis_list_tlast_o(list_last), .m_axis_list_tvalid_o(list_valid), .m_axis_list_tready_i(list_ready));

  function automatic int between(int low, int high);
    return low + int'($urandom_range(32'(high - low)));
  endfunction

  task automatic expect_word(string what, int got, int expected);
    if (got != expected) begin
      $display("%s: got %0d, expected %0d", what, got, expected);
      errors++;
    end
  endtask

  // Everything is driven in the middle of a cycle, so that what is seen there is taken at its end.
  task automatic put(logic [7:0] address, int value);
    awaddr = address;
    wdata = value;
    awvalid = 1;
    if (between(0, 1) == 1) @(negedge clk); // the address may come before the data
    wvalid = 1;
    while (!bvalid) @(negedge clk); // answered from the edge on that took it
    awvalid = 0;
    wvalid = 0;
    @(negedge clk);
  endtask

  task automatic get(logic [7:0] address, output int value);
    araddr = address;
    arvalid = 1;
    while (!arready) @(negedge clk);
    @(negedge clk);
    arvalid = 0;
    while (!rvalid) @(negedge clk);
    value = int'(rdata);
    @(negedge clk);
  endtask

  task automatic start_layer(chandle layer, int T, int C, int G, int capacity, int limit);
    automatic int low, high, status;
    put(8'h20, 0);
    for (int g = 0; g < G; g++) begin
      low = between(-limit, limit);
      high = between(low, limit);
      void'(igqsim_dpi::igq_dpi_layer_bounds(layer, g, low, high));
      put(8'h24, {16'(high), 16'(low)});
    end
    put(8'h08, T);
    put(8'h0c, C);
    put(8'h10, G);
    put(8'h14, capacity);
    put(8'h18, 1);
    status = 1;
    while (status[0]) get(8'h04, status);
  endtask

  task automatic send(chandle layer, int T, int C, int limit);
    automatic int value;
    automatic logic [Lanes*16-1:0] beat;
    for (int t = 0; t < T; t++)
      for (int first = 0; first < C; first += Lanes) begin
        while (between(0, 2) == 0) @(negedge clk);
        for (int lane = 0; lane < Lanes; lane++) begin
          value = between(-limit, limit);
          beat[lane*16 +: 16] = 16'(value);
          if (first + lane < C) void'(igqsim_dpi::igq_dpi_layer_activation(layer, t, first + lane, value));
        end
        act_data = beat;
        act_valid = 1;
        while (!act_ready) @(negedge clk);
        @(negedge clk);
        act_valid = 0;
      end
  endtask

  task automatic receive(chandle layer, int C);
    automatic int entry = 0, channel, group, next_group;
    while (entry < C) begin
      list_ready = between(0, 2) != 0;
      if (list_valid && list_ready) begin
        channel = igqsim_dpi::igq_dpi_layer_entry_channel(layer, entry);
        group = igqsim_dpi::igq_dpi_layer_entry_group(layer, entry);
        next_group = entry + 1 < C ? igqsim_dpi::igq_dpi_layer_entry_group(layer, entry + 1) : -1;
        expect_word("entry", int'(list_data), {7'b0, next_group != group, 8'(group), 16'(channel)});
        expect_word("tlast", int'(list_last), int'(entry == C - 1));
        entry++;
      end
      @(negedge clk);
    end
    list_ready = 0;
    entries += C;
  endtask

  task automatic run_layer(int T, int C, int G);
    automatic int capacity = between(0, 1) == 1 ? (C + G - 1) / G : 0, limit = between(2, 300), value;
    automatic chandle layer = igqsim_dpi::igq_dpi_layer_new(T, C, G, 0, capacity, 2);
    start_layer(layer, T, C, G, capacity, limit);
    send(layer, T, C, limit);
    void'(igqsim_dpi::igq_dpi_layer_run(layer));
    receive(layer, C);
    expect_word("irq", int'(irq), 1);
    for (int g = 0; g < G; g++) begin
      get(8'(8'h80 + 4 * g), value);
      expect_word("count", value, igqsim_dpi::igq_dpi_layer_count(layer, g));
    end
    put(8'h1c, 1);
    expect_word("irq", int'(irq), 0);
    igqsim_dpi::igq_dpi_layer_free(layer);
  endtask

  initial begin
    automatic int value;
    repeat (2) @(negedge clk);
    rst_n = 1;
    get(8'h00, value);
    expect_word("id", value, 32'h41514749);
    for (int i = 0; i < Layers; i++) run_layer(between(1, MaxTokens), between(1, MaxChannels), between(1, MaxGroups));
    $display("%0d layers, %0d entries, %0d errors", Layers, entries, errors);
    if (errors != 0) $fatal(1, "the unit and the reference model differ");
    $finish;
  end
endmodule
