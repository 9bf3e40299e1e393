#!/usr/bin/env bash
# Energy of a multiply-accumulate relative to 8/8/-/-, as Fig. 3 of VS-Quant (Dai et al., MLSys 2021) has it, from igqsim's own
# reports: the table of docs/energy.md.   usage: tools/vsquant_ratios.sh [DIR]
# Accumulators are as wide as the paper says: weight + activation bits + log2 V + bits of the scale product.
# Notation of the paper: weight bits / activation bits / weight scale bits / activation scale bits, "-": no vector scales.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v jq >/dev/null || { echo "tools/vsquant_ratios.sh needs jq (Debian package jq)" >&2; exit 1; }
igqsim=${IGQSIM:-build/igqsim}
technology=configs/technologies/${TECHNOLOGY:-low_leakage_45nm}.yaml
dir=${1:-out/vsquant_ratios}
mkdir -p "$dir"

# name weight_bits act_bits scheme scale_bits product_bits -> energy per MAC of the arithmetic, and with its memories
energy() {
  local mac_bits=$(($2 > $3 ? $2 : $3)) out=$dir/$1 scale_bits=0
  [ "$4" = vsquant ] && scale_bits=$(($6 ? $6 : 2 * $5))
  local sets=("precision.weight_bits=$2" "precision.act_bits=$3" "precision.attn_bits=$mac_bits" "precision.edge_bits=$mac_bits"
    "scheme=$4" zero_point=correct "mac_array.mac_bits=$mac_bits" "vsquant.act_scale_bits=$5" "vsquant.weight_scale_bits=$5"
    "vsquant.scale_product_bits=$6" "mac_array.acc_bits=$(($2 + $3 + 4 + scale_bits))"
    "row_selector.bank_width_bits=$((mac_bits > 4 ? 64 * mac_bits : 256))")
  "$igqsim" run -a configs/accelerators/vsquant.yaml -w configs/workloads/deit_tiny.yaml "${sets[@]/#/--set=}" -t "$technology" \
    -o "$out" >/dev/null
  # Of the four linear layers of the blocks: that is what the paper's processing element works on. No zero points there.
  jq -r '[.layers[] | select(.kind | IN("qkv", "proj", "fc1", "fc2"))] |
    (map(.macs) | add) as $macs | map(.energy_pj_by_component) |
    [(map(.mac_datapath + .group_scaling + .registers) | add) / $macs,
     (map(.mac_datapath + .group_scaling + .registers + .weight_buffer + .activation_buffer) | add) / $macs] |
    map(tostring) | join(" ")' "$out/report.json"
}

read -r base_arithmetic base_memories <<<"$(energy 8_8 8 8 layerwise 4 0)"
echo "| W/A/sw/sa | scale product | VS-Quant, Fig. 3 | arithmetic | with its memories |"
echo "|---|---|---|---|---|"
while read -r name weight act scheme scale product paper label; do
  read -r arithmetic memories <<<"$(energy "$name" "$weight" "$act" "$scheme" "$scale" "$product")"
  awk -v l="$label" -v p="$product" -v s="$scheme" -v r="$paper" -v a="$arithmetic" -v m="$memories" -v ba="$base_arithmetic" \
    -v bm="$base_memories" 'BEGIN { printf "| %s | %s | %s | %.2f | %.2f |\n", l, s == "vsquant" ? (p ? p " bits" : "full") : "-",
      r, a / ba, m / bm }'
done <<'ROWS'
8_8 8 8 layerwise 4 0 1 8/8/-/-
6_8 6 8 layerwise 4 0 .82 6/8/-/-
6_6 6 6 layerwise 4 0 .763 6/6/-/-
4_4 4 4 layerwise 4 0 .485 4/4/-/-
6_6_44_4 6 6 vsquant 4 4 .62 6/6/4/4
6_6_44_6 6 6 vsquant 4 6 .74 6/6/4/4
6_6_44_f 6 6 vsquant 4 0 1.04 6/6/4/4
4_4_44_4 4 4 vsquant 4 4 .365 4/4/4/4
4_4_44_6 4 4 vsquant 4 6 .43 4/4/4/4
4_4_44_f 4 4 vsquant 4 0 .64 4/4/4/4
ROWS
