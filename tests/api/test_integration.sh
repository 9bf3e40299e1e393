#!/usr/bin/env bash
# A stranger's hour: installs into a prefix, takes program texts (```LANGUAGE NAME) and commands (```sh) out of the installed
# integration.md and runs them in order, in an empty folder.   usage: test_integration.sh BUILD
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PREFIX=$work/prefix
unset IGQSIM_SHARE
cmake --install "$1" --prefix "$PREFIX" >/dev/null
page=$PREFIX/share/doc/igqsim/integration.md
mkdir "$work/stranger"
cd "$work/stranger"
awk '/^```/ { if (inside) inside = 0; else { inside = 1; file = $2 } next } inside && file != "" { print > file }' "$page"
{
  echo 'set -euxo pipefail'
  awk '/^```/ { commands = $0 == "```sh"; next } commands' "$page"
} >commands
[ "$(wc -l <commands)" -gt 5 ]
bash commands >output 2>&1 || { cat output; exit 1; }
