#!/usr/bin/env bash
# 10^7 values of every number format against the oracle in numpy, some minutes.
# usage: formats_long.sh [BUILD] [VALUES]
set -euo pipefail
cd "$(dirname "$0")/.."
exec /usr/bin/python3 -B tests/formats/test_oracle.py "${1:-build}/igqsim" "${2:-10000000}"
