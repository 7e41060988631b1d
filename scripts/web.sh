#!/usr/bin/env bash
# Builds the browser application into web/dist when its sources are newer, or (check) checks and tests its code.
# Without Node.js 20 or later the program is built without pages, and says so: the API and the phones work all the same.
set -euo pipefail
cd "$(dirname "$0")/../web"

node=$(node -p 'const [a, b] = process.versions.node.split(".").map(Number); a > 20 || (a === 20 && b >= 19) ? "ok" : "old"' 2>/dev/null || echo none)
if [ "$node" != ok ] || ! command -v npm >/dev/null; then
  echo "web: Node.js 20.19 or later with npm is missing ($node): building without pages. Install it and run make build again." >&2
  exit 0
fi

stamp() { cat package-lock.json "$@" | sha256sum | cut -c1-32; }

# node_modules follows package-lock.json.
if [ "$(cat node_modules/.hotline-stamp 2>/dev/null)" != "$(stamp)" ]; then
  echo "web: npm ci"
  npm ci --no-fund --no-audit --loglevel=error
  stamp >node_modules/.hotline-stamp
fi

case ${1:-build} in
build)
  mapfile -t sources < <(find src public index.html vite.config.ts vite.button.config.ts vite.licences.mjs licences/rnnoise.txt licences/mit.txt tsconfig.json -type f | LC_ALL=C sort)
  want=$(stamp "${sources[@]}")
  [ "$(cat dist/.stamp 2>/dev/null)" != "$want" ] || [ ! -f dist/index.html ] || exit 0
  echo "web: vite build"
  npx tsc --noEmit
  npx vite build --logLevel warn
  npx vite build --logLevel warn -c vite.button.config.ts
  touch dist/.gitkeep
  echo "$want" >dist/.stamp
  ;;
check)
  NO_COLOR=1 npx biome ci --log-level=error src
  NO_COLOR=1 npx vitest run --reporter=default
  npx openapi-typescript ../docs/protocols/openapi.json -o node_modules/.schema.d.ts >/dev/null 2>&1
  cmp -s node_modules/.schema.d.ts src/api/schema.d.ts || { echo "web: src/api/schema.d.ts is not of docs/protocols/openapi.json: run make openapi" >&2; exit 1; }
  ;;
esac
