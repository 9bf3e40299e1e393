#!/usr/bin/env bash
# Every quantization scheme on the same array, network and photos: activation SQNR by kind of layer, top-1 agreement and KL.
# usage: compare_schemes.sh WEIGHTS.safetensors CALIBRATION.yaml IMAGE...
set -euo pipefail
cd "$(dirname "$0")/.."
weights=$1 calibration=$2
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

printf '| %-11s | %6s | %6s | %6s | %6s | %7s | %5s | %8s |\n' scheme qkv proj fc1 fc2 softmax top-1 "KL, nats"
echo "|-------------|--------|--------|--------|--------|---------|-------|----------|"
for scheme in layerwise consecutive peg igq channelwise vsquant; do
  build/igqsim run -a configs/accelerators/layerwise.yaml --scheme "$scheme" -w configs/workloads/deit_tiny.yaml \
    -c "$calibration" --weights "$weights" --images "$@" -o "$dir/$scheme" >/dev/null
  awk -F, -v scheme="$scheme" '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    $column["sqnr_db"] != "" { sum[$column["kind"]] += $column["sqnr_db"]; num[$column["kind"]]++ }
    END { printf "| %-11s | %6.2f | %6.2f | %6.2f | %6.2f | %7.2f |", scheme, sum["qkv"] / num["qkv"],
          sum["proj"] / num["proj"], sum["fc1"] / num["fc1"], sum["fc2"] / num["fc2"], sum["context"] / num["context"] }
  ' "$dir/$scheme/layers.csv"
  awk -F'[:,]' '/"accuracy": \{/ { inside = 1 } inside && /"top1_agreement"/ { top1 = $2 } inside && /"kl_divergence"/ { kl = $2 }
    END { printf " %5.2f | %8.4f |\n", top1, kl }' "$dir/$scheme/report.json"
done
