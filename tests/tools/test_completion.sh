#!/usr/bin/env bash
# Completion of igqsim in bash offers what the commands really take.   usage: test_completion.sh IGQSIM
set -euo pipefail
igqsim=$1
complete() { :; } # not an interactive shell
# shellcheck source=tools/completion/igqsim.bash
source tools/completion/igqsim.bash
fail=0

expect() { # expected words, command line after igqsim...
  local expected=$1
  shift
  COMP_WORDS=("$igqsim" "$@")
  COMP_CWORD=$#
  _igqsim || true # no completions
  [ "${COMPREPLY[*]}" = "$expected" ] || {
    echo "igqsim $*: expected '$expected', got '${COMPREPLY[*]}'"
    fail=1
  }
}

expect calibrate ca
expect "--help" --h
expect --assign run --as
expect "model rtl" run --assign ""
expect extreme calibrate --bounds e
expect "" run -a conf # a file: left to the shell
expect "" no_such_command --
every=$("$igqsim" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | paste -sd' ')
[ "$(wc -w <<<"$every")" -ge 6 ] || { echo "found only these commands: $every"; fail=1; }
expect "$every --help --version" ""
exit $fail
