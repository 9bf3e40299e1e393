#!/usr/bin/env bash
# Proves parts of the group assignment unit with yosys: with z3 for all inputs of combinational blocks, with abc for all
# behaviours of the surroundings up to a number of cycles. Every proof is run again on a mutant of the RTL that it must
# refute, so that a proof that can prove nothing is noticed.   usage: tools/formal.sh [--long] [RTL_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in yosys yosys-smtbmc yosys-abc z3; do
  command -v $tool >/dev/null || { echo "skipped: no $tool here (packages yosys, z3)"; exit 77; }
done
long=0
[ "${1:-}" = --long ] && long=1 && shift
rtl=${1:-rtl}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
files=(igq_pkg igq_ram igq_range_unit igq_bounds igq_distance igq_argmin igq_dealer igq_scorer igq_lane_list igq_list_builder
  igq_group_assign)
failures=0

# read RTL_FOLDER TOP PARAMETER=VALUE...: yosys commands that elaborate a proof
read_design() {
  local folder=$1 top=$2 file
  shift 2
  echo "read_verilog -defer -sv -formal -I$folder ${files[*]/#/$folder/}" | sed -E 's,(/igq_[a-z_]+),\1.sv,g'
  echo "read_verilog -defer -sv -formal tests/rtl/formal/$top.sv"
  [ $# -eq 0 ] || echo "chparam$(printf ' -set %s' "${@/=/ }") $top"
  echo "hierarchy -check -top $top; proc; opt"
}

# Clocked assertions are not looked at in the first step, and a distance takes a step: three.
prove_smt() { # folder top parameters...
  read_design "$@" >"$work/$2.ys"
  echo "flatten; memory_map; opt; setundef -anyseq; dffunmap; write_smt2 -wires $work/$2.smt2" >>"$work/$2.ys"
  yosys -q "$work/$2.ys" >"$work/log" 2>&1 || return 2
  yosys-smtbmc -s z3 -t 3 "$work/$2.smt2" >"$work/log" 2>&1
}

prove_bmc() { # cycles folder top parameters...
  local cycles=$1
  shift
  read_design "$@" >"$work/$2.ys"
  cat >>"$work/$2.ys" <<END
flatten; memory_map; opt; setundef -anyseq; chformal -cover -remove; async2sync; techmap; opt; dffunmap
abc -g AND -fast; opt_clean; write_aiger -zinit $work/$2.aig
END
  yosys -q "$work/$2.ys" >"$work/log" 2>&1 || return 2
  yosys-abc -c "read_aiger $work/$2.aig; fold; strash; bmc3 -F $cycles" >"$work/log" 2>&1
  grep -q "No output asserted in $cycles frames" "$work/log"
}

# check MUTANT_FILE SED_EDIT METHOD... : the proof holds on the RTL and not on the mutant
check() {
  local file=$1 edit=$2 start=$SECONDS verdict=holds
  shift 2
  local method=()
  while [ "$1" != -- ]; do
    method+=("$1")
    shift
  done
  shift
  rm -rf "$work/mutant"
  cp -r "$rtl" "$work/mutant"
  sed -i -E "$edit" "$work/mutant/$file"
  cmp -s "$rtl/$file" "$work/mutant/$file" && verdict="HAS NO MUTANT"
  "${method[@]}" "$rtl" "$@" || verdict="FAILS ($(tail -1 "$work/log"))"
  if [ "$verdict" = holds ]; then
    "${method[@]}" "$work/mutant" "$@" && verdict="HOLDS ON THE MUTANT TOO"
    [ "$verdict" = holds ] && { grep -qE "BMC failed|Status: failed|was asserted in frame" "$work/log" ||
      verdict="DOES NOT RUN ON THE MUTANT ($(tail -1 "$work/log"))"; }
  fi
  printf '%-60s %s, %d s\n' "$*" "$verdict" $((SECONDS - start))
  [ "$verdict" = holds ] || failures=$((failures + 1))
}

tie='s/key\[2\*n\+1\] < key\[2\*n\]/key[2*n+1] <= key[2*n]/'
for size in "1 34" "2 34" "3 34" "5 34" "8 34"; do
  read -r num width <<<"$size"
  # One key knows no tie; its mutant is another.
  [ "$num" -eq 1 ] && edit="s/index_o = index\[1\]/index_o = ~index[1]/" || edit=$tie
  check igq_argmin.sv "$edit" prove_smt -- formal_argmin Num="$num" Width="$width"
done
sign='s/\$signed\(a\) < \$signed\(b\)/a < b/'
check igq_distance.sv "$sign" prove_smt -- formal_distance Distance=1
check igq_distance.sv 's/lo_diff_q > hi_diff_q/lo_diff_q < hi_diff_q/' prove_smt -- formal_distance Distance=2
check igq_distance.sv "$sign" prove_smt -- formal_distance Distance=0 ActWidth=4
check igq_lane_list.sv 's/front_valid_d = !front_last_o/front_valid_d = 1'"'"'b1/' prove_bmc 16 -- formal_lists
check igq_list_builder.sv 's/waiting_q\[next_group\] <= 1.b0/waiting_q[0] <= 1'"'"'b0/' \
  prove_bmc 16 -- formal_lists DistanceLanes=1 MaxChannels=4
check igq_range_unit.sv 's/token_q == 0 \|\| (.*\$signed\(hi\))/\1/' prove_bmc 18 -- formal_unit ActWidth=2
room='s/room_d\[g\*ChannelCountWidth.*=$/room_d[0+:ChannelCountWidth] =/'
check igq_dealer.sv 's/!dealt_q\[d\] && !fits\[d\]/!dealt_q[d] \&\& 1'"'"'b0/' prove_bmc 8 -- formal_dealer
check igq_dealer.sv "$room" prove_bmc 7 -- formal_dealer DistanceLanes=3 MaxGroups=2
check igq_dealer.sv 's/full_d\[g\] = full_q\[g\]/full_d[g] = 1'"'"'b0/' prove_bmc 10 -- formal_dealer DistanceLanes=1
check igq_dealer.sv 's/!dealt_q\[d\] && !fits\[d\]/!dealt_q[d] \&\& 1'"'"'b0/' \
  prove_bmc 18 -- formal_unit ActWidth=2 Limited=1
if [ $long -eq 1 ]; then
  check igq_argmin.sv "$tie" prove_smt -- formal_argmin Num=16 Width=18
  check igq_lane_list.sv 's/front_valid_d = !front_last_o/front_valid_d = 1'"'"'b1/' prove_bmc 22 -- formal_lists \
    DistanceLanes=2 MaxChannels=8
  check igq_scorer.sv 's/>= num_groups_i/> num_groups_i/' prove_bmc 21 -- formal_unit
fi
[ $failures -eq 0 ]
