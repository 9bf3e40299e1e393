#!/usr/bin/env bash
# Line, branch and toggle coverage of the RTL by the tests rtl.layers and rtl.interruptions, at small points that take every
# branch of the parameters. Prints the lines of which nothing was reached; the folder `annotated` has them all.
#   usage: tools/coverage.sh [BUILD_FOLDER [OUTPUT_FOLDER]]   or: cmake --build build --target rtl_coverage
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:-build}
out=${2:-$build/rtl_coverage}
source tools/link_rtl_tests.sh
rm -rf "$out"
mkdir -p "$out/data"
export IGQ_RTL_COVERAGE_DIR=$PWD/$out/data
[[ $out = /* ]] && IGQ_RTL_COVERAGE_DIR=$out/data
for point in 2,4,10,7,3,0 6,3,20,9,5,0 1,1,8,8,8,1 2,4,10,7,3,2; do
  folder=$out/${point//,/_}
  mkdir -p "$folder"
  compile "$folder" "$verilator_include/verilated_cov.cpp" "$folder/runtime.o" -DVM_COVERAGE=1
  link_tests rtl "$folder" "$point" "--coverage-line --coverage-toggle" -DVM_COVERAGE=1
  for test in layers interruptions; do
    CK_DEFAULT_TIMEOUT=0 "$folder/$test" >"$folder/$test.log" 2>&1 || { tail -3 "$folder/$test.log" >&2; exit 1; }
  done
done
verilator_coverage --annotate "$out/annotated" --annotate-min 1 --write "$out/merged.dat" "$out"/data/*.dat >/dev/null
awk '
  match($0, /v_(line|branch|toggle)/) { page = substr($0, RSTART + 2, RLENGTH - 2); all[page]++; hit[page] += $NF > 0 }
  END { for (page in all) printf "%-7s %d of %d points reached\n", page, hit[page], all[page] }' "$out/merged.dat" | sort
grep -nE '^%0' "$out"/annotated/igq_*.sv | sed "s,^$out/annotated/,,"
