#!/usr/bin/env bash
# Holds the layers apart: models/ knows neither C++, SystemC, files nor sim/; C files of sim/ know no SystemC.
# usage: check_includes.sh SOURCE_TREE
set -euo pipefail
cd "$1"
fail=0
refuse() { # reason, pattern, files...
  local reason=$1 pattern=$2
  shift 2
  [ $# -gt 0 ] || { echo "no files to look at for: $reason"; fail=1; return; }
  if grep -nE "$pattern" "$@"; then
    echo "^ $reason"
    fail=1
  fi
}
sim_headers=$(ls sim/*/*.h | xargs -n1 basename | sed 's/\./\\./' | paste -sd'|')
refuse "models/ must not include sim/" "#include \"($sim_headers)\"" models/*.[ch]
refuse "models/ does no input or output" '#include <(stdio|fcntl|unistd|systemc|iostream)' models/*.[ch]
refuse "models/ is C" '#include <(vector|string|algorithm|memory)>|^class |^template' models/*.[ch]
refuse "SystemC stays in C++ files and their headers" '#include <systemc' sim/*/*.c
refuse "rtl/ includes nothing from C" '#include|import' rtl/*.sv
refuse "tests and tools are included by nothing" '#include "(\.\./)?(tests|tools)/' models/*.[ch] sim/*/*.[ch] sim/*/*.cpp
[ $fail -eq 0 ] && echo "includes follow the layers"
exit $fail
