"""The built console, and one page for every address of it. It serves files and nothing else."""

from __future__ import annotations

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


async def page(request: Request) -> Response:
    """A file of the console; any other address is the console's own and gets its page."""
    asked = str(request.path_params.get("path", ""))
    file = (CONSOLE / asked).resolve() if asked else CONSOLE
    if asked and file.is_file() and file.is_relative_to(CONSOLE.resolve()):
        forever = "/assets/" in f"/{asked}"
        headers = {"Cache-Control": "public, max-age=31536000, immutable" if forever else "no-cache"}
        return FileResponse(file, headers=headers, media_type=_TYPES.get(file.suffix))
    index = CONSOLE / "index.html"
    if not index.is_file():
        return HTMLResponse(_MISSING, 503)
    if "." in asked.rsplit("/", 1)[-1]:
        return Response("There is no such file.", 404, media_type="text/plain")
    return FileResponse(index, headers={"Cache-Control": "no-cache"})
