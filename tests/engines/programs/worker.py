"""A process of a center, as small as one can be: says it is ready, ends when asked. `stubborn` does not end."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path


def main() -> None:
    name, _, data = sys.argv[1:4]
    if name == "broken":
        sys.exit("this program always fails")
    ended = signal.SIG_IGN if name == "stubborn" else signal.default_int_handler
    signal.signal(signal.SIGTERM, ended)
    endpoints = json.loads((Path(data) / "endpoints.json").read_text())
    (Path(endpoints["runtime"]) / f"{name}.ready").touch()
    sys.stderr.write(f"{name} works\n")
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        sys.stderr.write(f"{name} finished what it held\n")


if __name__ == "__main__":
    main()
