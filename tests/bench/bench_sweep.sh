#!/usr/bin/env bash
# Speed of a whole sweep with everything it writes: bench_sweep.sh [JOBS] [BUILD_FOLDER]. Beside the time that passed
# stands the processor time, since other work may run; see docs/validation.md for the figures.
set -euo pipefail
cd "$(dirname "$0")/../.."
jobs=${1:-2}
igqsim=${2:-build}/igqsim
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

sync
TIMEFORMAT='%R s passed, %U s of processors in igqsim, %S s in the kernel'
time "$igqsim" sweep configs/sweeps/organisations.yaml -o "$dir/sweep" -j "$jobs" >"$dir/said"
head -2 "$dir/said"
echo "$jobs jobs, load before and during: $(cut -d' ' -f1-2 /proc/loadavg), written: $(du -sh "$dir/sweep" | cut -f1)"
TIMEFORMAT='%R s passed, %U s of processors: the same with --resume, nothing left to do'
time "$igqsim" sweep configs/sweeps/organisations.yaml -o "$dir/sweep" -j "$jobs" --resume >"$dir/said"
