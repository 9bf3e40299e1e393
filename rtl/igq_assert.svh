// SPDX-License-Identifier: Apache-2.0
// Assertions stay on in simulation. The synthesis and proof tool reads no concurrent assertions, so it sees none.
`ifndef IGQ_ASSERT_SVH
`define IGQ_ASSERT_SVH
`ifdef VERILATOR
`define IGQ_ASSERT(Name, Property) \
  Name : assert property (@(posedge clk_i) disable iff (!rst_ni) (Property)) else $error("assertion Name");
`else
`define IGQ_ASSERT(Name, Property)
`endif
// A sender keeps its offer and its data until they are taken.
`define IGQ_ASSERT_STABLE(Name, Valid, Ready, Data) \
  `IGQ_ASSERT(Name``Held, (Valid) && !(Ready) |=> (Valid)) \
  `IGQ_ASSERT(Name``Stable, (Valid) && !(Ready) |=> $stable(Data))
`endif
