// SPDX-License-Identifier: Apache-2.0
/// Index of the smallest of Num keys; the lowest index wins a tie. Combinational, a tree of comparators.
module igq_argmin #(
  parameter int unsigned Num   = 8,
  parameter int unsigned Width = 8,
  localparam int unsigned IndexWidth = igq_pkg::index_width(Num)
) (
  input  logic [Num*Width-1:0]  key_i,
  output logic [IndexWidth-1:0] index_o
);

  localparam int unsigned Leaves = 2 ** $clog2(Num);

  // Node n has the children 2n and 2n+1; the leaves are nodes Leaves and up. Leaves beyond Num never win: their key is
  // the largest, and a right child wins only when it is smaller.
  logic [Width-1:0]      key   [2*Leaves];
  logic [IndexWidth-1:0] index [2*Leaves];

  always_comb begin
    key[0]   = '0;
    index[0] = '0;
    for (int unsigned i = 0; i < Leaves; i++) begin
      key[Leaves+i]   = (i < Num) ? key_i[(i%Num)*Width+:Width] : {Width{1'b1}}; // yosys 0.23 takes '1 for one bit here
      index[Leaves+i] = IndexWidth'(i);
    end
    for (int unsigned n = Leaves - 1; n >= 1; n--) begin
      if (key[2*n+1] < key[2*n]) begin
        key[n]   = key[2*n+1];
        index[n] = index[2*n+1];
      end else begin
        key[n]   = key[2*n];
        index[n] = index[2*n];
      end
    end
    index_o = index[1];
  end

endmodule
