#!/usr/bin/env bash
# What does assigning groups per instance cost? Bit operations, energy and area at 1, 2, 4, 8, 16 groups on DeiT-Tiny, -Small
# and -Base, from igqsim's own reports: the tables of docs/energy.md.   usage: tools/energy_study.sh [DIR]
# The machine is igq_temporal; the baseline is the same machine under --scheme layerwise.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v jq >/dev/null || { echo "tools/energy_study.sh needs jq (Debian package jq)" >&2; exit 1; }
igqsim=${IGQSIM:-build/igqsim}
technology=configs/technologies/${TECHNOLOGY:-low_leakage_45nm}.yaml
dir=${1:-out/energy_study}
mkdir -p "$dir"

machine() { # groups -> path
  sed -e "s/^num_groups: [0-9]*/num_groups: $1/" <("$igqsim" describe -a configs/accelerators/igq_temporal.yaml --yaml) >"$dir/igq_temporal_g$1.yaml"
  echo "$dir/igq_temporal_g$1.yaml"
}

run() { # network groups scheme -> report
  local out=$dir/$1_g$2_$3
  "$igqsim" run -a "$(machine "$2")" -w "configs/workloads/$1.yaml" --scheme "$3" -t "$technology" -o "$out" >/dev/null
  echo "$out/report.json"
}

echo "| network | groups | BOPs of the assignment, % | its energy on chip, % | its area, % | energy over layer-wise, % | on chip, % | area over layer-wise, % | cycles, % |"
echo "|---|---|---|---|---|---|---|---|---|"
for network in deit_tiny deit_small deit_base; do
  for groups in 1 2 4 8 16; do
    jq -rn --slurpfile igq "$(run "$network" "$groups" igq)" --slurpfile base "$(run "$network" "$groups" layerwise)" \
      --arg network "$network" --arg groups "$groups" '
      def percent: . * 10000 | round / 100;
      def on_chip: .energy_pj - .energy_pj_by_component.dram;
      def of(object): [object | .range_unit, .distance_argmin, .assignment_registers, .index_buffer] | add;
      $igq[0].totals as $i | $base[0].totals as $b |
      [$network, $groups, ($i.assign_bops / $i.bops | percent),
       (of($i.energy_pj_by_component) / ($i | on_chip) | percent),
       (if $i.area_um2 then of($i.area_um2_by_component) / $i.area_um2 | percent else "-" end),
       ($i.energy_pj / $b.energy_pj - 1 | percent), (($i | on_chip) / ($b | on_chip) - 1 | percent),
       (if $i.area_um2 then $i.area_um2 / $b.area_um2 - 1 | percent else "-" end),
       ($i.cycles / $b.cycles - 1 | percent)] | "| " + (map(tostring) | join(" | ")) + " |"'
  done
done
