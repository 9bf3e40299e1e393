#!/usr/bin/env bash
# `run --datapath rtl`: the report has the model's bytes; a fault planted in the RTL ends the run with status 3 and says
# where; what has no RTL is refused.   usage: test_datapath_run.sh IGQSIM
set -euo pipefail
igqsim=$(realpath "$1")
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export IGQSIM_CACHE=$work/cache
cd "$work"
printf 'name,M,N,K\none,13,21,40\ntwo,9,50,33\n' >products.csv
small=(-a "$root/configs/accelerators/igq_per_group.yaml" -w products.csv --no-html)
for value in num_groups=3 mac_array.num_arrays=3 mac_array.lanes=3 mac_array.vector_length=3 mac_array.tokens_in_flight=4 \
  row_selector.num_banks=5 group_assignment.max_members=64 post_processing.lanes=4; do
  small+=(--set "$value")
done
said() { # expected status, words that must be said, options
  local status=0
  "$igqsim" run "${@:3}" >output 2>errors || status=$?
  [ "$status" -eq "$1" ] || { echo "status $status, expected $1: ${*:3}"; cat output errors; exit 1; }
  grep -qF -- "$2" errors || { echo "not said: $2"; cat errors; exit 1; }
}

"$igqsim" run "${small[@]}" -o model >/dev/null
said 0 " cycles as the models have them (" "${small[@]}" --datapath rtl -o verilated
cmp model/report.json verilated/report.json

said 1 "there is no RTL of the datapath for scheme vsquant; allowed: layerwise, consecutive, peg, igq, igq_fixed" \
  -a "$root/configs/accelerators/vsquant.yaml" -w products.csv --no-html --datapath rtl
said 1 "mac_array.systolic is 1; the RTL of the datapath has 0" "${small[@]}" --datapath rtl --set mac_array.systolic=yes
said 1 "--datapath verilog; allowed: model, rtl" "${small[@]}" --datapath verilog
said 1 "--what-if with --datapath rtl; allowed: a single run" "${small[@]}" --datapath rtl --what-if

# The program looks for RTL beside itself first: there the quantizer rounds down.
mkdir -p bin share/igqsim
cp "$igqsim" bin
cp -r "$root/rtl" share/igqsim
sed -i 's/half = (shift_q == 0)/half = (shift_q != 0)/' share/igqsim/rtl/datapath/igq_quantizer.sv
! cmp -s share/igqsim/rtl/datapath/igq_quantizer.sv "$root/rtl/datapath/igq_quantizer.sv"
igqsim=$work/bin/igqsim
said 3 "MISMATCH between the RTL of the datapath and the models: tile 1, one (" "${small[@]}" --datapath rtl
grep -q 'output [0-9]* (lane [0-9]* of block [0-9]*): expected .*, got ' errors
