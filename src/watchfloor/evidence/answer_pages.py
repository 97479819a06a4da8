"""The public page of whoever is asked for evidence: read what is asked, say no, or send files. A page calls a use case, no more."""

from __future__ import annotations

import json
from datetime import tzinfo
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, JSONResponse, Response

from watchfloor.evidence import answer
from watchfloor.evidence.answer import Answering
from watchfloor.evidence.asked import ACCEPT, MOST_PARTS, PART, Asked, File
from watchfloor.evidence.asking import Asking, class_of
from watchfloor.governance.forms import inside, outside
from watchfloor.kit.errors import Invalid, TooLarge, WatchfloorError
from watchfloor.kit.route import Beside
from watchfloor.kit.said import moment
from watchfloor.owners import html
from watchfloor.owners.html import Html
from watchfloor.owners.pages import STATUS, fault, hidden_of, link_of, read_form, shown
from watchfloor.owners.sign_up import Known

_JS: Final = Path(__file__).parent / "answer.js"
_LARGEST_JSON: Final = 4096
_VOLUNTARY: Final = (
    "It is voluntary: to say no, or nothing, has no consequence for you. What you send is kept for this case alone, with the time at"
    " which it came and its hash, which you are shown as a receipt. Nobody learns who you are but those who work on it."
)


def routes(parts: Asking) -> APIRouter:
    """The page, and what it sends."""
    router = APIRouter(include_in_schema=False, route_class=Beside)
    _add_page(router, parts)
    _add_files(router, parts)
    return router


def _add_page(router: APIRouter, parts: Asking) -> None:
    @router.get("/evidence/answer.js")
    async def program() -> Response:
        """What sends files part by part."""
        return FileResponse(_JS, media_type="text/javascript", headers={"Cache-Control": "max-age=300"})

    @router.get("/evidence/answer")
    async def page(request: Request) -> Response:
        """What is asked, by whom, for what; that it is voluntary; no, or files."""
        try:
            agency, token = await link_of(parts.owners, dict(request.query_params))
            found, zone = await answer.shown(parts, Answering(agency.id, token))
        except WatchfloorError as error:
            return fault(error)
        return shown(_page(parts, agency, token, found, zone))

    @router.post("/evidence/answer")
    async def act(request: Request) -> Response:
        """No; or: that was everything."""
        try:
            typed = await read_form(request)
            agency, token = await link_of(parts.owners, typed)
            by = Answering(agency.id, token)
            if typed.get("act") == "decline":
                await answer.decline(parts, by)
                said = "You have said no. Nobody asks you again with this link, and nothing of it is kept against you."
            elif typed.get("act") == "done":
                await answer.finish(parts, by)
                said = "Thank you. What you sent is kept for this case; the receipts you saw are its proof."
            else:
                raise Invalid("That is none of the acts of this page.", reason="act")
        except WatchfloorError as error:
            return fault(error)
        return shown(html.page("Thank you", agency.name, html.note(said, level="good")))


def _add_files(router: APIRouter, parts: Asking) -> None:
    @router.post("/evidence/answer/seen")
    async def seen(request: Request) -> Response:
        """A person has it open: a mail program that looks at links does not run the page's program."""
        try:
            await answer.seen(parts, await _by(parts, request))
        except WatchfloorError as error:
            return _no(error)
        return Response(status_code=204)

    @router.post("/evidence/answer/files")
    async def begin(request: Request) -> Response:
        """A file is to come, or to be gone on with."""
        try:
            by = await _by(parts, request)
            said = await _json(request)
            name, size = said.get("name"), said.get("size")
            if not isinstance(name, str) or not isinstance(size, int) or isinstance(size, bool):
                raise Invalid("Say the name of the file, and its size.", reason="file")
            before = said.get("before")
            if before is not None and not isinstance(before, str):
                raise Invalid("Say which file was sent before the break.", reason="file")
            known = None if before is None else inside("received_file", before)
            return _file(await answer.begin(parts, by, name, size, known))
        except WatchfloorError as error:
            return _no(error)

    @router.put("/evidence/answer/files/{file_id}")
    async def part(request: Request, file_id: str) -> Response:
        """The next part of it."""
        try:
            by, offset = await _by(parts, request), request.query_params.get("offset", "")
            if not (offset.isascii() and offset.isdigit() and len(offset) < 16):
                raise Invalid("Say where this part begins.", reason="offset")
            file = inside("received_file", file_id)
            return _file(await answer.take(parts, by, file, int(offset), await _body(request)))
        except WatchfloorError as error:
            return _no(error)


