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
  sed -e "s/^  weight_bits: [0-9]*/  weight_bits: $2/" -e "s/^  act_bits: [0-9]*/  act_bits: $3/" \
    -e "s/^  attn_bits: [0-9]*/  attn_bits: $mac_bits/" -e "s/^  edge_bits: [0-9]*/  edge_bits: $mac_bits/" \
    configs/workloads/deit_tiny.yaml >"$dir/$1_network.yaml"
  sed -e "s/^scheme: [a-z]*/scheme: $4/" -e "s/^zero_point: [a-z]*/zero_point: correct/" \
    -e "s/^  mac_bits: [0-9]*/  mac_bits: $mac_bits/" -e "s/_scale_bits: [0-9]* /_scale_bits: $5 /" \
    -e "s/^  bank_width_bits: 256/  bank_width_bits: $((mac_bits > 4 ? 64 * mac_bits : 256))/" \
    -e "s/^  scale_product_bits: [0-9]*/  scale_product_bits: $6/" -e "s/^  acc_bits: [0-9]*/  acc_bits: $(($2 + $3 + 4 + scale_bits))/" \
    configs/accelerators/vsquant.yaml >"$dir/$1_machine.yaml"
  "$igqsim" run -a "$dir/$1_machine.yaml" -w "$dir/$1_network.yaml" -t "$technology" -o "$out" >/dev/null
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
