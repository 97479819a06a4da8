"""The ledger as a process of its own: `python process.py DATA NAME` runs it until SIGTERM, for tests that kill it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from watchfloor.engines.endpoints import Endpoints
from watchfloor.kit.running import until_told
from watchfloor.ledger.run import run
from watchfloor.settings import load


def main(data: Path) -> None:
    asyncio.run(until_told(lambda stop: run(load(data, {}), Endpoints.read(data), stop)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
