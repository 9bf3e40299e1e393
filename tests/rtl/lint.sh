#!/usr/bin/env bash
# Verilator's -Wall finds nothing in the RTL, at more parameter points than are built, and impossible parameters are refused.
#   usage: tests/rtl/lint.sh
set -euo pipefail
cd "$(dirname "$0")/../../rtl"

unit=(lint.vlt igq_pkg.sv $(ls igq_*.sv | grep -vE '_pkg|_vector_mac'))
faults=0

lint() { # parameters as NAME=VALUE: prints what Verilator says of the unit
  verilator --lint-only --assert -Wall --top-module igq_group_assign "${@/#/-G}" "${unit[@]}" 2>&1 || true
}

clean() {
  local said
  said=$(lint "$@")
  [ -z "$said" ] || { echo "$*: $said"; faults=$((faults + 1)); }
}

refused() { # part of the message, parameters
  local message=$1 said
  shift
  said=$(lint "$@")
  grep -qF "$message" <<<"$said" || { echo "$* is not refused with: $message"; echo "$said"; faults=$((faults + 1)); }
}

clean
clean RangeLanes=1 DistanceLanes=1 MaxChannels=1 MaxTokens=1 MaxGroups=1 Distance=2 ActWidth=2
clean RangeLanes=16 DistanceLanes=4 MaxChannels=4096 MaxTokens=2048 MaxGroups=16
clean RangeLanes=6 DistanceLanes=3 MaxChannels=100 MaxTokens=50 MaxGroups=5 Distance=1 ActWidth=8
clean RangeLanes=2 DistanceLanes=4 MaxChannels=3 MaxTokens=7 MaxGroups=3
clean RangeLanes=128 DistanceLanes=128 MaxChannels=256
clean RangeLanes=6 DistanceLanes=3 MaxChannels=100 MaxTokens=50 MaxGroups=5 HasCapacity=0
clean RangeLanes=4 DistanceLanes=8 MaxChannels=16384 MaxTokens=16384 MaxGroups=16 Distance=1
refused "lanes and maxima must be at least 1" RangeLanes=0
refused "lanes and maxima must be at least 1" MaxTokens=0
refused "RangeLanes and DistanceLanes must be a power of two apart" RangeLanes=6 DistanceLanes=2
refused "ActWidth must be at least 2" ActWidth=1
refused "Distance must be 0 (l2), 1 (l1) or 2 (linf)" Distance=3

said=$(verilator --lint-only -Wall igq_vector_mac.sv 2>&1) || true
[ -z "$said" ] || { echo "$said"; faults=$((faults + 1)); }
[ $faults -eq 0 ] && echo "no warnings; impossible parameters are refused"
