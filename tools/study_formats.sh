#!/usr/bin/env bash
# Number formats beside groups that are chosen anew for every image: accuracy on variants of photos, cycles, energy, area,
# DRAM traffic; with the weights of each format and with the same weights for all. Prints the table.
# usage: tools/study_formats.sh DIR WEIGHTS.safetensors IMAGE.png...
set -euo pipefail
cd "$(dirname "$0")/.."
command -v jq >/dev/null || { echo "$0 needs jq (Debian package jq)" >&2; exit 1; }
igqsim=${IGQSIM:-build/igqsim}
dir=$1 weights=$2
shift 2
mkdir -p "$dir/variants"
build/tests/bench/image_variants "$dir/variants" "$@"

row() { # name, bits, machine, activation bits an element, sets...
  local name=$1 bits=$2 machine=$3 stored=$4 set sets=()
  shift 4
  # Multipliers as wide as the codes, so that nobody takes several passes.
  for set in mac_array.mac_bits=$bits row_selector.bank_width_bits=512 "$@"; do sets+=(--set "$set"); done
  "$igqsim" run -a "configs/accelerators/$machine.yaml" -w configs/workloads/deit_tiny.yaml \
    -c "configs/calibration/deit_tiny_w${bits}a${bits}_g8.yaml" --weights "$weights" --images "$dir/variants" \
    -t configs/technologies/bitfusion_45nm.yaml "${sets[@]}" --no-html -j "$(nproc)" -o "$dir/run" >/dev/null
  jq -r --arg name "$name" --arg stored "$stored" '[$name, $stored, .accuracy.kl_divergence, .accuracy.top1_agreement * 100,
    .totals.activation_sqnr_db, .totals.accumulator_overflow_count, .totals.cycles / .totals.images / 1e3,
    .totals.energy_pj_per_image / 1e6, .totals.area_um2 / 1e6, .totals.dram_bytes / .totals.images / 1e6] | @tsv' \
    "$dir/run/report.json" |
    awk -F'\t' '{ printf "| %s | %s | %.3f | %.0f | %.1f | %d | %.0f | %.0f | %.3f | %.2f |\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 }'
}

same=weight_scheme=per_channel
vectors=(weight_scheme=vsquant vsquant.weight_scale_bits=6)
full=(vsquant.scale_product_bits=0)
for bits in 4 6; do
  fp=fp4_e2m1
  [ $bits = 6 ] && fp=fp6_e2m3
  echo
  echo "| $bits bits | bits | KL, nats | top-1 agreement, % | SQNR, dB | saturated sums | kcycles | uJ | mm2 | DRAM, MB |"
  echo "|---|---|---|---|---|---|---|---|---|---|"
  row layerwise $bits layerwise $bits
  row tender $bits tender $bits
  row "igq, temporal" $bits igq_temporal 16
  [ $bits = 4 ] && row "channelwise, temporal" $bits igq_temporal 16 scheme=channelwise
  row vsquant $bits vsquant "$bits + 10/16"
  row "vsquant, scales 8/8" $bits vsquant "$bits + 8/16" vsquant.act_scale_bits=8 vsquant.weight_scale_bits=8
  row "vsquant, scales 4/4, full product" $bits vsquant "$bits + 4/16" vsquant.act_scale_bits=4 vsquant.weight_scale_bits=4 "${full[@]}"
  row "vsquant, full product" $bits vsquant "$bits + 10/16" "${full[@]}"
  row "vsquant, full product, 32-bit sums" $bits vsquant_wide "$bits + 10/16"
  row "mx $fp" $bits mxfp4 "$bits + 8/32" mx.element=$fp
  row "bfp, blocks of 16" $bits mxfp4 "$bits + 8/16" scheme=bfp
  row "bfp, blocks of 32" $bits mxfp4 "$bits + 8/32" scheme=bfp bfp.block_length=32
  [ $bits = 4 ] && row nvfp4 $bits nvfp4 "4 + 8/16"
  [ $bits = 4 ] && row "nvfp4, four over six" $bits nvfp4 "4 + 8/16" nvfp4.variant=four_over_six
  row "vsquant, weights per channel" $bits vsquant "$bits + 10/16" $same
  row "mx $fp, weights per channel" $bits mxfp4 "$bits + 8/32" mx.element=$fp $same
  row "bfp, blocks of 16, weights per channel" $bits mxfp4 "$bits + 8/16" scheme=bfp $same
  [ $bits = 4 ] && row "nvfp4, weights per channel" $bits nvfp4 "4 + 8/16" $same
  row "layerwise, weights vsquant" $bits layerwise $bits "${vectors[@]}"
  row "tender, weights vsquant" $bits tender $bits "${vectors[@]}"
  row "igq, temporal, weights vsquant" $bits igq_temporal 16 "${vectors[@]}"
done
