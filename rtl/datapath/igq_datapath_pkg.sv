// SPDX-License-Identifier: Apache-2.0
/// Constants of the datapath. The C side keeps those of the timing contract in models/timing/latency.h; the test
/// rtl.datapath holds them equal.
package igq_datapath_pkg;

  // From a tile's command to its first read of the banks: command, index read, ranks.
  localparam int unsigned TileSetupCycles /* verilator public_flat_rd */ = 3;
  // From the last read of a gather until the arrays can start on it: bank and crossbar, then the queue.
  localparam int unsigned GatherPipelineCycles /* verilator public_flat_rd */ = 2;
  // From the start of a step to its first sum: row, multiplication, code, products.
  localparam int unsigned MacPipelineCycles /* verilator public_flat_rd */ = 5;
  // From a beat of sums to the outputs: slices, conversion, and twice a product and a sum.
  localparam int unsigned PostPipelineCycles /* verilator public_flat_rd */ = 10;
  // Least cycles between two visits of post-processing to a running sum.
  localparam int unsigned HandoverCycles /* verilator public_flat_rd */ = 2;

  // Values of the parameter GroupScale, igq_group_scale in C.
  localparam int unsigned GroupScaleFp32 /* verilator public_flat_rd */ = 0;
  localparam int unsigned GroupScaleInt  /* verilator public_flat_rd */ = 1;
  localparam int unsigned GroupScalePow2 /* verilator public_flat_rd */ = 2;

  localparam int unsigned ValueBits      = 16; // of an activation before it is quantized
  localparam int unsigned CodeBits       = 8;  // of the widest code
  localparam int unsigned MultiplierBits = 15; // of a quantizer
  localparam int unsigned ShiftBits      = 5;
  localparam int unsigned ScaleBits      = 16; // of a group's integer scale
  localparam int unsigned SumBits        = 32; // of an exact group sum: 16384 products of 9-bit operands

  function automatic int unsigned min(int unsigned a, int unsigned b);
    min = (a < b) ? a : b;
  endfunction

endpackage
