#!/usr/bin/env bash
# The unit in a simulator that knows x (Verilator knows 0 and 1 only): Icarus, which does not read this SystemVerilog, gets
# what yosys makes of it.   usage: tests/rtl/four_state.sh [RTL_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in yosys iverilog; do
  command -v $tool >/dev/null || { echo "skipped: no $tool here (packages yosys, iverilog)"; exit 77; }
done
rtl=${1:-rtl}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
yosys -q -p "
  read_verilog -defer -sv -I$rtl $rtl/igq_pkg.sv $(ls "$rtl"/igq_*.sv | grep -vE '_pkg|_checks' | paste -sd ' ')
  chparam -set RangeLanes 2 -set DistanceLanes 4 -set MaxChannels 10 -set MaxTokens 7 -set MaxGroups 3 igq_group_assign
  hierarchy -check -top igq_group_assign
  proc; flatten; opt_clean; rename -top igq_group_assign; write_verilog -noattr $work/unit.v" >"$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
iverilog -g2012 -s four_state -o "$work/four_state" "$work/unit.v" tests/rtl/four_state.v
vvp -n "$work/four_state" | tee "$work/out"
grep -q "^8 list entries, no x" "$work/out"
