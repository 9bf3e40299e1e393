#!/usr/bin/env bash
# The man page holds every line that --help prints, for every command.   usage: test_man_page.sh IGQSIM
set -euo pipefail
igqsim=$1
page=$(mktemp)
trap 'rm -f "$page"' EXIT
tools/man_page.sh "$igqsim" "$page"
# What roff shows: the escapes that man_page.sh writes, undone.
shown=$(sed -e 's/^\\&//' -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" -e 's/\\(ga/`/g' -e 's/\\e/\\/g' "$page")
fail=0 lines=0
for command in $("$igqsim" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
  help=$("$igqsim" "$command" --help)
  lines=$((lines + $(wc -l <<<"$help")))
  if grep -vxFf <(echo "$shown") <<<"$help"; then echo "^ not on the page: igqsim $command"; fail=1; fi
done
[ $lines -ge 100 ] || { echo "read only $lines lines of help"; fail=1; }
if grep -nE "^['.]" "$page" | grep -vE ":\.(TH|SH|B|I|RI|nf|fi)( |$)"; then echo "^ lines that roff would take for requests"; fail=1; fi
exit $fail
