#!/usr/bin/env bash
# Installs what a fresh Debian machine lacks. Usage: scripts/deps.sh build|test|screens
# Says what it installs; needs no root when nothing is missing.
set -euo pipefail
want=${1:-build}

for tool in go gcc; do
  command -v "$tool" >/dev/null || { echo "deps: $tool is missing. Install Go 1.26 (https://go.dev/dl) and a C compiler (apt-get install gcc), then try again." >&2; exit 1; }
done

# program or file -> Debian package
need=()
has() { command -v "$1" >/dev/null || need+=("$2"); }
has pkg-config pkg-config
if command -v pkg-config >/dev/null; then pkg-config --exists opus || need+=(libopus-dev); else need+=(libopus-dev); fi
if [ "$want" = screens ]; then
  has chromium chromium
  ls /usr/share/fonts/truetype/wqy/*.ttc >/dev/null 2>&1 || need+=(fonts-wqy-microhei) # pages in Chinese need letters
fi
if [ "$want" = test ]; then
  has sipp sip-tester
  has baresip baresip-core
  has ffmpeg ffmpeg
  has sox sox
  has socat socat
  has openssl openssl
  has chromium chromium
  has python3 python3
  /usr/bin/python3 -c 'import numpy' 2>/dev/null || need+=(python3-numpy)
fi
[ ${#need[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || { echo "deps: please install: ${need[*]} (no apt-get here)" >&2; exit 1; }
echo "deps: installing with apt-get: ${need[*]}"
as=()
[ "$(id -u)" = 0 ] || as=(sudo)
"${as[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
