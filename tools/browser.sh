#!/usr/bin/env bash
# Makes sure of a Chromium for the browser tests, from the system's packages; never downloads a browser of its own.
set -euo pipefail
may_install() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

if command -v chromium-headless-shell >/dev/null; then
  exit 0
fi
if command -v chromium chromium-browser google-chrome >/dev/null; then
  # It does; a machine of nobody's own may have the one that costs a test less, where it is to be had at once.
  if [ "${CI:-}" = true ] && may_install; then
    DEBIAN_FRONTEND=noninteractive timeout 90 \
      apt-get install -y -qq --no-install-recommends chromium-headless-shell </dev/null >/dev/null 2>&1 || true
  fi
  exit 0
fi
if may_install; then
  echo 'setup: Chromium, from the system packages'
  log=$(mktemp)
  if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } \
    </dev/null >"$log" 2>&1; then
    rm -f "$log"
    exit 0
  fi
  tail -n 5 "$log" >&2
  rm -f "$log"
fi
cat >&2 <<'SAY'
******************************************************************************
  No Chromium here, and it cannot be installed by this user.
  THE BROWSER TESTS WILL BE SKIPPED; IN CI THEY FAIL. To run them: install
  your system's "chromium" package as root, then run make again.
******************************************************************************
SAY