async def _by(parts: Asking, request: Request) -> Answering:
    given = {"agency": request.headers.get("Wf-Agency", ""), "token": request.headers.get("Wf-Link", "")}
    agency, token = await link_of(parts.owners, given)
    return Answering(agency.id, token)


async def _body(request: Request, most: int = MOST_PARTS * PART) -> bytes:
    """All of it, or nothing: whoever breaks off sends this part again."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > most:
            raise TooLarge(f"At most {most // 1024} kB are taken at once.")
    said = request.headers.get("Content-Length", "")
    if said.isdigit() and int(said) != len(content):
        raise Invalid("This part did not come whole.", reason="part")
    return bytes(content)


async def _json(request: Request) -> dict[str, object]:
    try:
        said = json.loads(await _body(request, _LARGEST_JSON))
    except ValueError as error:
        raise Invalid("This cannot be read.", reason="json") from error
    if not isinstance(said, dict):
        raise Invalid("This cannot be read.", reason="json")
    return said


def _no(error: WatchfloorError) -> Response:
    said = {"reason": error.reason, "detail": error.detail, "next_step": error.next_step}
    return JSONResponse(said, STATUS.get(error.kind, 503), {"Cache-Control": "no-store"})


def _file(file: File) -> Response:
    said = {
        "id": outside("received_file", file.id),
        "taken": file.taken,
        "size": file.size,
        "sha256": file.sha256,
    }
    return JSONResponse(said, headers={"Cache-Control": "no-store"})


def _upload(parts: Asking, agency: Known, token: str, found: Asked) -> Html:
    sent = "".join(
        f"<li>{html.text(one.name)}: {html.text(f'received, SHA-256 {one.sha256}' if one.sha256 else 'not whole yet')}</li>"
        for one in found.files
    )
    hint = (
        f"mp4, mov, mkv, webm, avi, ts, jpg, png; at most {parts.most_bytes // 2**20} MB each. It goes on after a break when you choose the"
        " same file again."
    )
    without = html.p("Sending needs JavaScript. You can also answer the agency by telephone.")
    return Html(
        f'<div class="card" id="upload" data-agency="{outside("agency", agency.id)}" data-token="{html.text(token)}"'
        f' data-part="{MOST_PARTS * PART}">{html.h2("Send a recording")}<div class="field">'
        '<label for="files">Videos or pictures, as the camera saved them</label>'
        f'<p class="hint" id="files-hint">{html.text(hint)}</p>'
        f'<input id="files" type="file" multiple accept="{ACCEPT}" aria-describedby="files-hint"></div>'
        f'<ul id="sent" aria-live="polite">{sent}</ul><noscript>{without}</noscript></div>'
    )


def _page(parts: Asking, agency: Known, token: str, found: Asked, zone: tzinfo) -> Html:
    begin, end, until = moment(found.from_at, zone), moment(found.to_at, zone), moment(found.expires_at, zone)
    hidden = hidden_of(agency, token)
    done = html.form(
        "/evidence/answer",
        *hidden,
        html.button("I have sent everything", name="act", value="done", look="first"),
    )
    no = html.form(
        "/evidence/answer", *hidden, html.button("I would rather not", name="act", value="decline")
    )
    over = f"This link works until {until}, and no longer once you have said no or that you have sent everything."
    return html.page(
        "May we have a recording of yours?",
        agency.name,
        html.p(f"{agency.name} asks for your help. It is about: {class_of(found.purpose)}."),
        html.note(f"{found.place}, from {begin} to {end}"),
        html.p(found.words),
        html.p(_VOLUNTARY),
        _upload(parts, agency, token, found),
        done if found.received_at else Html(f'<div id="done" hidden>{done}</div>'),
        Html("") if found.received_at else no,
        html.p(over, look="soft"),
        Html('<script src="/evidence/answer.js" defer></script>'),
    )
