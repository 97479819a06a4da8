"""Events of a simulated device: a pull point, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from xml.sax.saxutils import escape, quoteattr

from watchfloor_sim.onvif.device import Device
from watchfloor_sim.onvif.soap import Request, moment

CAPABILITIES = (
    "<tt:WSSubscriptionPolicySupport>true</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true</tt:WSPullPointSupport>"
    "<tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport>"
)
_FOR = timedelta(minutes=1)


def _subscribe(device: Device, request: Request, base: str) -> str:
    now = device.now()
    return (
        "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
        f"<wsa5:Address>{escape(base)}/events_service/pull</wsa5:Address></tev:SubscriptionReference>"
        f"<wsnt:CurrentTime>{moment(now)}</wsnt:CurrentTime><wsnt:TerminationTime>{moment(now + _FOR)}</wsnt:TerminationTime>"
        "</tev:CreatePullPointSubscriptionResponse>"
    )


def _pull(device: Device, request: Request, base: str) -> str:
    now = device.now()
    told, device.events = device.events, []
    each = "".join(
        "<wsnt:NotificationMessage><wsnt:Topic "
        'Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">'
        f"{escape(topic)}</wsnt:Topic><wsnt:Message>"
        f'<tt:Message UtcTime="{moment(now)}" PropertyOperation="Changed">{_source(*source)}<tt:Data>'
        f'<tt:SimpleItem Name="State" Value="{str(state).lower()}"/></tt:Data></tt:Message>'
        "</wsnt:Message></wsnt:NotificationMessage>"
        for topic, state, *source in told
    )
    return (
        f"<tev:PullMessagesResponse><tev:CurrentTime>{moment(now)}</tev:CurrentTime>"
        f"<tev:TerminationTime>{moment(now + _FOR)}</tev:TerminationTime>{each}</tev:PullMessagesResponse>"
    )


def _source(lens: str = "") -> str:
    item = f'<tt:SimpleItem Name="VideoSourceToken" Value={quoteattr(lens)}/>'
    return f"<tt:Source>{item}</tt:Source>" if lens else ""


def _renew(device: Device, request: Request, base: str) -> str:
    now = device.now()
    return (
        f"<wsnt:RenewResponse><wsnt:TerminationTime>{moment(now + _FOR)}</wsnt:TerminationTime>"
        f"<wsnt:CurrentTime>{moment(now)}</wsnt:CurrentTime></wsnt:RenewResponse>"
    )


def _unsubscribe(device: Device, request: Request, base: str) -> str:
    return "<wsnt:UnsubscribeResponse/>"


ANSWERS: Mapping[str, Callable[[Device, Request, str], str]] = {
    "CreatePullPointSubscription": _subscribe,
    "PullMessages": _pull,
    "Renew": _renew,
    "Unsubscribe": _unsubscribe,
}
