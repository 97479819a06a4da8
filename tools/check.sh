#!/usr/bin/env bash
# Everything that judges the code without running the center. Runs every judge, then says which were not content.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=()

judge() { # name, command...
  local name=$1 began=$SECONDS
  shift
  if "$@" </dev/null; then
    printf 'check: %-14s ok  %3d s\n' "$name" $((SECONDS - began))
  else
    printf 'check: %-14s NOT OK\n' "$name"
    failed+=("$name")
  fi
}

judge format "$bin/ruff" format --check --quiet
judge lint "$bin/ruff" check --quiet
judge types "$bin/mypy" --no-error-summary
judge imports "$bin/lint-imports" --no-logo
judge architecture "$bin/python" -m pytest -q tests/architecture
if [ -f console/package.json ]; then
  judge console "$bin/python" tools/console_build.py run check
fi

if [ ${#failed[@]} -gt 0 ]; then
  echo "check: not content: ${failed[*]}" >&2
  exit 1
fi
echo 'check: all well'
