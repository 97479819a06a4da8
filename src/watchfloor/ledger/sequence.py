"""Gives each entry of the log its place, extends the tree on disk and signs it. The only writer of indices and tiles.

It never decides what is logged, and it never signs what does not extend all that it signed before. The database gives
the order and commits it first; files follow from it and can be written again, to the same bytes, after any crash.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Final, Self

from watchfloor.governance.checkpoint import BadNote, Checkpoint, open_checkpoint
from watchfloor.governance.tiles import ENTRIES, HEIGHT, Edge, Finished, Tile, TreeOfTiles
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid
from watchfloor.ledger import store
from watchfloor.ledger.errors import AnotherLedger, LogDamaged, RolledBack
from watchfloor.ledger.files import LogFiles
from watchfloor.ledger.key import Signer
from watchfloor.ledger.restored import explained, lines_of
from watchfloor.storage.session import Session

Claim = tuple[str, Checkpoint]
"""A checkpoint that we signed once, and who says so."""

MOST: Final = 1000
_LOCK: Final = 0x77665F6C6F67  # "wf_log"


class Sequencer:
    """One ledger at work. After any exception it is thrown away and another takes up from what is on disk."""

    def __init__(
        self,
        session: Session,
        files: LogFiles,
        signer: Signer,
        clock: Clock,
        *,
        edge: Edge,
        floor: Checkpoint | None,
    ) -> None:
        self._session = session
        self._files = files
        self._signer = signer
        self._clock = clock
        self._edge = edge
        self._floor = (
            floor  # the largest checkpoint ever signed, as far as we know: nothing may contradict it
        )
        self.published = floor.size if floor and floor.size == edge.size else -1
        self.behind = True

    @classmethod
    async def take_up(
        cls, session: Session, files: LogFiles, signer: Signer, clock: Clock, *, held: Sequence[Claim] = ()
    ) -> Self:
        """Go on where the last ledger stopped; `held` are checkpoints that came back from outside.

        Raises AnotherLedger while one runs; LogDamaged or RolledBack when files, database and signatures disagree.
        """
        if not await session.lock(_LOCK):
            raise AnotherLedger(
                "Another ledger sequences this database.", next_step="One is enough; stop the other one."
            )
        files.prepare()
        files.publish_key(signer.key)
        published = files.checkpoint(signer.key)
        edge = _edge(files, published)
        claims = [*_kept(signer, await store.checkpoints(session)), *held]
        if published:
            claims.insert(0, ("the log's own files", published))
        # What a restore lost, and owned up to, binds us no more.
        restores = await store.restores(session)
        claims = [claim for claim in claims if explained(restores, claim[1]) is None]
        _must_fit(claims, files, edge)
        floor = max(claims, key=lambda claim: claim[1].size, default=None)
        sequenced = await store.sequenced(session)
        if floor and sequenced < floor[1].size:
            raise RolledBack(
                f"The log was signed with {floor[1].size} entries ({floor[0]}); the database holds {sequenced}."
                " An older state of the database was put back."
            )
        files.tidy(_just_full(edge.size))
        return cls(session, files, signer, clock, edge=edge, floor=floor[1] if floor else None)

    @property
    def size(self) -> int:
        """How many entries the tree on disk holds."""
        return self._edge.size

    async def round(self) -> AsyncGenerator[str]:
        """Sequence what waits, at most MOST entries, and sign; says each step once it is done.

        Between any two steps the process may die. Raises LogDamaged rather than sign a contradiction.
        """
        async with self._session.transaction():
            assigned = await store.assign(self._session, MOST)
            yield "indices given"
        yield "indices committed"
        before = self.size
        catching_up = self._floor is not None and before < self._floor.size
        taken = await self._take(MOST)
        yield "entries read"
        if self.size == before == self.published:
            self.behind = False
            return
        for tile, content in (*taken, *self._edge.partial()):
            self._files.put(tile, content)
            yield f"{tile.path} written"
        self._files.settle()
        yield "files settled"
        self._must_not_contradict()
        if self._floor is None or self.size >= self._floor.size:
            async for step in self._sign():
                yield step
            self._files.tidy(tile for tile, _ in taken)
            yield "files tidied"
        self.behind = catching_up or MOST in (assigned, self.size - before)

    async def _take(self, most: int) -> list[Finished]:
        if self._floor and self.size < self._floor.size:
            # Files are behind what was signed: stop exactly there once, to compare the root.
            most = min(most, self._floor.size - self.size)
        finished: list[Finished] = []
        for index, leaf in await store.leaves(self._session, self.size, most):
            if index != self.size:
                raise LogDamaged(
                    f"Entry {self.size} of the log is missing from the database; the next one there is {index}."
                )
            finished += self._edge.append(leaf)
        return finished

    def _must_not_contradict(self) -> None:
        if self._floor and self.size == self._floor.size and self._edge.root() != self._floor.root:
            raise LogDamaged(f"The first {self.size} entries in the database are not those that were signed.")

    async def _sign(self) -> AsyncGenerator[str]:
        if self.size == self.published:
            return
        told = lines_of(await store.restores(self._session, self.size))
        checkpoint = Checkpoint(self._signer.name, self.size, self._edge.root(), told)
        note = self._signer.sign(checkpoint)
        yield "checkpoint signed"
        # First where it cannot be taken back, then in public: after a crash we know what we may have signed.
        if not await store.keep_checkpoint(
            self._session, self.size, checkpoint.root, note, self._clock.now()
        ):
            raise LogDamaged(f"Another checkpoint over {self.size} entries was signed before.")
        self._floor = checkpoint
        yield "checkpoint kept"
        self._files.publish(note)
        self.published = self.size
        yield "checkpoint published"


def _edge(files: LogFiles, published: Checkpoint | None) -> Edge:
    if published is None:
        return Edge()
    try:
        edge = Edge.load(published.size, files.read)
    except Invalid as error:
        raise LogDamaged(f"The log's newest files do not fit together: {error.detail}.") from error
    if edge.root() != published.root:
        raise LogDamaged(
            f"The log's files do not have the root that was signed over {published.size} entries."
        )
    return edge


def _just_full(size: int) -> list[Tile]:
    """The newest full tile of each level: a crash may have left its partial forms."""
    full: list[Tile] = []
    level = 0
    while count := size >> HEIGHT * (level + 1):
        full += [Tile(level, count - 1)] if level else [Tile(ENTRIES, count - 1), Tile(0, count - 1)]
        level += 1
    return full


def _kept(signer: Signer, newest: Sequence[store.Signed]) -> list[Claim]:
    """What the database says we signed. Checkpoints of a log of another name, begun before this one, are not ours."""
    ours = [kept for kept in newest if kept.origin == signer.name]
    try:
        return [("the database", open_checkpoint(kept.note, signer.key)) for kept in ours]
    except BadNote as error:
        raise LogDamaged(
            f"The newest checkpoint in the database is not what this log signed: {error.detail}."
        ) from error


def _must_fit(claims: Sequence[Claim], files: LogFiles, edge: Edge) -> None:
    tree = TreeOfTiles(edge.size, files.read)
    for whose, checkpoint in claims:
        try:
            fits = checkpoint.size > edge.size or tree.root(checkpoint.size) == checkpoint.root
        except Invalid:
            fits = False
        if not fits:
            raise LogDamaged(
                f"The log's files contradict the checkpoint over {checkpoint.size} entries ({whose})."
            )
