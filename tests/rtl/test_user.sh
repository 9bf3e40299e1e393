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

# In the machine: what its cycles cost a network, and that its lists are held against the model; our own costs nothing.
printf 'name,M,K,N,count\nfirst,20,96,64,2\nsecond,20,64,96,1\n' >network.csv
run() { # expected status, words that the output must have, options
  local status=0
  "$igqsim" run -a igq_per_group -w network.csv --assign rtl -o run "${@:3}" >output 2>errors || status=$?
  [ "$status" -eq "$1" ] || { echo "status $status, expected $1: run ${*:3}"; cat output errors; exit 1; }
  grep -qF -- "$2" output errors || { echo "not said: $2"; cat output errors; exit 1; }
}
serial_run() { run "$@" --rtl serial.f --top serial_assign --ports serial_assign.yaml; }
serial_run 0 "agrees with the C model in 3 assignments"
"$igqsim" run -a igq_per_group -w network.csv -o plain >/dev/null
python3 - <<'END'
import json
with_unit, plain = (json.load(open(f"{name}/report.json")) for name in ("run", "plain"))
unit = with_unit["assign_unit"]
assert unit["with_unit"]["cycles"] == with_unit["totals"]["cycles"] > plain["totals"]["cycles"] == unit["with_machine"]["cycles"]
assert unit["with_unit"]["assign_cycles"] == with_unit["totals"]["assign_cycles"] > unit["with_machine"]["assign_cycles"]
score, emission = unit["phases"]["score"], unit["phases"]["emission"] # 8 groups, 96 and 64 channels
assert 96 * 8 <= score["first_cycles"] < 97 * 8 and 64 * 8 <= score["least_cycles"] < 65 * 8, score
assert emission["closed_first_cycles"] == 96 < emission["first_cycles"], emission
END
run 0 "costs +0 cycles" --rtl own.f --top igq_group_assign
sed 's/in_data > max_q/in_data < max_q/' "$unit/serial_assign.sv" >serial_assign.sv
rm -f run/mismatch.fst
serial_run 3 "MISMATCH: run, layer 0 (first.0)"
grep -q '^reproduce: igqsim run -a igq_per_group .*--ports serial_assign.yaml$' output
[ -s run/mismatch.fst ]
cp "$unit/serial_assign.sv" .

# What cannot be built or asked is one line.
refused() { # words, options
  cosim 1 "$@"
  [ "$(grep -vc '^building RTL' errors)" -eq 1 ] || { cat errors; exit 1; }
}
refused "nowhere.f: cannot open" --rtl nowhere.f --top serial_assign
refused "--rtl without --top" --rtl serial.f
for options in "--rtl serial.f" "--top serial_assign" "--rtl serial.f --top serial_assign --scheme all"; do
  read -ra words <<<"$options"
  run 1 "allowed: " "${words[@]}"
done
refused "--latency sometime; allowed: exact, any, window=CYCLES" --rtl serial.f --top serial_assign --latency sometime
echo 'ports: {clk_x: clock}' >wrong.yaml
refused "wrong.yaml:1: ports.clk_x: no port of the unit; did you mean clk_i?" --rtl serial.f --top serial_assign --ports wrong.yaml
echo 'module broken(input logic a' >broken.sv
refused "broken does not build" --rtl broken.sv --top broken
