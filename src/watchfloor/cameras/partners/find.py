"""Finds where a partner is asked, and what it is told of a look: read under whoever's leave it is."""

from __future__ import annotations

import contextlib
from uuid import UUID

from watchfloor.cameras import store
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners import borrowed_store
from watchfloor.cameras.partners.model import Far, Partner, far_of, is_far, must_be_ours
from watchfloor.cameras.sites import store as site_store
from watchfloor.cameras.sites.model import Site
from watchfloor.cameras.vault import Vault
from watchfloor.governance.door import Door
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import Ask
from watchfloor.kit.errors import Unavailable
from watchfloor.storage.tx import Tx


async def partner_at(tx: Tx, vault: Vault, site: Site) -> Partner:
    """The partner at a site. Raises Unavailable without a login."""
    sealed = await site_store.secret_of(tx, site.id)
    if sealed is None:
        raise Unavailable(
            f"Nobody entered the name and password that {site.name} gave us.",
            reason="no_login",
            next_step="A technician enters them at the site.",
        )
    return Partner(site.id, site.name, site.address, vault.open_of_site(site.id, sealed))


async def can_be_held(tx: Tx, camera: UUID) -> bool:
    """Whether there is or was such a camera: what a hold can be of. Raises Invalid of a partner's of which nothing was recorded here."""
    found = await store.camera_of(tx, camera)
    if found is not None:
        await must_be_here(tx, found, "what it recorded is preserved")
    return await store.was_registered(tx, camera)


async def must_be_here(tx: Tx, camera: Camera, what: str) -> None:
    """Raises Invalid where it is a partner's and nothing of it was ever recorded here: see `must_be_ours`."""
    if not await borrowed_store.ever(tx, camera.id):
        must_be_ours(camera, what)


async def granted(door: Door, vault: Vault, camera: Camera, ask: Ask) -> tuple[Grant, Far | None]:
    """Leave to watch a camera live, and how a partner is asked for it where it is one's. Raises Refused, Unavailable."""
    grant = await door.grant(ask)
    if not is_far(camera):
        return grant, None
    async with contextlib.AsyncExitStack() as failed:
        failed.push_async_callback(grant.close, {"frames": 0})
        async with door.under(grant) as tx:
            far = await far_look(tx, vault, camera, ask)
        failed.pop_all()
    return grant, far


async def far_look(tx: Tx, vault: Vault, camera: Camera, ask: Ask) -> Far | None:
    """A look at a partner's camera as the partner is told of it; None where the camera is none's. Raises Unavailable."""
    if not is_far(camera) or camera.details.site_id is None:
        return None
    site = await site_store.site_of(tx, camera.details.site_id)
    if site is None:
        return None
    return far_of(await partner_at(tx, vault, site), camera, ask)
