#!/bin/sh
# Installs exactly what package-lock.json says, once per change of that file. Says nothing when there is nothing to do.
set -eu

. "$(dirname -- "$0")/npm.sh"
stamp=node_modules/.installed-from

is_installed() {
  cmp -s package-lock.json "$stamp"
}

is_installed && exit 0
need_npm 'the packages'
need_write
if command -v flock >/dev/null 2>&1; then
  exec 9>>.toolchain/lock
  flock 9
  is_installed && exit 0
fi

printf 'install: fetching the packages of package-lock.json from %s\n' "$(npm config get registry)"
# Development packages also where NODE_ENV=production is set; no install scripts: none of ours needs one.
run_npm .toolchain/npm.log ci --include=dev --include=optional --ignore-scripts --no-audit --no-fund
cp package-lock.json "$stamp.$$"
mv -f "$stamp.$$" "$stamp"
if [ -n "$own_cache" ]; then rm -rf "$own_cache"; fi
