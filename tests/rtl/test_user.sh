#!/usr/bin/env bash
# A serial unit with other port names (examples/serial_assign) agrees in its lists, not in its cycles; five faults planted
# in it are found, each from a cold start; our own unit taken as somebody's is exact.   usage: test_user.sh IGQSIM
set -euo pipefail
igqsim=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export IGQSIM_CACHE=$work/cache
unit=$here/../../examples/serial_assign
cp "$unit"/* "$work"
cd "$work"
cosim() { # expected status, words that the output must have, options
  local status=0 begin=$SECONDS words=$2
  "$igqsim" cosim -a igq_per_group -o out "${@:3}" >output 2>errors || status=$?
  [ "$status" -eq "$1" ] || { echo "status $status, expected $1: ${*:3}"; cat output errors; exit 1; }
  grep -qF -- "$words" output errors || { echo "not said: $words"; cat output errors; exit 1; }
  echo "$((SECONDS - begin)) s: ${*:3}"
}
serial() { cosim "$1" "$2" --rtl serial.f --top serial_assign --ports serial_assign.yaml "${@:3}"; }

serial 0 "agree in every list entry, flag and count; cycles were not compared" --latency any
serial 3 "layer_ready_o (idle) is 0, the timing contract says 1; --latency any compares lists" --random 0
serial 3 "the score phase takes 24 cycles, its closed form says 7; the window is 10" --latency window=10 --random 0
[ -s out/mismatch.fst ]
serial 0 "phases lie within the window" --latency window=2000000 --random 10

fault() { # what is wrong, pattern, replacement, words that the output must have
  sed "s/$2/$3/" "$unit/serial_assign.sv" >serial_assign.sv
  ! cmp -s serial_assign.sv "$unit/serial_assign.sv" || { echo "no such fault: $1"; exit 1; }
  echo "fault: $1"
  serial 3 "MISMATCH: corner cases" --latency any
  grep -qF -- "$4" output || { cat output; exit 1; }
}
fault "ties go to the highest group" 'distance < best_q' 'distance <= best_q' "list entry"
fault "the greatest value is forgotten" 'in_data > max_q' 'in_data < max_q' "distance of group"
fault "the last channel of a list is dropped" 'left_q == 1) state_q' 'left_q == 2) state_q' "more list entries than channels"
fault "squares of too few bits" 'below \* below' '35'"'"'(16'"'"'(below * below))' "has the range"
fault "an entry is not held until it is taken" '!offers || out_ready' "1'b1" "before the entry is taken"
cp "$unit/serial_assign.sv" .


# A copy of our own, under its own names: the package first, headers beside it.
find "$here/../../rtl" -name 'igq_*.sv' -not -path '*/datapath/*' -not -name igq_vector_mac.sv | sort >files
{ grep /igq_pkg.sv files; grep -v /igq_pkg.sv files; find "$here/../../rtl" -name '*.svh' -printf '+incdir+%h\n' | sort -u; } >own.f
cosim 0 "RTL, SystemC module and C model agree" --rtl own.f --top igq_group_assign --random 20

# What cannot be built or asked is one line.
refused() { # words, options
  cosim 1 "$@"
  [ "$(grep -vc '^building RTL' errors)" -eq 1 ] || { cat errors; exit 1; }
}
refused "nowhere.f: cannot open" --rtl nowhere.f --top serial_assign
refused "--rtl without --top" --rtl serial.f
refused "--latency sometime; allowed: exact, any, window=CYCLES" --rtl serial.f --top serial_assign --latency sometime
echo 'ports: {clk_x: clock}' >wrong.yaml
refused "wrong.yaml:1: ports.clk_x: no port of the unit; did you mean clk_i?" --rtl serial.f --top serial_assign --ports wrong.yaml
echo 'module broken(input logic a' >broken.sv
refused "broken does not build" --rtl broken.sv --top broken
