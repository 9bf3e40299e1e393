#!/usr/bin/env bash
# Fetches the plotting library of the pages from npm, as the lock file pins it (version and SHA-512), unless it is there.
# usage: tools/html/install.sh [check]     check: also what drives Chromium in the tests
set -euo pipefail
cd "$(dirname "$0")"

wanted=(node_modules/echarts/dist/echarts.min.js)
omit=(--omit=dev)
[ "${1:-}" = check ] && { wanted+=(node_modules/playwright-core/index.js); omit=(); }
for file in "${wanted[@]}"; do
  [ -f "$file" ] && continue
  command -v npm >/dev/null || { echo "igqsim's pages need npm, to fetch ECharts: run tools/packages.sh" >&2; exit 1; }
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error "${omit[@]}" >/dev/null
  exit
done
