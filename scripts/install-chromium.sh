#!/bin/sh
# Installs the browser for the tests of the page if it is missing. Only root can, with apt.
set -eu

for name in chromium chromium-browser google-chrome; do
  if [ -x "/usr/bin/$name" ]; then exit 0; fi
done
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo 'no Chromium here, and only root can install it with apt-get; run: sudo apt-get install chromium' >&2
  exit 1
fi
apt-get install -y --no-install-recommends chromium
