#!/usr/bin/env bash
# A stranger's hour: installs into a prefix, takes program texts (```LANGUAGE NAME) and commands (```sh) out of the installed
# integration.md and runs them in order, in an empty folder.   usage: test_integration.sh BUILD
set -euo pipefail
for tool in iverilog verilator; do
  command -v $tool >/dev/null || { echo "skipped: no $tool here"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PREFIX=$work/prefix
unset IGQSIM_SHARE
cmake --install "$1" --prefix "$PREFIX" >/dev/null
page=$PREFIX/share/doc/igqsim/integration.md
mkdir "$work/stranger"
cd "$work/stranger"
awk '/^```/ { if (inside) inside = 0; else { inside = 1; file = $2 } next } inside && file != "" { print > file }' "$page"
{
  echo 'set -euxo pipefail'
  awk '/^```/ { commands = $0 == "```sh"; next } commands' "$page"
} >commands
[ "$(wc -l <commands)" -gt 5 ]
bash commands >output 2>&1 || { cat output; exit 1; }

# Testbenches: what they ran, and that they would have said so.
grep -qE '^[0-9]+ layers, [0-9]{4,} entries, 0 errors' output
grep -q '^40 layers, [0-9]* entries, 0 errors' output
grep -qE '^[0-9]+ layers, [0-9]{3,} entries read' output
grep -q '^  costs +2639977 cycles, +66.53 %' output
grep -q '^RTL and models agree in every sum and in the cycles of every tile' output
sed -i '2s/.$/&/; 2s/^\(.*\)\(.\)$/\1f/' vectors/entries.hex
! (cd vectors && vvp -n testbench) >wrong 2>&1
grep -q 'entry 1: got channel' wrong
"$PREFIX/bin/igqsim" vectors -a igq_per_group --set group_assignment.range_lanes=1 --set group_assignment.distance_lanes=1 --random 20 -o again >/dev/null
cmp vectors/beats.hex again/beats.hex

# What the platform printed. Own memories: the cycles of the command line, and its reports.
cycles_of() { awk -v name="$1" '$1 == name && $3 == "cycles" { print $2 }' "$2"; }
bytes_of() { awk '$3 == "cycles" { sum += $4 + $6 } $3 == "bytes" { moved += $2 } END { print sum, moved }' "$1"; }
for pair in first=igq_temporal second=vsquant; do
  name=${pair%=*}
  "$PREFIX/bin/igqsim" run -a "${pair#*=}" -w deit_tiny -q -o "report_$name"
  [ "$(cycles_of "$name" own.txt)" = "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["totals"]["cycles"])' "report_$name/report.json")" ]
  grep -q "^$name: the report of igq_run" own.txt
  [ "$(cycles_of "$name" separate.txt)" = "$(cycles_of "$name" "$name.txt")" ]
  [ "$(cycles_of "$name" shared.txt)" -gt "$(cycles_of "$name" separate.txt)" ]
done
[ "$(cycles_of first phases.txt)" = "$(cycles_of first first.txt)" ]
for memory in separate shared phases; do
  read -r counted moved < <(bytes_of "$memory.txt")
  [ "$counted" -gt 0 ] && [ "$counted" = "$moved" ]
done
