"""SOAP 1.2 as devices speak it: a request taken apart, the sign-in judged, answers and faults written."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from watchfloor_sim.digest import Credentials

ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
NAMES: Mapping[str, str] = {
    "s": ENVELOPE,
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tr2": "http://www.onvif.org/ver20/media/wsdl",
    "tptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "tan": "http://www.onvif.org/ver20/analytics/wsdl",
    "tev": "http://www.onvif.org/ver10/events/wsdl",
    "tse": "http://www.onvif.org/ver10/search/wsdl",
    "trp": "http://www.onvif.org/ver10/replay/wsdl",
    "tt": "http://www.onvif.org/ver10/schema",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "wsa5": "http://www.w3.org/2005/08/addressing",
    "ter": "http://www.onvif.org/ver10/error",
    "tns1": "http://www.onvif.org/ver10/topics",
}
OLDEST = timedelta(minutes=5)


class Malformed(Exception):
    """What was sent is no SOAP request."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the operation's namespace and name, its body, and who signed it."""

    namespace: str
    operation: str
    body: ElementTree.Element
    security: ElementTree.Element | None

    def text(self, name: str) -> str:
        """The text of the first element of this local name below the operation; empty when there is none."""
        for element in self.body.iter():
            if element.tag.rpartition("}")[2] == name:
                return (element.text or "").strip()
        return ""

    def attributes(self, name: str) -> Mapping[str, str]:
        """The attributes of the first element of this local name."""
        for element in self.body.iter():
            if element.tag.rpartition("}")[2] == name:
                return element.attrib
        return {}


def read(content: bytes) -> Request:
    """A request taken apart. Raises Malformed."""
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise Malformed(str(error)) from error
    body = root.find(f"{{{ENVELOPE}}}Body")
    if body is None or len(body) == 0:
        raise Malformed("no body")
    namespace, _, operation = body[0].tag.lstrip("{").rpartition("}")
    return Request(namespace, operation, body[0], root.find(f"{{{ENVELOPE}}}Header/{{{WSSE}}}Security"))


def signed_by(request: Request, credentials: Credentials | None, now: datetime, used: set[str]) -> bool:
    """Whether the request carries a WS-UsernameToken digest of these credentials, fresh and never seen before."""
    token = request.security.find(f"{{{WSSE}}}UsernameToken") if request.security is not None else None
    if token is None or credentials is None:
        return False
    said = {child.tag.rpartition("}")[2]: child.text or "" for child in token}
    try:
        nonce = base64.b64decode(said.get("Nonce", ""), validate=True)
        created = datetime.fromisoformat(said.get("Created", ""))
    except ValueError:
        return False
    if created.tzinfo is None or abs(now - created) > OLDEST or said["Nonce"] in used:
        return False
    right = hashlib.sha1(nonce + said["Created"].encode() + credentials.password.encode()).digest()  # noqa: S324  # the profile's
    told = said.get("Password", "").encode()
    if said.get("Username") != credentials.username or not hmac.compare_digest(told, base64.b64encode(right)):
        return False
    used.add(said["Nonce"])
    return True


def answer(body: str) -> bytes:
    """An envelope around a body of ours."""
    names = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMES.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {names}><s:Body>{body}</s:Body></s:Envelope>'.encode()


def fault(reason: str, *, code: str = "s:Sender", subcode: str = "ter:NotAuthorized") -> bytes:
    """A SOAP fault, in a device's words."""
    return answer(
        f"<s:Fault><s:Code><s:Value>{code}</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{escape(reason)}</s:Text></s:Reason></s:Fault>'
    )


def moment(at: datetime) -> str:
    """As devices write a time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
