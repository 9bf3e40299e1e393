#!/usr/bin/env bash
# Installs the Debian 12 packages that igqsim needs, if any is missing: as root or through sudo; elsewhere it names them
# and stops. Then fetches the plotting library of the pages from npm.   usage: tools/packages.sh run|check
set -euo pipefail

packages=(build-essential cmake ninja-build pkg-config ca-certificates
  libsystemc-dev verilator check libyaml-dev libjansson-dev
  libpng-dev libturbojpeg0-dev libstb-dev nettle-dev libglpk-dev zlib1g-dev libsqlite3-dev libmuparser-dev perl
  libonnx-dev libprotobuf-c-dev protobuf-c-compiler)
[ "${1:-run}" = check ] && packages+=(ccache clang libclang-rt-14-dev clang-format yosys z3 berkeley-abc iverilog gcovr lcov python3-numpy python3-jsonschema python3-yaml chromium fonts-dejavu-core slurmctld slurmd slurm-client)
command -v npm >/dev/null || packages+=(npm) # Debian's brings nodejs; other makes of node bring their own npm

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null)" = "ii " ] || missing+=("$package")
done
fetch_pages() { "$(dirname "$0")/html/install.sh" "${1:-run}"; }
[ ${#missing[@]} -eq 0 ] && { fetch_pages "${1:-run}"; exit; }

if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo)
else
  echo "igqsim needs these Debian packages, and this user cannot install them:" >&2
  echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fetch_pages "${1:-run}"
