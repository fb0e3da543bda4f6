#!/bin/sh
# Makes sure that there is a Node that can run this project: the host's if it is new enough, else the pinned one,
# taken from the npm registry into .toolchain/bin/node. Says nothing when there is nothing to do.
set -eu

pinned=24.21.0
sha512_linux_x64=de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced
sha512_linux_arm64=1692513c4cf63afbd32df8c83a5346158f492cf30a825e66f9de2819804b836e242759a6bcdd5997f1cf2601781c3689e752127afd65d5c459fc333e91e5d6e6

. "$(dirname -- "$0")/npm.sh"

# Type stripping without a warning came with 24.12.
is_recent() {
  version=${1#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  case "$major/$minor" in *[!0-9/]* | /* | */) return 1 ;; esac
  [ "$major" -gt 24 ] || { [ "$major" -eq 24 ] && [ "$minor" -ge 12 ]; }
}

has_pinned() {
  [ -x .toolchain/bin/node ] && [ "$(.toolchain/bin/node --version 2>&1)" = "v$pinned" ]
}

# With a wrong option no Node starts, neither the host's nor the pinned one.
if [ -n "${NODE_OPTIONS-}" ] && command -v node >/dev/null 2>&1; then
  node --version >/dev/null 2>&1 || ! NODE_OPTIONS='' node --version >/dev/null 2>&1 ||
    fail "NODE_OPTIONS='$NODE_OPTIONS' keeps Node from starting ($(node --version 2>&1)): unset it"
fi
has_pinned && exit 0
host=$(node --version 2>/dev/null || true)
if is_recent "$host"; then
  rm -f .toolchain/bin/node
  exit 0
fi

case "$(uname -s) $(uname -m)" in
  'Linux x86_64') platform=linux-x64 sha512=$sha512_linux_x64 ;;
  'Linux aarch64') platform=linux-arm64 sha512=$sha512_linux_arm64 ;;
  *) fail "found Node ${host:-nowhere}, need 24.12 or later; there is no pinned one for $(uname -sm): install Node from https://nodejs.org" ;;
esac
need_npm "Node 24.12 or later (found ${host:-none})"
need_write
mkdir -p .toolchain/bin
if command -v flock >/dev/null 2>&1; then
  exec 9>>.toolchain/lock
  flock 9
  has_pinned && exit 0
fi

work=.toolchain/node.$$
trap 'rm -rf "$root/$work"' EXIT
mkdir "$work"
printf 'install: the host has Node %s; fetching Node %s (50 MB) from %s\n' "${host:-nowhere}" "$pinned" "$registry"
run_npm .toolchain/npm.log pack "node-$platform@$pinned" --pack-destination="$work"
archive=$work/node-$platform-$pinned.tgz
[ "$(sha512sum "$archive" | cut -d ' ' -f 1)" = "$sha512" ] ||
  fail "the archive of node-$platform@$pinned is not the one expected (its checksum differs): refusing to run it"
tar -xzf "$archive" -C "$work" --no-same-owner package/bin/node package/LICENSE
found=$("$work/package/bin/node" --version 2>&1) ||
  fail "Node $pinned does not run here: $found. It needs glibc 2.28 and libstdc++6: run 'apt install libstdc++6', or install Node 24 another way"
mv -f "$work/package/LICENSE" .toolchain/LICENSE-node
# A rename, so that another make never sees half a file.
mv -f "$work/package/bin/node" .toolchain/bin/node
