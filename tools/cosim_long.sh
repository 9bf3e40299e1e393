#!/usr/bin/env bash
# RTL, SystemC module and C model of the group assignment over a million random channels at every parameter point, and over
# all committed traces with every distance.   usage: tools/cosim_long.sh [BUILD_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --build "$build" --target rtl_million igqsim >/dev/null
"$build/tests/rtl/rtl_million"
for distance in l2 l1 linf; do
  sed -E "s/^distance: .*/distance: $distance/" configs/accelerators/igq_per_group.yaml >"$work/$distance.yaml"
  grep -q "^distance: $distance" "$work/$distance.yaml"
  for trace in traces/*.safetensors; do
    "$build/igqsim" cosim -a "$work/$distance.yaml" --trace "$trace" --random 0 -o "$work" >"$work/out" ||
      { cat "$work/out"; exit 3; }
    awk -v name="$distance $(basename "$trace")" '
      /^layers|^channels|^RTL cycles/ { counts = counts " " $NF " " ($1 == "RTL" ? "RTL cycles" : $1) }
      /agree/ { print name ":" counts ": no difference" }' "$work/out"
  done
done
