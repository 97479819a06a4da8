"""The owner's own transaction, above row security: for the first start alone, before any process of ours runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg.rows import DictRow, dict_row


@asynccontextmanager
async def as_owner(dsn: str) -> AsyncIterator[psycopg.AsyncConnection[DictRow]]:
    """One transaction as wf_owner: committed when the block ends, rolled back when it raises."""
    async with await psycopg.AsyncConnection[DictRow].connect(dsn, row_factory=dict_row) as connection:
        yield connection
