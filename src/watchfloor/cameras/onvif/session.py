"""A talk with one device: its services found, each question with its own guard. On zeep and the WSDL of onvif-zeep-async.

It runs on a loop of its own in a worker thread (`work.py`), because building and reading SOAP is CPU. Of the library's own client
nothing is used: that follows redirects and whatever address a device names, and takes answers of any size.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import zeep
from lxml import etree
from zeep.helpers import serialize_object
from zeep.proxy import AsyncServiceProxy
from zeep.settings import Settings
from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.wsse.username import UsernameToken

from watchfloor.cameras.onvif.http import Wire, login_refused
from watchfloor.cameras.onvif.model import (
    ANALYTICS,
    DEVICE,
    EVENTS,
    MEDIA,
    MEDIA2,
    ODD,
    PTZ,
    REPLAY,
    SEARCH,
    DeviceAddress,
    at,
    only,
    service_at,
)
from watchfloor.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from watchfloor.cameras.address import Login
    from watchfloor.cameras.onvif.model import Reach
    from watchfloor.kit.clock import Clock

_FILES: Final = {
    DEVICE: ("devicemgmt.wsdl", "DeviceBinding"),
    MEDIA: ("media.wsdl", "MediaBinding"),
    PTZ: ("ptz.wsdl", "PTZBinding"),
    ANALYTICS: ("analytics.wsdl", "AnalyticsEngineBinding"),
    EVENTS: ("events.wsdl", "EventBinding"),
    SEARCH: ("search.wsdl", "SearchBinding"),
    REPLAY: ("replay.wsdl", "ReplayBinding"),
}
# What GetCapabilities calls the services.
_OLD_NAMES: Final = {"Media": MEDIA, "PTZ": PTZ, "Analytics": ANALYTICS, "Events": EVENTS}
_SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
_MOST_SERVICES: Final = 40
_SETTINGS: Final = Settings(
    strict=False, xml_huge_tree=False, forbid_dtd=True, forbid_entities=True, forbid_external=True
)
_ONE_AT_A_TIME: Final = threading.Lock()
_DOCUMENTS: dict[str, Document] = {}
# What a device's odd answer can make of a library that expects the standard.
_ODD: Final = (zeep.exceptions.Error, *ODD)


class _OnlyFiles(Transport):
    """Loads the WSDL that the package brings, and nothing from any network."""

    def load(self, url: str) -> bytes:
        return (_wsdl() / Path(url).resolve().relative_to(_wsdl())).read_bytes()


def _wsdl() -> Path:
    # Looked up, not imported: importing the package sets up logging and takes settings out of the environment.
    spec = find_spec("onvif")
    if spec is None or spec.origin is None:
        raise AssertionError("onvif-zeep-async is a dependency of ours")
    return (Path(spec.origin).parent / "wsdl").resolve()


def _document(namespace: str) -> Document:
    """The parsed description of a service: half a second of CPU for all of them, once in a process."""
    with _ONE_AT_A_TIME:
        if not _DOCUMENTS:
            _DOCUMENTS.update(_built())
        return _DOCUMENTS[namespace]


def _built() -> dict[str, Document]:
    # These are a hundred thousand objects that stay. Collected like others they hold up every thread of the process for a
    # tenth of a second, now and at each full collection: so they are made without one, and set aside.
    collecting = gc.isenabled()
    gc.disable()
    try:
        files = {namespace: str(_wsdl() / file) for namespace, (file, _) in _FILES.items()}
        made = {
            namespace: Document(file, _OnlyFiles(), settings=_SETTINGS)  # type: ignore[arg-type,no-untyped-call]  # as zeep itself
            for namespace, file in files.items()
        }
        gc.freeze()
    finally:
        if collecting:
            gc.enable()
    return made


class _Token(UsernameToken):
    """WS-UsernameToken with a digest, dated by the device's clock: it refuses what is old."""

    def __init__(self, login: Login, clock: Clock) -> None:
        super().__init__(login.user, login.password, use_digest=True, zulu_timestamp=True)  # type: ignore[no-untyped-call]  # zeep has half its types
        self.clock_off = timedelta()
        self._clock = clock

    def apply(self, envelope: object, headers: object) -> object:
        self.created = self._clock.now() + self.clock_off
        return super().apply(envelope, headers)  # type: ignore[no-untyped-call]  # zeep has half its types


