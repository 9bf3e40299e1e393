// SPDX-License-Identifier: Apache-2.0
/// Another assignment unit than rtl/: serial, one activation, one channel and group, one list candidate a cycle; one
/// layer at a time; names and polarity of its own. Nearest by squared distance, the lowest group wins a tie.
module serial_assign #(
  parameter Depth  = 1024,
  parameter Groups = 8,
  parameter CW = $clog2(Depth + 1),
  parameter IW = $clog2(Depth),
  parameter GW = $clog2(Groups),
  parameter QW = $clog2(Groups + 1)
) (
  input  logic               clock,
  input  logic               reset,
  input  logic               cfg_write,
  input  logic [GW-1:0]      cfg_index,
  input  logic signed [15:0] cfg_low,
  input  logic signed [15:0] cfg_high,
  input  logic               start,
  output logic               idle,
  input  logic [CW-1:0]      tokens,
  input  logic [CW-1:0]      channels,
  input  logic [QW-1:0] groups,
  input  logic               in_valid,
  output logic               in_ready,
  input  logic signed [15:0] in_data,
  output logic               out_valid,
  input  logic               out_ready,
  output logic [GW-1:0]      out_group,
  output logic [IW-1:0]      out_channel,
  output logic               out_end_of_group,
  output logic               out_end
);
  typedef enum logic [1:0] {Idle, Range, Score, Emit} state_e;
  state_e state_q;

  logic signed [15:0] next_low_q [Groups], next_high_q [Groups], low_q [Groups], high_q [Groups];
  logic signed [15:0] min_q [Depth], max_q [Depth];
  logic [GW-1:0] group_q [Depth];
  logic [CW-1:0] count_q [Groups];
  logic [CW-1:0] tokens_q, channels_q, token_q, left_q;
  logic [QW-1:0] groups_q;
  logic [IW-1:0] channel_q;
  logic [GW-1:0] g_q, best_group_q;
  logic [34:0] best_q;

  logic last_channel, last_group;
  assign last_channel = CW'(channel_q) + 1'b1 == channels_q;
  assign last_group = QW'(g_q) + 1'b1 == groups_q;

  // The distance of the channel at hand from the group at hand.
  logic signed [34:0] below, above;
  logic [34:0] distance;
  logic nearer;
  logic [GW-1:0] nearest;
  assign below = 35'(min_q[channel_q]) - 35'(low_q[g_q]);
  assign above = 35'(max_q[channel_q]) - 35'(high_q[g_q]);
  assign distance = below * below + above * above;
  assign nearer = g_q == '0 || distance < best_q;
  assign nearest = nearer ? g_q : best_group_q;

  // Lists: a pass over all channels for each group; the channel at hand is offered if it is in it.
  logic offers;
  assign offers = group_q[channel_q] == g_q;
  assign idle = state_q == Idle;
  assign in_ready = state_q == Range;
  assign out_valid = state_q == Emit && offers;
  assign out_group = g_q;
  assign out_channel = channel_q;
  assign out_end_of_group = count_q[g_q] == 1;
  assign out_end = left_q == 1;

  always_ff @(posedge clock) begin
    if (cfg_write) begin
      next_low_q[cfg_index] <= cfg_low;
      next_high_q[cfg_index] <= cfg_high;
    end
    case (state_q)
      Idle: if (start) begin
        tokens_q <= tokens;
        channels_q <= channels;
        groups_q <= groups;
        left_q <= channels;
        token_q <= '0;
        channel_q <= '0;
        g_q <= '0;
        state_q <= Range;
        for (int g = 0; g < Groups; g++) begin
          low_q[g] <= next_low_q[g];
          high_q[g] <= next_high_q[g];
          count_q[g] <= '0;
        end
      end
      Range: if (in_valid) begin
        if (token_q == '0 || in_data < min_q[channel_q]) min_q[channel_q] <= in_data;
        if (token_q == '0 || in_data > max_q[channel_q]) max_q[channel_q] <= in_data;
        channel_q <= last_channel ? '0 : channel_q + 1'b1;
        if (last_channel) begin
          token_q <= token_q + 1'b1;
          if (token_q + 1'b1 == tokens_q) state_q <= Score;
        end
      end
      Score: begin
        best_q <= nearer ? distance : best_q;
        best_group_q <= nearest;
        g_q <= last_group ? '0 : g_q + 1'b1;
        if (last_group) begin
          group_q[channel_q] <= nearest;
          count_q[nearest] <= count_q[nearest] + 1'b1;
          channel_q <= last_channel ? '0 : channel_q + 1'b1;
          if (last_channel) state_q <= Emit;
        end
      end
      Emit: if (!offers || out_ready) begin
        if (offers) begin
          count_q[g_q] <= count_q[g_q] - 1'b1;
          left_q <= left_q - 1'b1;
        end
        channel_q <= last_channel ? '0 : channel_q + 1'b1;
        if (last_channel) g_q <= g_q + 1'b1;
        if (offers && left_q == 1) state_q <= Idle;
      end
      default: state_q <= Idle;
    endcase
    if (reset) begin
      state_q <= Idle;
      for (int g = 0; g < Groups; g++) begin
        next_low_q[g] <= '0;
        next_high_q[g] <= '0;
      end
    end
  end
endmodule
