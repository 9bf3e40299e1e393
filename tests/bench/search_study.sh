#!/usr/bin/env bash
# usage: tests/bench/search_study.sh DIR [IGQSIM]
# How well a search does: simulates five spaces of about 10^4 machines whole, then searches each with 5 % of the
# simulations, and until the front is proved. Prints what was found of the front and its hypervolume.
set -euo pipefail
dir=$1 igqsim=${2:-build/igqsim}
mkdir -p "$dir"
for space in shared organisations assignment formats clocks; do
  file=tests/bench/searches/$space.yaml
  "$igqsim" sweep "$file" -o "$dir/$space-all" >"$dir/$space-all.txt"
  for search in 500 proof; do
    { cat "$file"; echo "search: $search"; } >"$dir/$space-$search.yaml"
    "$igqsim" sweep "$dir/$space-$search.yaml" -o "$dir/$space-$search" >"$dir/$space-$search.txt"
    tools/check_front.py "$dir/$space-$search" "$dir/$space-all"
  done
done
