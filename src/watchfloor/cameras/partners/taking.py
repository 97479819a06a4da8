"""Whether a partner's camera may be recorded here: its center is asked, before the registry says that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchfloor.cameras.details import Details, FootageKept
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.find import partner_at
from watchfloor.cameras.partners.model import is_far, kept_alone, not_lent
from watchfloor.cameras.partners.talk import Reach, Talk
from watchfloor.cameras.sites.model import Site, SiteKind
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid, WatchfloorError

if TYPE_CHECKING:
    from watchfloor.cameras.register import Cameras


async def must_be_lent(
    cameras: Cameras, actor: Actor, site: Site | None, said: Details, before: Camera | None
) -> None:
    """Raises Invalid where a partner's camera is to be recorded here that its center does not lend, or is not there to say so.

    Of the same one that is recorded here already nothing is asked: whether it still is lent, its recorder learns.
    """
    alone = said.footage_kept is FootageKept.AT_SITE
    if site is None or site.kind is not SiteKind.WATCHFLOOR or alone:
        return
    if _recorded_here(before, site, said):
        return
    async with cameras.door.open(Ask(actor, Need.CAMERAS_FIND, about=About("site", site.id))) as tx:
        partner = await partner_at(tx, cameras.vault, site)
    try:
        offered = await Talk(partner, Reach(cameras.networks, cameras.resolve), cameras.sessions).offered()
    except WatchfloorError as error:
        raise Invalid(error.detail, reason="footage_kept", next_step=error.next_step) from error
    if not any(one.channel == said.channel and one.lent is not None for one in offered):
        raise not_lent(site.name)


def by_list(site: Site, said: Details, before: Camera | None) -> None:
    """Raises Invalid where a list would have a partner's camera recorded here: nobody asks its center then. Pure."""
    alone = said.footage_kept is FootageKept.AT_SITE
    if site.kind is SiteKind.WATCHFLOOR and not alone and not _recorded_here(before, site, said):
        raise Invalid(
            f"A list does not ask whether {site.name} lends a camera to us to be recorded.",
            reason="footage_kept",
            next_step="Say `at_site` in the list, and at the camera where it is recorded.",
        )


def _recorded_here(before: Camera | None, site: Site, said: Details) -> bool:
    """Whether it is recorded here already, and stays that camera of that center. One by another name there is another's to lend."""
    if before is None or not is_far(before) or kept_alone(before):
        return False
    return (before.details.site_id, before.details.channel) == (site.id, said.channel)
