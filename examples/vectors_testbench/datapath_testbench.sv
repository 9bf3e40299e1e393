// SPDX-License-Identifier: Apache-2.0
// Tiles of `igqsim vectors --unit datapath` through a datapath with the ports of igq_datapath: every sum and the cycles of
// every tile. In the folder of the vectors:
//   $ verilator --binary --timing -Wno-fatal --top-module datapath_testbench FILES datapath_testbench.sv
`include "vectors.vh"
`ifndef DATAPATH
`define DATAPATH igq_datapath
`endif
module datapath_testbench;
  localparam TileWords = 24; // those of docs/formats.md
  logic [31:0] tiles [`IGQ_VECTORS_TILE_WORDS];
  logic [`IGQ_VECTORS_DATA_BITS+63:0] fills [`IGQ_VECTORS_FILL_WORDS];
  logic [31:0] lists [`IGQ_VECTORS_LIST_WORDS];
  logic [31:0] sums [`IGQ_VECTORS_SUM_WORDS];

  logic clk = 0, rst_n = 0;
  always #1 clk = ~clk;

  logic fill_valid = 0, fill_ready, list_valid = 0, list_ready, tile_valid = 0, tile_ready;
  logic [`IGQ_VECTORS_DATA_BITS+63:0] fill;
  logic [31:0] entry, tile [TileWords];
  logic out_valid, out_last;
  logic [`IGQ_VECTORS_POST_LANES*32-1:0] out_data;
  logic [`IGQ_VECTORS_POST_LANES-1:0] out_mask;
  logic [15:0] out_token, out_output;

  /* verilator lint_off WIDTH */
  `DATAPATH #(`IGQ_VECTORS_PARAMETERS) dut (
    .clk_i(clk), .rst_ni(rst_n),
    .fill_valid_i(fill_valid), .fill_ready_o(fill_ready), .fill_kind_i(fill[`IGQ_VECTORS_DATA_BITS+48+:3]),
    .fill_index_i(fill[`IGQ_VECTORS_DATA_BITS+32+:16]), .fill_addr_i(fill[`IGQ_VECTORS_DATA_BITS+:32]),
    .fill_data_i(fill[`IGQ_VECTORS_DATA_BITS-1:0]),
    .list_valid_i(list_valid), .list_ready_o(list_ready), .list_group_i(entry[23:16]), .list_channel_i(entry[15:0]),
    .list_group_last_i(entry[24]),
    .tile_valid_i(tile_valid), .tile_ready_o(tile_ready), .tile_tokens_i(tile[0]), .tile_outputs_i(tile[1]),
    .tile_block_tokens_i(tile[2]), .tile_token_blocks_i(tile[3]), .tile_output_blocks_i(tile[4]),
    .tile_act_digits_i(tile[5]), .tile_weight_digits_i(tile[6]), .tile_weight_words_i(tile[7]),
    .tile_act_words_i(tile[8]), .tile_num_rows_i(tile[9]), .tile_rows_i(tile[10]), .tile_codes_i(tile[11]),
    .tile_layer_scale_i(tile[12]),
    .out_valid_o(out_valid), .out_ready_i(1'b1), .out_data_o(out_data), .out_mask_o(out_mask), .out_token_o(out_token),
    .out_output_o(out_output), .out_last_o(out_last)
  );
  /* verilator lint_on WIDTH */

  int errors = 0, seen, cycles, token, output_channel;
  logic is_last;

  // NaN has one meaning and many codes.
  function automatic logic same(logic [31:0] a, logic [31:0] b);
    return a == b || (&a[30:23] && a[22:0] != 0 && &b[30:23] && b[22:0] != 0);
  endfunction

  initial begin
    $readmemh("tiles.hex", tiles);
    $readmemh("fills.hex", fills);
    $readmemh("lists.hex", lists);
    $readmemh("sums.hex", sums);
    repeat (2) @(negedge clk);
    rst_n = 1;
    for (int t = 0; t < `IGQ_VECTORS_TILES; t++) begin
      for (int w = 0; w < TileWords; w++) tile[w] = tiles[t * TileWords + w];
      for (int i = 0; i < tile[14]; i++) begin
        fill = fills[tile[13] + i];
        fill_valid = 1;
        while (!fill_ready) @(negedge clk);
        @(negedge clk);
        fill_valid = 0;
      end
      for (int i = 0; i < tile[16]; i++) begin
        entry = lists[tile[15] + i];
        list_valid = 1;
        while (!list_ready) @(negedge clk);
        @(negedge clk);
        list_valid = 0;
      end
      tile_valid = 1;
      while (!tile_ready) @(negedge clk);
      @(negedge clk);
      tile_valid = 0;
      seen = 0;
      cycles = 1;
      is_last = 0;
      while (!is_last) begin // nothing is stalled: an output is taken in the cycle in which it is offered
        is_last = out_valid && out_last;
        for (int lane = 0; out_valid && lane < `IGQ_VECTORS_POST_LANES; lane++)
          if (out_mask[lane]) begin
            token = int'(out_token) + lane / `IGQ_VECTORS_LANES;
            output_channel = int'(out_output) + lane % `IGQ_VECTORS_LANES;
            seen++;
            if (!same(out_data[lane*32+:32], sums[tile[17] + token * tile[1] + output_channel])) begin
              errors++;
              if (errors <= 10) $display("tile %0d, token %0d, output %0d: expected %h, got %h", t, token, output_channel,
                                         sums[tile[17] + token * tile[1] + output_channel], out_data[lane*32+:32]);
            end
          end
        if (!is_last) cycles++;
        if (cycles > 100 * tile[18] + 10000) begin
          $display("tile %0d does not end", t);
          $fatal;
        end
        @(negedge clk);
      end
      if (seen != tile[0] * tile[1]) begin
        errors++;
        $display("tile %0d: %0d sums, expected %0d", t, seen, tile[0] * tile[1]);
      end
      if (cycles != tile[18]) begin
        errors++;
        $display("tile %0d: %0d cycles, expected %0d", t, cycles, tile[18]);
      end
    end
    $display("%0d tiles, %0d sums, %0d errors", `IGQ_VECTORS_TILES, `IGQ_VECTORS_SUM_WORDS, errors);
    if (errors != 0) $fatal;
    $finish;
  end
endmodule
