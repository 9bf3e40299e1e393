// SPDX-License-Identifier: Apache-2.0
/// The lanes of post-processing: sums of the arrays of a list are added and saturated; scaled by their group, and added up
/// over the lists of a block; scaled by their output channel, and the bias is added. models/numbers/gemm.h has the
/// equations. The number at an input is its stage: so many cycles after the beat it belongs to that beat.
module igq_post_lanes #(
  parameter int unsigned Num        = 4,
  parameter int unsigned GroupScale = 0,
  parameter int unsigned AccBits    = 24,
  parameter int unsigned WideBits   = 32,
  /// 1: what comes is the sum of all groups already.
  parameter int unsigned IsWhole    = 0,
  parameter int unsigned NumChunks  = 4,
  localparam int unsigned ChunkWidth = igq_pkg::index_width(NumChunks),
  localparam int unsigned ScaleBits  = igq_datapath_pkg::ScaleBits
) (
  input  logic                     clk_i,
  input  logic                     en_i,
  /// 1: a sum of an array.
  input  logic [Num*WideBits-1:0]  value_i,
  input  logic                     first_array_i,
  /// 2: integer scale of the group.
  input  logic [Num*ScaleBits-1:0] weight_i,
  /// 5 (fp32), 3 (int, pow2): addition over the lists. A sum that is the only one (`rows_i`) stays what it is, even -0.
  input  logic [ChunkWidth-1:0]    add_chunk_i,
  input  logic                     add_first_i,
  input  logic                     add_valid_i,
  input  logic                     rows_i,
  /// 3 (fp32), 5 (int, pow2): FP32 scale.
  input  logic [Num*32-1:0]        step_i,
  /// 7 and 9
  input  logic [Num*32-1:0]        scale_i,
  input  logic [Num*32-1:0]        bias_i,
  /// 11
  output logic [Num*32-1:0]        out_o
);

  localparam logic signed [WideBits-1:0] Largest  = WideBits'((64'd1 << (AccBits - 1)) - 1);
  localparam logic signed [WideBits-1:0] Smallest = ~Largest;

  logic [Num*WideBits-1:0]    partial_d, partial_q, sum_d, sum_q;
  logic signed [WideBits-1:0] sum;

  always_comb begin
    for (int unsigned n = 0; n < Num; n++) begin
      sum = $signed(value_i[n*WideBits+:WideBits]);
      if (!first_array_i) sum = sum + $signed(partial_q[n*WideBits+:WideBits]);
      partial_d[n*WideBits+:WideBits] = sum;
      if (IsWhole == 0 && sum > Largest) sum = Largest;
      if (IsWhole == 0 && sum < Smallest) sum = Smallest;
      sum_d[n*WideBits+:WideBits] = sum;
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      partial_q <= partial_d;
      sum_q     <= sum_d;
    end
  end

  logic [Num*32-1:0] scaled;

  if (GroupScale == igq_datapath_pkg::GroupScaleFp32) begin : gen_fp32
    logic [Num*32-1:0]     float, float_q, product, running, next;
    logic [Num*32-1:0]     run_q [NumChunks];
    logic [ChunkWidth-1:0] chunk_q;
    logic                  valid_q;

    igq_int_to_fp32 #(.Num(Num), .Width(WideBits)) u_float (.value_i(sum_q), .float_o(float));

    always_ff @(posedge clk_i) begin
      if (en_i) float_q <= float;
    end

    igq_fp32_mul #(.Num(Num)) u_step (.clk_i, .en_i, .a_i(float_q), .b_i(step_i), .product_o(product));

    assign running = add_first_i ? {Num{rows_i, 31'd0}} : run_q[add_chunk_i];

    igq_fp32_add #(.Num(Num)) u_add (.clk_i, .en_i, .a_i(running), .b_i(product), .next_o(next), .sum_o(scaled));

    always_ff @(posedge clk_i) begin
      if (en_i) begin
        chunk_q <= add_chunk_i;
        valid_q <= add_valid_i;
        if (valid_q) run_q[chunk_q] <= next;
      end
    end
  end else begin : gen_exact
    logic [Num*64-1:0] product_d, product_q, running, total_d, total_q;
    logic [Num*64-1:0] run_q [NumChunks];
    logic [Num*32-1:0] float, float_q;

    assign running = add_first_i ? '0 : run_q[add_chunk_i];

    always_comb begin
      for (int unsigned n = 0; n < Num; n++) begin
        product_d[n*64+:64] = 64'($signed(sum_q[n*WideBits+:WideBits])) * $signed({48'd0, weight_i[n*ScaleBits+:ScaleBits]});
        total_d[n*64+:64]   = running[n*64+:64] + product_q[n*64+:64];
      end
    end

    always_ff @(posedge clk_i) begin
      if (en_i) begin
        product_q <= product_d;
        total_q   <= total_d;
        if (add_valid_i) run_q[add_chunk_i] <= total_d;
        float_q   <= float;
      end
    end

    igq_int_to_fp32 #(.Num(Num), .Width(64)) u_float (.value_i(total_q), .float_o(float));
    igq_fp32_mul #(.Num(Num)) u_step (.clk_i, .en_i, .a_i(float_q), .b_i(step_i), .product_o(scaled));
  end

  logic [Num*32-1:0] weighted, next_out;

  igq_fp32_mul #(.Num(Num)) u_scale (.clk_i, .en_i, .a_i(scaled), .b_i(scale_i), .product_o(weighted));
  igq_fp32_add #(.Num(Num)) u_bias (.clk_i, .en_i, .a_i(weighted), .b_i(bias_i), .next_o(next_out), .sum_o(out_o));

endmodule
