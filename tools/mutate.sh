#!/usr/bin/env bash
# Shows that the checks of the RTL can fail: applies each mutation of tools/mutations.txt and says what notices it: lint,
# an assertion, co-simulation (the tests rtl.layers and rtl.interruptions), or a proof. Exit status 1 when one survives.
#   usage: tools/mutate.sh [--quick] [BUILD_FOLDER]
# Needs a finished build, whose objects are linked with the mutated RTL.
set -euo pipefail
cd "$(dirname "$0")/.."

kinds='^(quick|full|equivalent)$'
[ "${1:-}" = --quick ] && kinds='^quick$' && shift
build=${1:-build}
[ -f "$build/rtl/libigq_rtl.a" ] || { echo "tools/mutate.sh: no RTL library in $build; build first" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
verilator_include=$(sed -n 's/^verilator_DIR:PATH=//p' "$build/CMakeCache.txt")/include
ccache=$(command -v ccache || true)

rtl_files() { # in the order of rtl/CMakeLists.txt
  sed -n '/^set(IGQ_RTL_SOURCES/,/)/p' rtl/CMakeLists.txt | grep -oE 'igq_\w+\.sv' | sed "s,^,$1/,"
}

compile() {
  $ccache g++ -std=c++17 -O1 -w -DVM_TRACE=1 -DVM_TRACE_FST=1 -Isim -Imodels -I"$1" -I"$verilator_include" \
    -I"$verilator_include/vltstd" -c "$2" -o "$3"
}

# Builds both tests with the RTL of a folder at one point, which is called small.
link_tests() { # folder point
  local folder=$1 point=$2 p test
  IFS=, read -ra p <<<"$point"
  verilator --cc --assert --trace-fst -Wall -I"$folder" rtl/lint.vlt $(rtl_files "$folder") --top-module igq_group_assign \
    --prefix Vsmall --Mdir "$folder/v" -GRangeLanes="${p[0]}" -GDistanceLanes="${p[1]}" -GMaxChannels="${p[2]}" \
    -GMaxTokens="${p[3]}" -GMaxGroups="${p[4]}" -GDistance="${p[5]}" >"$folder/lint" 2>&1 || return 1
  echo '#include "Vsmall.h"' >"$folder/v/igq_rtl_headers.inc"
  echo "IGQ_RTL_POINT(small,$point)" >"$folder/v/igq_rtl_points.inc"
  (cd "$folder/v" && printf '#include "%s"\n' Vsmall*.cpp) >"$folder/all.cpp"
  compile "$folder/v" "$folder/all.cpp" "$folder/all.o"
  compile "$folder/v" sim/rtl_unit.cpp "$folder/rtl_unit.o"
  compile "$folder/v" sim/rtl_point.cpp "$folder/rtl_point.o"
  for test in layers interruptions; do
    g++ -o "$folder/$test" "$build/tests/rtl/CMakeFiles/rtl_$test.dir/test_$test.cpp.o" "$folder"/{rtl_unit,rtl_point,all}.o \
      "$build"/sim/libigq_sim.a "$build"/models/libigq_models.a "$build"/rtl/libigq_rtl.a \
      $(pkg-config --libs check libpng openblas) -lz -lpthread
  done
}

# Prints what notices the mutant in a folder.
notice() { # folder file point
  local folder=$1 file=$2 point=$3 test
  if ! link_tests "$folder" "$point"; then
    grep -qE '^%(Warning|Error)' "$folder/lint" && echo "lint ($(grep -oE -m1 '^%[A-Za-z]+(-[A-Z]+)?' "$folder/lint"))" || echo "BUILD FAILS"
    return
  fi
  for test in layers interruptions; do
    if ! CK_DEFAULT_TIMEOUT=120 "$folder/$test" >"$folder/log" 2>&1; then
      if grep -q "an assertion of the RTL failed" "$folder/log"; then
        echo "assertion $(grep -oE -m1 'Assertion failed in [^:]*' "$folder/log" | sed 's/.*\.//')"
      else
        echo "co-simulation ($test)"
      fi
      return
    fi
  done
  if tools/formal.sh "$folder" >"$folder/log" 2>&1; then echo SURVIVES; else echo "proof"; fi
}

mutate() { # number kind file point edit
  local folder=$work/$1 kind=$2 file=$3 point=$4 edit=$5 noticed
  mkdir "$folder"
  cp rtl/*.sv rtl/*.svh "$folder"
  sed -i -E "$edit" "$folder/$file"
  if [ "$(diff "rtl/$file" "$folder/$file" | grep -c '^>')" -ne 1 ]; then
    noticed="DOES NOT CHANGE ONE LINE"
  else
    noticed=$(notice "$folder" "$file" "$point")
  fi
  case $kind/$noticed in
  equivalent/SURVIVES) noticed="survives: equivalent" ;;
  equivalent/*) noticed="NOTICED BY $noticed, BUT LISTED AS EQUIVALENT" ;;
  esac
  printf '%-20s %-40s %s\n' "$file" "$noticed" "$edit" | tee "$work/$1.verdict"
  rm -rf "$folder"
}

number=0
while IFS='|' read -r kind file point edit; do
  kind=${kind// /} file=${file// /} point=${point// /} edit=${edit# }
  [[ $kind =~ $kinds ]] || continue
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  number=$((number + 1))
  mutate "$number" "$kind" "$file" "$point" "$edit" &
done < <(grep -vE '^(#|$)' tools/mutations.txt)
wait

cat "$work"/*.verdict >"$work/all"
echo "$number mutants: $(grep -c ' lint ' "$work/all") by lint, $(grep -c ' assertion ' "$work/all") by assertions," \
  "$(grep -c ' co-simulation ' "$work/all") by co-simulation, $(grep -c ' proof ' "$work/all") by proofs," \
  "$(grep -c 'survives: equivalent' "$work/all") equivalent"
[ "$(cat "$work"/*.verdict | wc -l)" -eq "$number" ]
! grep -qE 'SURVIVES|BUILD FAILS|DOES NOT|NOTICED BY' "$work/all"
