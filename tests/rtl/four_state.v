// SPDX-License-Identifier: Apache-2.0
// Two layers through the unit in a simulator that knows x: registers, memories, and inputs that are not valid, hold x, and
// the unit has to answer without any. The lists are compared with lists worked out by hand.
module four_state;
  reg clk = 0, rst_n = 0, bound_we = 0, layer_valid = 0, act_valid = 0;
  reg [1:0] bound_group = 2'bx, num_groups = 2'bx;
  reg [15:0] bound_lower = 16'bx, bound_upper = 16'bx;
  reg [2:0] num_tokens = 3'bx;
  reg [3:0] num_channels = 4'bx;
  reg [31:0] act_data = 32'bx;
  wire layer_ready, act_ready, list_valid, group_last, last;
  wire [1:0] list_group;
  wire [3:0] list_channel;
  wire [11:0] count;

  igq_group_assign unit (
    .clk_i(clk), .rst_ni(rst_n), .bound_we_i(bound_we), .bound_group_i(bound_group), .bound_lower_i(bound_lower),
    .bound_upper_i(bound_upper), .layer_valid_i(layer_valid), .layer_ready_o(layer_ready), .num_tokens_i(num_tokens),
    .num_channels_i(num_channels), .num_groups_i(num_groups), .capacity_i(4'd5), .act_valid_i(act_valid), .act_ready_o(act_ready),
    .act_data_i(act_data), .list_valid_o(list_valid), .list_ready_i(1'b1), .list_group_o(list_group),
    .list_channel_o(list_channel), .list_group_last_o(group_last), .list_last_o(last), .count_o(count));

  always #1 clk = !clk;

  // Group, channel, last of group, last: channels of ranges [0,0], [3,3], [6,6], [9,9], [12,12] between the bounds [1,1] and
  // [10,10] of two groups; then three of them in one group.
  reg [7:0] expected [0:7];
  integer entry = 0, faults = 0, token, pair;

  task fault(input [8*40:1] what);
    begin
      $display("cycle %0d: %0s", $time / 2, what);
      faults = faults + 1;
    end
  endtask

  always @(negedge clk) if (rst_n) begin
    if ((^{layer_ready, act_ready, list_valid}) === 1'bx) fault("x in a handshake");
    if (list_valid === 1'b1) begin
      if ({list_group, list_channel, group_last, last} !== expected[entry]) fault("not the list entry that was expected");
      if ((^count) === 1'bx) fault("x in a count");
      entry = entry + 1;
    end
  end

  task send_layer(input [3:0] channels, input [1:0] groups);
    begin
      layer_valid = 1; num_tokens = 2; num_channels = channels; num_groups = groups;
      @(posedge clk); #1 layer_valid = 0; num_tokens = 3'bx; num_channels = 4'bx; num_groups = 2'bx;
      for (token = 0; token < 2; token = token + 1)
        for (pair = 0; pair < channels; pair = pair + 2) begin
          act_valid = 1;
          act_data[15:0] = 3 * pair;
          act_data[31:16] = pair + 1 < channels ? 3 * (pair + 1) : 16'bx;
          @(posedge clk); #1;
        end
      act_valid = 0; act_data = 32'bx;
    end
  endtask

  task write_bounds(input [1:0] group, input [15:0] bound);
    begin
      bound_we = 1; bound_group = group; bound_lower = bound; bound_upper = bound;
      @(posedge clk); #1 bound_we = 0; bound_group = 2'bx; bound_lower = 16'bx; bound_upper = 16'bx;
    end
  endtask

  initial begin
    expected[0] = {2'd0, 4'd0, 2'b00}; expected[1] = {2'd0, 4'd1, 2'b10};
    expected[2] = {2'd1, 4'd2, 2'b00}; expected[3] = {2'd1, 4'd3, 2'b00}; expected[4] = {2'd1, 4'd4, 2'b11};
    expected[5] = {2'd0, 4'd0, 2'b00}; expected[6] = {2'd0, 4'd1, 2'b00}; expected[7] = {2'd0, 4'd2, 2'b11};
    @(posedge clk); #1 rst_n = 1;
    write_bounds(0, 1);
    write_bounds(1, 10); // group 2 is never written
    send_layer(5, 2);
    send_layer(3, 1);
    repeat (40) @(posedge clk);
    if (entry != 8) fault("entries are missing");
    if (faults == 0) $display("8 list entries, no x");
    $finish;
  end
endmodule
