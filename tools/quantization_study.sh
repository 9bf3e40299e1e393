#!/usr/bin/env bash
# KL divergence, top-1 agreement and activation SQNR of every way to group, on photos and on noisy and cropped variants of
# them. Calibrated on the photos alone; all schemes on the same array.
# usage: quantization_study.sh BITS EPSILON_PCT mean|extreme WEIGHTS.safetensors IMAGE.png...
set -euo pipefail
cd "$(dirname "$0")/.."
bits=$1 epsilon=$2 bounds=$3 weights=$4
shift 4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
workload=configs/workloads/deit_tiny.yaml
mkdir "$dir/variants"
build/tests/bench/image_variants "$dir/variants" "$@"

printf '| %-11s | %6s | %6s | %6s | %6s | %6s | %7s | %5s | %8s |\n' scheme groups qkv proj fc1 fc2 softmax top-1 "KL, nats"
echo "|-------------|--------|--------|--------|--------|--------|---------|-------|----------|"
row() { # scheme, groups
  build/igqsim calibrate -w $workload --weights "$weights" --images "${photos[@]}" --groups "$2" --bounds "$bounds" \
    --act-bits "$bits" --weight-bits "$bits" --epsilon-pct "$epsilon" -o "$dir/calibration.yaml" >/dev/null
  build/igqsim run -a configs/accelerators/layerwise.yaml --set "num_groups=$2" --scheme "$1" -w $workload -c "$dir/calibration.yaml" --weights "$weights" \
    --images "$dir/variants" -j "$(nproc)" -o "$dir/out" >/dev/null
  awk -F, -v scheme="$1" -v groups="$2" '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    $column["sqnr_db"] != "" { sum[$column["kind"]] += $column["sqnr_db"]; num[$column["kind"]]++ }
    END { printf "| %-11s | %6s | %6.2f | %6.2f | %6.2f | %6.2f | %7.2f |", scheme, scheme ~ /wise/ ? "" : groups,
          sum["qkv"] / num["qkv"], sum["proj"] / num["proj"], sum["fc1"] / num["fc1"], sum["fc2"] / num["fc2"],
          sum["context"] / num["context"] }' "$dir/out/layers.csv"
  awk -F'[:,]' '/"accuracy": \{/ { inside = 1 } inside && /"top1_agreement"/ { top1 = $2 } inside && /"kl_divergence"/ { kl = $2 }
    END { printf " %5.2f | %8.4f |\n", top1, kl }' "$dir/out/report.json"
}
photos=("$@")
row layerwise 1
for groups in 4 8 12; do row consecutive $groups; done
for groups in 4 8 12; do row igq_fixed $groups; done
for groups in 4 8 12; do row igq $groups; done
row channelwise 1
