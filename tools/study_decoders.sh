#!/usr/bin/env bash
# A trained decoder at 4, 6 and 8 bits under every scheme: perplexity on its own text, cycles of a token in prefill and in
# decoding, bytes of the cache. Half of the 128 tokens are the prompt, which calibrates. Prints the tables of docs/study-decoders.md.
# usage: tools/study_decoders.sh DIR WEIGHTS.safetensors IDS.safetensors
set -euo pipefail
cd "$(dirname "$0")/.."
command -v jq >/dev/null || { echo "$0 needs jq (Debian package jq)" >&2; exit 1; }
igqsim=${IGQSIM:-build/igqsim}
dir=$1 weights=$2 ids=$3
mkdir -p "$dir"

row() { # name, bits, machine, sets...
  local name=$1 bits=$2 machine=$3 set sets=()
  shift 3
  # Multipliers as wide as the codes of linear layers, so that nobody takes several passes there.
  for set in mac_array.mac_bits=$bits row_selector.bank_width_bits=auto "precision.act_bits=$bits" "precision.weight_bits=$bits" "$@"; do
    sets+=(--set "$set")
  done
  "$igqsim" run -a "configs/accelerators/$machine.yaml" -w configs/workloads/stories260k.yaml --weights "$weights" --inputs "$ids" \
    "${sets[@]}" --no-html -o "$dir/run" >/dev/null
  jq -r --arg name "$name" --arg machine "$machine" '[$name, $machine, .totals.perplexity, .accuracy.kl_divergence, .totals.prefill_cycles_per_token,
    .totals.decode_cycles_per_token, (.decoder.decoding.assign_cycles / .decoder.decoding.tokens), .totals.decode_dram_bytes_per_token / 1e3,
    .totals.kv_cache_bytes / 1024, .decoder.kv_stores] | @tsv' "$dir/run/report.json" |
    awk -F'\t' '{ printf "| %s | %s | %.3f | %.3f | %.0f | %.0f | %.0f | %.1f | %.1f, %s |\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 }'
}

for bits in 4 6 8; do
  fp=fp4_e2m1
  [ $bits = 6 ] && fp=fp6_e2m3
  [ $bits = 8 ] && fp=fp8_e4m3
  echo
  echo "| W${bits}A$bits | machine | perplexity | KL, nats | cycles a prompt token | cycles a decoded token | of it assignment | DRAM kB a decoded token | cache, KiB |"
  echo "|---|---|---|---|---|---|---|---|---|"
  for scheme in layerwise consecutive peg igq_fixed igq channelwise; do
    row $scheme $bits igq_shared scheme=$scheme
  done
  row "igq, running ranges" $bits igq_shared network.decode_ranges=running
  row "vsquant, scales 6/10" $bits vsquant_wide
  row "mx $fp" $bits mxfp4 mx.element=$fp
  row "bfp, blocks of 16" $bits mxfp4 scheme=bfp
  [ $bits = 4 ] && row nvfp4 $bits nvfp4
  row igq $bits igq_per_group
  row igq $bits igq_elastic
  row igq $bits igq_temporal
done
jq -r '"\nFull precision: perplexity \(.totals.perplexity_full_precision * 1e4 | round / 1e4) over \(.decoder.predictions) tokens."' "$dir/run/report.json"
