"""A Chromium that draws the scenes in software, driven frame by frame; it needs no network and reads no clock."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, Route, sync_playwright

HERE = Path(__file__).resolve().parent
ORIGIN = "http://clips.invalid"
THREE = HERE / "node_modules" / "three" / "build"
_KINDS = {".js": "text/javascript", ".html": "text/html"}
_PAGE = f"""<!doctype html><script type="importmap">{{"imports": {{"three": "{ORIGIN}/three/three.module.js"}}}}</script>
<script type="module" src="{ORIGIN}/main.js"></script>"""
# Mesa's llvmpipe by way of ANGLE: five times as fast as the renderer that Chromium brings along.
_FLAGS = ("--use-gl=angle", "--use-angle=gl-egl", "--ignore-gpu-blocklist")

Picture = NDArray[np.uint8]


def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN)
    if path == "/":
        route.fulfill(body=_PAGE, content_type="text/html")
        return
    file = THREE / path.removeprefix("/three/") if path.startswith("/three/") else HERE / "page" / path[1:]
    if file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=_KINDS[file.suffix])
    else:
        route.fulfill(status=404)


@contextmanager
def page() -> Iterator[Page]:
    """The page with every module loaded."""
    if not THREE.is_dir():
        raise FileNotFoundError("three is not installed: see tools/clips/README.md")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(_FLAGS))
        try:
            made = browser.new_page()
            made.set_default_timeout(0)
            made.on("console", lambda said: print(f"page: {said.text}") if said.type != "log" else None)
            made.on("pageerror", lambda error: print(f"page: {error}"))
            made.route("**/*", _serve)
            made.goto(f"{ORIGIN}/")
            made.wait_for_function("window.show !== undefined", timeout=30_000)
            yield made
        finally:
            browser.close()


def frame(
    opened: Page, size: tuple[int, int], number: int, frames: int
) -> tuple[Picture, list[dict[str, Any]]]:
    """One frame as RGB, and what it truly shows."""
    shown = opened.evaluate("([number, frames]) => show(number, frames)", [number, frames])
    width, height = size
    pixels = np.frombuffer(base64.b64decode(shown["pixels"]), np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(pixels[::-1, :, :3]), shown["truth"]
