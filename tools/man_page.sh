#!/usr/bin/env bash
# Writes the man page from the texts that --help prints.   usage: tools/man_page.sh IGQSIM PAGE
set -euo pipefail
igqsim=$1
exec >"$2"

verbatim() { # help text as it stands: backslashes and leading dots and quotes mean something to roff
  echo .nf
  sed -e 's/\\/\\e/g' -e "s/^[.']/\\\\\&&/" -e 's/-/\\-/g' -e "s/'/\\\\(aq/g" -e 's/`/\\(ga/g'
  echo .fi
}

version=$("$igqsim" --version)
echo ".TH IGQSIM 1 \"\" \"$version\" \"User Commands\""
cat <<'END'
.SH NAME
igqsim \- simulate what group quantization of vision transformers costs in hardware
.SH SYNOPSIS
.B igqsim
.I COMMAND
.RI [ options ]
.SH DESCRIPTION
END
"$igqsim" --help | sed '1,/^Commands:/d' | verbatim
"$igqsim" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | while read -r command; do
  echo ".SH IGQSIM ${command^^}"
  "$igqsim" "$command" --help | verbatim
done
cat <<'END'
.SH FILES
Machines, networks, technologies, calibrations and sweeps are YAML files; docs/formats.md of the source tree explains
every key, and
.B igqsim describe
prints those of a machine.
END
