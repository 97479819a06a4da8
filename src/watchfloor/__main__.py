"""`python -m watchfloor`: the same as the command `watchfloor`."""

from __future__ import annotations

from watchfloor.cli import main

if __name__ == "__main__":
    main()
