#!/usr/bin/env bash
# The shared library shows the recorded symbols and no others, and its structures lie as recorded. A change that keeps
# older programs working (a function, a member at the end) is recorded with a larger IGQ_ABI_VERSION; no other is.
# usage: test_abi.sh LIBRARY LAYOUT ABI.txt
set -euo pipefail
export LC_ALL=C
diff "$3" <("$2"; nm -D --defined-only "$1" | awk '{ print $2, $3 }' | sort) ||
  { echo "the ABI differs from $3 (left: recorded)"; exit 1; }
! nm -D --defined-only "$1" | awk '{ print $3 }' | grep -vE '^(igq_[a-z_]+|sc_main)$'
