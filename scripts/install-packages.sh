#!/bin/sh
# Installs exactly what package-lock.json says, once per change of that file. Says nothing when there is nothing to do.
set -eu

cd -- "$(dirname -- "$0")/.."
root=$(pwd)
stamp=node_modules/.installed-from

fail() {
  printf 'install: %s\n' "$1" >&2
  exit 1
}

is_installed() {
  cmp -s package-lock.json "$stamp"
}

is_installed && exit 0
command -v npm >/dev/null 2>&1 ||
  fail "no npm to fetch the packages with: run 'apt install npm', or install Node 24 from https://nodejs.org"
mkdir -p .toolchain || fail "cannot write in $root: run make as the owner of this folder"
if command -v flock >/dev/null 2>&1; then
  exec 9>>.toolchain/lock
  flock 9
  is_installed && exit 0
fi

# Some hosts' npm only runs on the Node it came with.
npm --version >/dev/null 2>&1 || PATH=${PATH#"$root/.toolchain/bin:"}

printf 'install: fetching the packages of package-lock.json\n'
log=.toolchain/npm.log
# Development packages also where NODE_ENV=production is set; no install scripts: none of ours needs one.
set -- --include=dev --include=optional --ignore-scripts --no-audit --no-fund
install_locked() {
  npm ci "$@" >"$log" 2>&1 </dev/null 9>&- && return
  # A lock file made with a mirror of the registry may lack the optional packages of other systems, and `npm ci` wants
  # all of them. This takes the same versions and checksums from the file, and leaves it as it is.
  grep -q 'Missing: .* from lock file' "$log" || return
  rm -rf node_modules
  npm install --no-save "$@" >"$log" 2>&1 </dev/null 9>&-
}
install_locked "$@" || {
  cat "$log" >&2
  fail "npm could not install the packages: see above; check the network and 'npm config get registry'"
}
cp package-lock.json "$stamp.$$"
mv -f "$stamp.$$" "$stamp"
