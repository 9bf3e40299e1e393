// SPDX-License-Identifier: Apache-2.0
/// Memory with one read and one write port and a write enable per column; the read is registered and keeps its word
/// until the next. A read sees a write of the same cycle. Synthesis puts a macro here.
module igq_ram #(
  parameter int unsigned Depth   = 16,
  parameter int unsigned Columns = 1,
  parameter int unsigned Width   = 8,
  localparam int unsigned AddrWidth = igq_pkg::index_width(Depth)
) (
  input  logic                     clk_i,
  input  logic [Columns-1:0]       we_i,
  input  logic [AddrWidth-1:0]     waddr_i,
  input  logic [Columns*Width-1:0] wdata_i,
  input  logic                     re_i,
  input  logic [AddrWidth-1:0]     raddr_i,
  /// Word at raddr_i of the last cycle with re_i.
  output logic [Columns*Width-1:0] rdata_o
);

  for (genvar c = 0; c < Columns; c++) begin : gen_column
    logic [Width-1:0] mem [Depth];

    always_ff @(posedge clk_i) begin
      if (we_i[c]) mem[waddr_i] <= wdata_i[c*Width+:Width];
      if (re_i) begin
        rdata_o[c*Width+:Width] <= (we_i[c] && waddr_i == raddr_i) ? wdata_i[c*Width+:Width] : mem[raddr_i];
      end
    end
  end

endmodule
