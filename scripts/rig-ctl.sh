#!/bin/bash
# start | stop | pid | clean: one Hotline for load runs, on configs/samples/rig (all of it on 127.0.9.1).
# `start` prints the process id as its last line when calls are taken; it only ever touches the process it started.
#   BIN   the program               (bin/hotline)
#   DATA  its data, made and removed (/tmp/hotline-rig)
#   CONF  its hotline.yml           (configs/samples/rig/hotline.yml)
#   WRAP  a command before it, such as "nice -n -10"
set -euo pipefail
HERE=$(cd "$(dirname "$0")/.." && pwd)
BIN=${BIN:-$HERE/bin/hotline} DATA=${DATA:-/tmp/hotline-rig} CONF=${CONF:-$HERE/configs/samples/rig/hotline.yml}
PIDF=$DATA.pid
READY=${READY:-http://127.0.9.1:8080/readyz}

alive() { [ -s "$PIDF" ] && kill -0 "$(cat "$PIDF")" 2>/dev/null && [ "$(readlink "/proc/$(cat "$PIDF")/exe")" = "$(readlink -f "$BIN")" ]; }

case ${1:-} in
start)
  if alive; then cat "$PIDF"; exit 0; fi
  ulimit -n "$(ulimit -Hn)" || true
  mkdir -p "$DATA"
  # shellcheck disable=SC2086
  ${WRAP:-} setsid "$BIN" serve -c "$CONF" --data "$DATA" </dev/null >"$DATA.log" 2>&1 &
  echo $! >"$PIDF"
  for _ in $(seq 150); do
    if curl -fso /dev/null "$READY"; then cat "$PIDF"; exit 0; fi
    alive || break
    sleep 0.2
  done
  echo "hotline takes no calls, see $DATA.log" >&2
  exit 1;;
stop)
  if alive; then
    kill "$(cat "$PIDF")"
    for _ in $(seq 100); do alive || break; sleep 0.1; done
    if alive; then kill -KILL "$(cat "$PIDF")"; fi
  fi
  rm -f "$PIDF";;
pid) alive && cat "$PIDF";;
clean)
  if alive; then echo "stop it first" >&2; exit 1; fi
  rm -rf "$DATA";;
*) echo "usage: $0 start|stop|pid|clean" >&2; exit 2;;
esac