class Session:
    """A talk with one device. `remarks` grows with what it said that we do not follow."""

    def __init__(self, device: DeviceAddress, wire: Wire, token: _Token | None) -> None:
        self.device = device
        self.remarks: list[str] = []
        self._wire = wire
        self._token = token
        self._services: dict[str, DeviceAddress] = {DEVICE: device}

    def has(self, namespace: str) -> bool:
        """Whether the device named this service."""
        return namespace in self._services

    def prepare(self) -> None:
        """Read the descriptions of the services, which the first talk of a process waits for: a moment that is measured must not."""
        _document(DEVICE)

    def clock_is_off(self, off: timedelta) -> None:
        """Sign by the device's clock from now on."""
        if self._token is not None:
            self._token.clock_off = off

    async def find_services(self) -> None:
        """Learn where the services are: by GetServices, of old devices by GetCapabilities. Raises Invalid."""
        try:
            found = await self.ask(DEVICE, "GetServices", {"IncludeCapability": False}, signed=False)
        except Invalid as error:
            if error.reason != "device_refuses":
                raise
            capabilities = await self.ask(DEVICE, "GetCapabilities", {"Category": "All"}, signed=False)
            named = {ns: at(capabilities, name, "XAddr") for name, ns in _OLD_NAMES.items()}
        else:
            each = only(found, _MOST_SERVICES)
            named = {str(at(one, "Namespace")): at(one, "XAddr") for one in each}
        for namespace, said in named.items():
            if namespace in (*_FILES, MEDIA2) and namespace != DEVICE and said is not None:
                try:
                    self._services[namespace], remark = service_at(self.device, said)
                except Invalid:
                    remark = "It names a service at an address that is none."
                self.remark(remark)

    def remark(self, sentence: str | None) -> None:
        """Keep a sentence once."""
        if sentence is not None and sentence not in self.remarks:
            self.remarks.append(sentence)

    async def ask(
        self, namespace: str, operation: str, said: Mapping[str, object] | None = None, *, signed: bool = True
    ) -> object:
        """The answer to one question, as plain dicts, lists and values. Raises Invalid, whatever the device does."""
        address = self._services.get(namespace)
        if address is None:
            raise Invalid("The device does not offer that.", reason="not_offered")
        document = _document(namespace)
        binding = document.bindings[f"{{{namespace}}}{_FILES[namespace][1]}"]
        wsse = self._token if signed else None
        client = zeep.AsyncClient(document, wsse=wsse, transport=self._wire, settings=_SETTINGS)
        proxy = AsyncServiceProxy(client, binding, address=str(address))
        try:
            return serialize_object(await proxy[operation](**(said or {})), dict)
        except zeep.exceptions.Fault as fault:
            raise _refusal(fault) from fault
        except _ODD as error:
            raise Invalid("What the device answers is no ONVIF.", reason="not_onvif") from error

    def address_of(self, namespace: str) -> DeviceAddress:
        """Where a service is. Raises Invalid where the device named none."""
        address = self._services.get(namespace)
        if address is None:
            raise Invalid("The device does not offer that.", reason="not_offered")
        return address

    async def say(self, address: DeviceAddress, action: str, body: etree._Element) -> etree._Element:
        """What is answered to a question that is written here, without a packaged description. Raises Invalid."""
        envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"s": _SOAP})
        etree.SubElement(envelope, f"{{{_SOAP}}}Header")
        etree.SubElement(envelope, f"{{{_SOAP}}}Body").append(body)
        if self._token is not None:
            self._token.apply(envelope, {})
        kind = f'application/soap+xml; charset=utf-8; action="{action}"'
        reply = await self._wire.post_xml(str(address), envelope, {"Content-Type": kind})
        return _answer(reply.content)

    async def may(self, namespace: str, operation: str, said: Mapping[str, object] | None = None) -> object:
        """The answer to a question that a device need not answer; None where it does not, or oddly."""
        try:
            return await self.ask(namespace, operation, said)
        except Invalid as error:
            if error.reason in ("login_refused", "no_answer", "address_refused"):
                raise
            return None


def _answer(content: bytes) -> etree._Element:
    """The first element of an answer's body. Raises Invalid."""
    # What came was judged by `well_formed` already: no document type, and not too large.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    found = etree.fromstring(content, parser).find(f"{{{_SOAP}}}Body") if content else None
    if found is None or len(found) == 0:
        raise Invalid("What the device answers is no ONVIF.", reason="not_onvif")
    if found[0].tag == f"{{{_SOAP}}}Fault":
        words = "".join(str(part) for part in found[0].itertext())
        if "notauthorized" in words.replace(" ", "").lower():
            raise login_refused()
        raise Invalid("The device says no to that.", reason="device_refuses")
    return found[0]


def _refusal(fault: zeep.exceptions.Fault) -> Invalid:
    words = " ".join(str(part) for part in (fault.message, fault.code, *(fault.subcodes or ())) if part)
    if "notauthorized" in words.replace(" ", "").lower():
        return login_refused()
    return Invalid("The device says no to that.", reason="device_refuses")


@asynccontextmanager
async def session(
    reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock
) -> AsyncIterator[Session]:
    """A talk: the device's clock learned first, because it judges our signature by it, then its services. Raises Invalid."""
    _document(DEVICE)  # the first in a process takes a while, which is no slowness of the device
    wire = Wire(reach, login, device.certificate)
    try:
        async with asyncio.timeout(reach.limits.whole_s):
            talk = Session(device, wire, _Token(login, clock) if login else None)
            yield talk
    except TimeoutError as error:
        raise Invalid("The device takes too long to answer.", reason="too_slow") from error
    finally:
        await wire.close()
