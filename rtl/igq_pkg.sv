// SPDX-License-Identifier: Apache-2.0
/// Constants and widths of the group assignment unit. The C side keeps the same constants in models/numbers/params.h and
/// models/timing/latency.h; the test rtl.constants holds them equal.
package igq_pkg;

  // Values of the parameter Distance, igq_distance in C.
  localparam int unsigned DistanceL2   /* verilator public_flat_rd */ = 0;
  localparam int unsigned DistanceL1   /* verilator public_flat_rd */ = 1;
  localparam int unsigned DistanceLinf /* verilator public_flat_rd */ = 2;

  // Bits of a wide activation.
  localparam int unsigned ActInBits /* verilator public_flat_rd */ = 16;

  // Cycles that scoring takes beyond one per step: range read, differences, distances, argmin with insertion.
  localparam int unsigned ScorePipelineCycles /* verilator public_flat_rd */ = 4;

  // Bits of an index into num things; one thing has an index of one bit too.
  function automatic int unsigned index_width(int unsigned num);
    index_width = (num > 1) ? $clog2(num) : 1;
  endfunction

  // Bits of a number from 0 to num.
  function automatic int unsigned count_width(int unsigned num);
    count_width = $clog2(num + 1);
  endfunction

  function automatic int unsigned ceil_div(int unsigned num, int unsigned den);
    ceil_div = (num + den - 1) / den;
  endfunction

  function automatic int unsigned max(int unsigned a, int unsigned b);
    max = (a > b) ? a : b;
  endfunction

  // Bits of an exact distance between two ranges of act_width bits.
  function automatic int unsigned distance_width(int unsigned act_width, int unsigned distance);
    distance_width = (distance == DistanceL2) ? 2 * act_width + 1 :
                     (distance == DistanceL1) ? act_width + 1 : act_width;
  endfunction

endpackage
