"""The built console, and one page for every address of it. It serves files and nothing else."""

from __future__ import annotations

import asyncio
import gzip
from functools import lru_cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

CONSOLE: Final = Path(__file__).parent / "console"
_MISSING: Final = (
    "<!doctype html><title>watchfloor</title><h1>The console is not built</h1>"
    "<p>The center runs; its pages are missing from this installation. Run <code>make setup</code> in a source tree.</p>"
)
_TYPES: Final = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
}
_PACKED: Final = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest"}


async def page(request: Request) -> Response:
    """A file of the console; any other address is the console's own and gets its page."""
    asked = str(request.path_params.get("path", ""))
    file = (CONSOLE / asked).resolve() if asked else CONSOLE
    if asked and file.is_file() and file.is_relative_to(CONSOLE.resolve()):
        forever = "/assets/" in f"/{asked}"
        return await _sent(request, file, "public, max-age=31536000, immutable" if forever else "no-cache")
    index = CONSOLE / "index.html"
    if not index.is_file():
        return HTMLResponse(_MISSING, 503)
    if "." in asked.rsplit("/", 1)[-1]:
        return Response("There is no such file.", 404, media_type="text/plain")
    return await _sent(request, index, "no-cache")


async def _sent(request: Request, file: Path, keep: str) -> Response:
    """The file, packed where that helps: an officer's phone is on a slow line. It holds no secret that its length could tell."""
    headers = {"Cache-Control": keep}
    answer = FileResponse(file, headers=headers, media_type=_TYPES.get(file.suffix))
    if file.suffix not in _PACKED:
        return answer
    headers["Vary"] = answer.headers["Vary"] = "Accept-Encoding"
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return answer
    packed = await asyncio.to_thread(lambda: _packed(file, file.stat().st_mtime_ns))
    return Response(packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=answer.media_type)


@lru_cache(maxsize=256)
def _packed(file: Path, _changed_ns: int) -> bytes:
    return gzip.compress(file.read_bytes(), 9, mtime=0)
