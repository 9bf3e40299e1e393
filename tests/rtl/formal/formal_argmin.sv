// SPDX-License-Identifier: Apache-2.0
/// igq_argmin for all keys, against a scan from the lowest index up.
module formal_argmin #(
  parameter int unsigned Num   = 8,
  parameter int unsigned Width = 34
) (
  input logic clk_i
);

  (* anyseq *) logic [Num*Width-1:0]       keys;
  logic [igq_pkg::index_width(Num)-1:0] index;

  igq_argmin #(.Num(Num), .Width(Width)) u_argmin (.key_i(keys), .index_o(index));

  // The specification: a scan that moves on only to something smaller.
  logic [Width-1:0] least;
  logic [31:0]      first;

  always_comb begin
    least = keys[0+:Width];
    first = 0;
    for (int unsigned i = 1; i < Num; i++) begin
      if (keys[i*Width+:Width] < least) begin
        least = keys[i*Width+:Width];
        first = i;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    assert (32'(index) == first);
  end

endmodule
