# igq_group_assign.sdc - one clock; what stands at the ports is registered outside. For igq_group_assign and
# igq_group_assign_axi; set PERIOD_NS and, if the neighbours are slow, IO_SHARE (of a period, spent outside).
if {![info exists PERIOD_NS]} { set PERIOD_NS 1.0 }
if {![info exists IO_SHARE]} { set IO_SHARE 0.3 }
create_clock -name clk -period $PERIOD_NS [get_ports clk_i]
set_clock_uncertainty [expr {0.05 * $PERIOD_NS}] [get_clocks clk]
set inputs [remove_from_collection [all_inputs] [get_ports clk_i]]
set_input_delay [expr {$IO_SHARE * $PERIOD_NS}] -clock clk $inputs
set_output_delay [expr {$IO_SHARE * $PERIOD_NS}] -clock clk [all_outputs]
