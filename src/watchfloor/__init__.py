"""watchfloor: an open, self-hosted Real Time Crime Center that answers for what it sees."""

__version__ = "0.1.0"
