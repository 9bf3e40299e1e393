#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: first the unit tests under AddressSanitizer and
# UndefinedBehaviorSanitizer, then everything in Release. Closes with ctest's summary.
set -euo pipefail
cd "$(dirname "$0")/.."

TIMEFORMAT='   %lR, of CPU %lU + %lS' # after each part
time tools/packages.sh check
jobs=$(nproc)
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 # what both builds compile alike is compiled once

build() { # folder, options...
  local folder=$1
  shift
  cmake -S . -B "$folder" -G Ninja -DIGQ_WERROR=ON -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "$@" >/dev/null
  cmake --build "$folder" -j "$jobs" | grep -vE '^\[[0-9]+/[0-9]+\]|^ninja: (no work|Entering)' || [ "${PIPESTATUS[0]}" -eq 0 ]
}

echo "== Debug build with sanitizers"
time build build-sanitize -DCMAKE_BUILD_TYPE=Debug -DIGQ_SANITIZE=ON
# Whole networks take minutes under the sanitizers; small random ones go through the same code.
time ctest --test-dir build-sanitize -L 'unit|timing|errors' -E '_data$|workloads' --output-on-failure -j "$jobs"

echo "== Damaged files, with clang"
time tools/fuzz.sh 2000

echo "== Release build"
time build build -DCMAKE_BUILD_TYPE=Release

echo "== Static analysis"
time tools/analyse.sh build

echo "== Release tests"
export IGQSIM_DEBUG_BINARY="$PWD/build-sanitize/igqsim"
time ctest --test-dir build --output-on-failure -j "$jobs"
