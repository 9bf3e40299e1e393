#!/usr/bin/env bash
# Fits the distribution of shape-only runs to the committed trace of DeiT-Tiny: prints the values of synthetic_ranges as
# configs/workloads/ have them, and quantiles of recorded ranges beside drawn ones (docs/validation.md). Another network:
# tools/fit_ranges.sh WORKLOAD.yaml TRACE.safetensors, a trace of at least two images.
set -euo pipefail
cd "$(dirname "$0")/.."
workload=${1:-configs/workloads/deit_tiny.yaml}
trace=${2:-traces/deit_tiny_photos.safetensors}
cmake --build build --target fit_ranges >/dev/null
build/tests/bench/fit_ranges "$workload" "$trace"
