#!/usr/bin/env bash
# Holds the layers apart: the rooms of models/ and sim/ stand in an order, and a room includes only itself and those
# before it; models/ knows neither C++, SystemC nor files; C files of sim/ know no SystemC.
# usage: check_includes.sh SOURCE_TREE
set -euo pipefail
cd "$1"
model_rooms=(numbers networks formats schemes forward timing cost calibrate)
sim_rooms=(files rtl_unit schedule blocks html cosim run report calibrate sweep api cli)
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

rooms=("${model_rooms[@]/#/models/}" "${sim_rooms[@]/#/sim/}")
for found in models/*/ sim/*/; do
  case " ${rooms[*]} " in *" ${found%/} "*) ;; *) echo "$found is not in the order of rooms of $0"; fail=1 ;; esac
done
# Names of headers are unique, so that a name says its room.
twice=$(find models sim -name '*.h' -printf '%f\n' | sort | uniq -d)
[ -z "$twice" ] || { echo "two headers of one name: $twice"; fail=1; }
for ((i = 0; i < ${#rooms[@]}; i++)); do
  later=("${rooms[@]:i+1}")
  headers=$(for room in "${later[@]}"; do find "$room" -name '*.h' -printf '%f\n'; done | sed 's/\./\\./' | paste -sd'|')
  [ -z "$headers" ] || refuse "${rooms[i]} stands before the room of this header" "#include \"($headers)\"" "${rooms[i]}"/*.[ch]*
done

refuse "models/ does no input or output" '#include <(stdio|fcntl|unistd|systemc|iostream)' models/*/*.[ch]
refuse "models/ is C" '#include <(vector|string|algorithm|memory)>|^class |^template' models/*/*.[ch]
refuse "SystemC stays in C++ files and their headers" '#include <systemc' sim/*/*.c
refuse "rtl/ includes nothing from C" '#include|import' rtl/*.sv
refuse "tests and tools are included by nothing" '#include "(\.\./)?(tests|tools)/' models/*/*.[ch] sim/*/*.[ch] sim/*/*.cpp
[ $fail -eq 0 ] && echo "includes follow the rooms"
exit $fail
