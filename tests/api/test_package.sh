#!/usr/bin/env bash
# The Debian package can be made, says what it depends on, and works from where it is unpacked.   usage: test_package.sh BUILD
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cpack --config "$1/CPackConfig.cmake" -G DEB -B "$work" >"$work/log" || { cat "$work/log"; exit 1; }
package=("$work"/*.deb)
depends=$(dpkg-deb -f "${package[0]}" Depends)
for library in libsystemc libjansson4 libyaml; do
  [[ $depends == *$library* ]] || { echo "does not depend on $library: $depends"; exit 1; }
done
dpkg-deb -x "${package[0]}" "$work/root"
"$work/root/usr/bin/igqsim" run -a igq_temporal -w deit_tiny >/dev/null
IGQSIM_LIBRARY=$work/root/usr/lib/libigqsim.so.1 PYTHONPATH=$work/root/usr/lib/python3/dist-packages \
  python3 -c 'import igqsim; assert igqsim.describe(accelerator="igq_temporal")["name"] == "igq_temporal"'
