"""Privacy masks of a simulated device, as Media2 has them: it keeps a few polygons, and paints none of its pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape, quoteattr

from watchfloor_sim.onvif.device import Device
from watchfloor_sim.onvif.soap import Request
from watchfloor_sim.onvif.turning import Refused


def _sources(device: Device, request: Request, base: str) -> str:
    each = "".join(
        f"<tr2:Configurations token={quoteattr(source)}><tt:Name>Lens</tt:Name><tt:UseCount>2</tt:UseCount>"
        "<tt:SourceToken>lens</tt:SourceToken></tr2:Configurations>"
        for source in (*device.other_sources, "source")
    )
    return f"<tr2:GetVideoSourceConfigurationsResponse>{each}</tr2:GetVideoSourceConfigurationsResponse>"


def _options(device: Device, request: Request, base: str) -> str:
    rectangles = str(device.rectangles_only).lower()
    return (
        f'<tr2:GetMaskOptionsResponse><tr2:Options RectangleOnly="{rectangles}" SingleColorOnly="true">'
        f"<tr2:MaxMasks>{device.most_masks}</tr2:MaxMasks><tr2:MaxPoints>8</tr2:MaxPoints><tr2:Types>Color</tr2:Types>"
        "<tr2:Types>Blurred</tr2:Types></tr2:Options></tr2:GetMaskOptionsResponse>"
    )


def _masks(device: Device, request: Request, base: str) -> str:
    each = "".join(
        f"<tr2:Masks token={quoteattr(token)}><tr2:ConfigurationToken>{device.mask_sources.get(token, 'source')}</tr2:ConfigurationToken>"
        "<tr2:Polygon>"
        + "".join(f'<tt:Point x="{x:.4f}" y="{y:.4f}"/>' for x, y in corners)
        + f"</tr2:Polygon><tr2:Type>{device.mask_types.get(token, 'Color')}</tr2:Type><tr2:Enabled>true</tr2:Enabled></tr2:Masks>"
        for token, corners in device.masks.items()
    )
    return f"<tr2:GetMasksResponse>{each}</tr2:GetMasksResponse>"


def _create(device: Device, request: Request, base: str) -> str:
    if len(device.masks) >= device.most_masks:
        raise Refused("No more masks", "ter:MaxMasks")
    token = "mask" if device.same_token else f"mask-{len(device.asked)}"
    device.masks[token] = tuple(
        (_rounded(device, point.attrib["x"]), _rounded(device, point.attrib["y"]))
        for point in request.body.iter()
        if point.tag.rpartition("}")[2] == "Point"
    )
    device.mask_sources[token] = request.text("ConfigurationToken")
    return f"<tr2:CreateMaskResponse><tr2:Token>{escape(token)}</tr2:Token></tr2:CreateMaskResponse>"


def _rounded(device: Device, said: str) -> float:
    grid = device.mask_grid
    return round(float(said) / grid) * grid if grid else float(said)


def _delete(device: Device, request: Request, base: str) -> str:
    if device.masks.pop(request.text("Token"), None) is None:
        raise Refused("No such mask", "ter:NoConfig")
    return "<tr2:DeleteMaskResponse/>"


ANSWERS: Mapping[str, Callable[[Device, Request, str], str]] = {
    "GetVideoSourceConfigurations": _sources,
    "GetMaskOptions": _options,
    "GetMasks": _masks,
    "CreateMask": _create,
    "DeleteMask": _delete,
}
