// SPDX-License-Identifier: Apache-2.0
// Reads the files of `igqsim vectors` (range_lanes 1, up to 8 groups) and runs their layers through
// examples/serial_assign: every list entry must be the expected one. In the part of SystemVerilog that Icarus reads.
`include "vectors.vh"

module vectors_testbench;
  localparam Depth = 1024, Groups = 8;
  reg [31:0] layers [0:`IGQ_VECTORS_LAYER_WORDS-1], bounds [0:`IGQ_VECTORS_BOUND_WORDS-1];
  reg [31:0] entries [0:`IGQ_VECTORS_ENTRY_WORDS-1];
  reg [`IGQ_VECTORS_BEAT_BITS-1:0] beats [0:`IGQ_VECTORS_BEAT_WORDS-1];

  reg clock = 0, reset = 1, cfg_write = 0, start = 0, in_valid = 0, out_ready = 0;
  reg [2:0] cfg_index = 0;
  reg [15:0] cfg_low = 0, cfg_high = 0, in_data = 0;
  reg [10:0] tokens = 0, channels = 0;
  reg [3:0] groups = 0;
  wire idle, in_ready, out_valid, out_end_of_group, out_end;
  wire [2:0] out_group;
  wire [9:0] out_channel;
  integer errors = 0, layer, word, i, done;
  wire [31:0] expected = entries[layers[word + 7] + done];
  always #1 clock = ~clock;

  serial_assign #(.Depth(Depth), .Groups(Groups)) unit (
    .clock(clock), .reset(reset), .cfg_write(cfg_write), .cfg_index(cfg_index), .cfg_low(cfg_low), .cfg_high(cfg_high),
    .start(start), .idle(idle), .tokens(tokens), .channels(channels), .groups(groups), .in_valid(in_valid),
    .in_ready(in_ready), .in_data(in_data), .out_valid(out_valid), .out_ready(out_ready), .out_group(out_group),
    .out_channel(out_channel), .out_end_of_group(out_end_of_group), .out_end(out_end));

  // Everything is driven in the middle of a cycle, so that what is seen there is taken at its end.
  task run_layer;
    begin
      for (i = 0; i < layers[word + 2]; i = i + 1) begin
        cfg_write = 1;
        cfg_index = i;
        {cfg_high, cfg_low} = bounds[layers[word + 4] + i];
        @(negedge clock);
      end
      cfg_write = 0;
      start = 1;
      tokens = layers[word];
      channels = layers[word + 1];
      groups = layers[word + 2];
      while (!idle) @(negedge clock);
      @(negedge clock);
      start = 0;
      in_valid = 1;
      for (i = 0; i < layers[word + 6]; i = i + 1) begin
        in_data = beats[layers[word + 5] + i];
        while (!in_ready) @(negedge clock);
        @(negedge clock);
      end
      in_valid = 0;
      out_ready = 1;
      done = 0;
      while (done < layers[word + 1]) begin
        if (out_valid) begin
          if ({out_end, out_end_of_group, 5'b0, out_group, 6'b0, out_channel} !== expected[25:0]) begin
            $display("layer %0d, entry %0d: got channel %0d in group %0d, expected channel %0d in group %0d", layer, done,
                     out_channel, out_group, expected[15:0], expected[23:16]);
            errors = errors + 1;
          end
          done = done + 1;
        end
        @(negedge clock);
      end
      out_ready = 0;
    end
  endtask

  initial begin
    $readmemh("layers.hex", layers);
    $readmemh("bounds.hex", bounds);
    $readmemh("beats.hex", beats);
    $readmemh("entries.hex", entries);
    done = 0;
    word = 0;
    repeat (2) @(negedge clock);
    reset = 0;
    for (layer = 0; layer < `IGQ_VECTORS_LAYERS; layer = layer + 1) begin
      word = layer * 12;
      run_layer;
    end
    $display("%0d layers, %0d entries, %0d errors", `IGQ_VECTORS_LAYERS, `IGQ_VECTORS_ENTRY_WORDS, errors);
    if (errors != 0) $fatal(1, "the unit and the vectors differ");
    $finish;
  end
endmodule
