"""The published ledger of sounds: what came of them, in figures."""
