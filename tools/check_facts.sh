#!/usr/bin/env bash
# Holds copies of facts together: what documents repeat because they cannot take it from its place.
# usage: check_facts.sh SOURCE_TREE
set -euo pipefail
cd "$1"
fail=0

# The drawing of the machine: documents have it to the letter, its boxes are blocks, and no block is missing.
drawing=sim/blocks/machine.txt
for document in docs/architecture.md; do
  cmp -s "$drawing" <(awk '/^```/ { if (drawn) exit; inside = !inside; next } inside && (drawn || /^\+-/) { drawn = 1; print }' "$document") ||
    { echo "$document: its drawing of the machine is not that of $drawing"; fail=1; }
done
# A box begins with its name, below a corner.
boxes=$(awk '{
  for (at = 1; match(substr($0, at), /[|+] [a-z_]+ +[|+]/); at += RSTART)
    if (substr(above, at + RSTART - 1, 2) == "+-") print substr($0, at + RSTART - 1, RLENGTH)
  above = $0
}' "$drawing" | tr -d ' |+')
[ -n "$boxes" ] || { echo "$drawing has no boxes"; fail=1; }
for box in $boxes; do
  grep -q "\"$box\"" sim/blocks/machine.cpp || [ -f "sim/blocks/$box.h" ] ||
    { echo "$drawing: $box is no block of sim/blocks"; fail=1; }
done
for header in $(grep -lE '^class .*: public (block|sc_core::sc_module)' sim/blocks/*.h); do
  block=$(basename "$header" .h)
  case $block in
    block) ;;            # what blocks have in common
    write_back_watch) ;; # counters that blocks look at, no hardware
    *) grep -qw "$block" "$drawing" || { echo "$drawing lacks $header"; fail=1; } ;;
  esac
done
[ $fail -eq 0 ] && echo "facts agree"
exit $fail
