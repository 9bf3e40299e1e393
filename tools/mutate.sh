#!/usr/bin/env bash
# Shows that the checks of the RTL can fail: applies each mutation of tools/mutations.txt and says what notices it: lint,
# an assertion, co-simulation (the tests rtl.layers and rtl.interruptions), rtl.four_state, or a proof. Exit status 1 when one
# survives.
#   usage: tools/mutate.sh [--quick] [BUILD_FOLDER]
# Needs a finished build, whose objects are linked with the mutated RTL.
set -euo pipefail
cd "$(dirname "$0")/.."

kinds='^(quick|full|equivalent)$'
[ "${1:-}" = --quick ] && kinds='^quick$' && shift
build=${1:-build}
source tools/link_rtl_tests.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prints what notices the mutant in a folder.
notice() { # folder file point
  local folder=$1 file=$2 point=$3 test
  if ! link_tests "$folder" "$folder" "$point" "" ""; then
    grep -qE '^%(Warning|Error)' "$folder/lint" && echo "lint ($(grep -oE -m1 '^%[A-Za-z]+(-[A-Z]+)?' "$folder/lint"))" || echo "BUILD FAILS"
    return
  fi
  for test in layers interruptions; do
    if ! CK_DEFAULT_TIMEOUT=0 "$folder/$test" >"$folder/log" 2>&1; then
      if grep -q "an assertion of the RTL failed" "$folder/log"; then
        echo "assertion $(grep -oE -m1 'Assertion failed in [^:]*' "$folder/log" | sed 's/.*\.//')"
      else
        echo "co-simulation ($test)"
      fi
      return
    fi
  done
  if ! tests/rtl/four_state.sh "$folder" >"$folder/log" 2>&1; then
    echo "unknown values"
  elif ! tools/formal.sh "$folder" >"$folder/log" 2>&1; then
    echo "proof"
  else
    echo SURVIVES
  fi
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
  "$(grep -c ' co-simulation ' "$work/all") by co-simulation, $(grep -c ' unknown values ' "$work/all") by unknown values," \
  "$(grep -c ' proof ' "$work/all") by proofs," \
  "$(grep -c 'survives: equivalent' "$work/all") equivalent"
[ "$(cat "$work"/*.verdict | wc -l)" -eq "$number" ]
! grep -qE 'SURVIVES|BUILD FAILS|DOES NOT|NOTICED BY' "$work/all"
