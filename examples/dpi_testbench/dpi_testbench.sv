// SPDX-License-Identifier: Apache-2.0
/// Random layers through examples/serial_assign, every list entry held against the reference model by DPI-C; and a
/// quantizer. For Verilator (--binary --timing) and other simulators with DPI.
module dpi_testbench;
  localparam int Layers = 40, Depth = 64, Groups = 4, MostTokens = 8;
  int errors = 0, entries = 0;

  logic clock = 0, reset = 1, cfg_write = 0, start = 0, idle, in_valid = 0, in_ready, out_valid, out_ready = 0;
  logic out_end_of_group, out_end;
  logic [1:0] cfg_index = 0, out_group;
  logic signed [15:0] cfg_low = 0, cfg_high = 0, in_data = 0;
  logic [6:0] tokens = 0, channels = 0;
  logic [2:0] groups = 0;
  logic [5:0] out_channel;
  always #1 clock = ~clock;
  serial_assign #(.Depth(Depth), .Groups(Groups)) unit (.*);

  function automatic int between(int low, int high);
    return low + int'($urandom_range(32'(high - low)));
  endfunction

  // Everything is driven in the middle of a cycle, so that what is seen there is taken at its end.
  task automatic run_layer(int T, int C, int G);
    automatic chandle layer = igqsim_dpi::igq_dpi_layer_new(T, C, G, 0, 0, 1);
    automatic int limit = between(2, 200), entry = 0, low, high;
    for (int g = 0; g < G; g++) begin
      low = between(-limit, limit);
      high = between(low, limit);
      void'(igqsim_dpi::igq_dpi_layer_bounds(layer, g, low, high));
      cfg_write = 1;
      cfg_index = 2'(g);
      cfg_low = 16'(low);
      cfg_high = 16'(high);
      @(negedge clock);
    end
    cfg_write = 0;
    start = 1;
    tokens = 7'(T);
    channels = 7'(C);
    groups = 3'(G);
    while (!idle) @(negedge clock);
    @(negedge clock);
    start = 0;
    in_valid = 1;
    for (int t = 0; t < T; t++)
      for (int c = 0; c < C; c++) begin
        in_data = 16'(between(-limit, limit));
        void'(igqsim_dpi::igq_dpi_layer_activation(layer, t, c, int'(in_data)));
        while (!in_ready) @(negedge clock);
        @(negedge clock);
      end
    in_valid = 0;
    void'(igqsim_dpi::igq_dpi_layer_run(layer));
    while (entry < C) begin
      out_ready = between(0, 2) != 0;
      if (out_valid && out_ready) begin
        if (int'(out_channel) != igqsim_dpi::igq_dpi_layer_entry_channel(layer, entry) ||
            int'(out_group) != igqsim_dpi::igq_dpi_layer_entry_group(layer, entry) || out_end != (entry == C - 1)) begin
          $display("entry %0d of a layer %0dx%0d: channel %0d in group %0d; expected channel %0d in group %0d", entry, T,
                   C, out_channel, out_group, igqsim_dpi::igq_dpi_layer_entry_channel(layer, entry),
                   igqsim_dpi::igq_dpi_layer_entry_group(layer, entry));
          errors++;
        end
        entry++;
      end
      @(negedge clock);
    end
    out_ready = 0;
    entries += C;
    igqsim_dpi::igq_dpi_layer_free(layer);
  endtask

  // q = clip(shift_round(x * multiplier, shift) + z), as hardware has it, half up.
  task automatic check_quantizer(int low, int high, int bits);
    automatic chandle quantizer = igqsim_dpi::igq_dpi_quantizer_new(low, high, bits);
    automatic longint multiplier = longint'(igqsim_dpi::igq_dpi_quantizer_multiplier(quantizer));
    automatic int shift = igqsim_dpi::igq_dpi_quantizer_shift(quantizer);
    for (int x = -300; x <= 300; x++) begin
      automatic longint rounded = longint'(x) * multiplier;
      automatic int code;
      if (shift > 0) rounded = (rounded + (64'sd1 << (shift - 1))) >>> shift;
      code = int'(rounded) + igqsim_dpi::igq_dpi_quantizer_zero_point(quantizer);
      code = code < 0 ? 0 : code > (1 << bits) - 1 ? (1 << bits) - 1 : code;
      if (code != igqsim_dpi::igq_dpi_quantize(quantizer, x)) begin
        $display("quantizer [%0d, %0d] of %0d bits: %0d becomes %0d; expected %0d", low, high, bits, x, code,
                 igqsim_dpi::igq_dpi_quantize(quantizer, x));
        errors++;
      end
    end
    igqsim_dpi::igq_dpi_quantizer_free(quantizer);
  endtask

  // Codes 3 x 2 of two groups: quantizers of step 1, zero points 0 and 2.
  task automatic check_product();
    automatic chandle product = igqsim_dpi::igq_dpi_product_new(1, 2, 1, 2, 4, 24);
    automatic int saturated;
    automatic real value;
    void'(igqsim_dpi::igq_dpi_product_bounds(product, 0, 0, 15));
    void'(igqsim_dpi::igq_dpi_product_bounds(product, 1, -2, 13));
    void'(igqsim_dpi::igq_dpi_product_group(product, 1, 1));
    void'(igqsim_dpi::igq_dpi_product_act(product, 0, 0, 5));
    void'(igqsim_dpi::igq_dpi_product_act(product, 0, 1, 9));
    void'(igqsim_dpi::igq_dpi_product_weight(product, 0, 0, 7));
    void'(igqsim_dpi::igq_dpi_product_weight(product, 0, 1, 1));
    void'(igqsim_dpi::igq_dpi_product_weight_zero(product, 0, 4));
    saturated = igqsim_dpi::igq_dpi_product_run(product);
    value = igqsim_dpi::igq_dpi_product_value(product, 0, 0);
    if (saturated != 0 || value != 5.0 * 3.0 - 7.0 * 3.0) begin
      $display("product: %f, %0d sums saturated", value, saturated);
      errors++;
    end
    igqsim_dpi::igq_dpi_product_free(product);
  endtask

  initial begin
    repeat (2) @(negedge clock);
    reset = 0;
    for (int i = 0; i < Layers; i++) run_layer(between(1, MostTokens), between(1, Depth), between(1, Groups));
    check_quantizer(-100, 155, 8);
    check_quantizer(-7, 200, 4);
    check_product();
    $display("%0d layers, %0d entries, %0d errors", Layers, entries, errors);
    if (errors != 0) $fatal(1, "the unit and the reference model differ");
    $finish;
  end
endmodule
