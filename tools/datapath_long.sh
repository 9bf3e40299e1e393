#!/usr/bin/env bash
# The Verilated datapath works all tiles of a photo of DeiT-Tiny inside the accelerator, on a machine of each
# organisation, with random stalls; every sum, every cycle and the bytes of the report are the model's. A machine takes
# minutes, most of them to build.
# usage: tools/datapath_long.sh [BUILD [MACHINE...]]     build, and the machines below
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
machines=("${@:2}")
[ ${#machines[@]} -gt 0 ] || machines=(igq_shared igq_per_group igq_elastic igq_temporal)
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
for machine in "${machines[@]}"; do
  run=("$build/igqsim" run -a "configs/accelerators/$machine.yaml" -w configs/workloads/deit_tiny.yaml
       -c configs/calibration/deit_tiny_w4a4_g8.yaml --trace traces/deit_tiny_chelsea.safetensors --no-html)
  "${run[@]}" -o "$dir/model" >"$dir/log"
  "${run[@]}" --datapath rtl -o "$dir/rtl" >"$dir/log" 2>"$dir/errors" || { cat "$dir/errors" >&2; exit 1; }
  cmp "$dir/model/report.json" "$dir/rtl/report.json"
  echo "$machine: $(grep '^RTL of' "$dir/errors")"
done
