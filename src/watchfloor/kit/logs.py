"""Structured logs: one JSON line an event, UTC, no sensitive values. Sensitive types mask themselves in repr."""

from __future__ import annotations

import sys
from typing import TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer

Logger = structlog.stdlib.BoundLogger


def configure(process: str, *, stream: TextIO | None = None, level: str = "info") -> None:
    """Set the process's log once, at its start. `process` names it in each line."""
    number = {"debug": 10, "info": 20, "warning": 30, "error": 40}[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Locals stay out: they hold what a log must not.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(default=repr),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(process=process)


def logger(part: str) -> Logger:
    """A logger that names its part of the program."""
    bound: Logger = structlog.get_logger(part=part)
    return bound
