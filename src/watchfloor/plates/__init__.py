"""Plate reads and hot lists: ingest, match, search. It never decides to send anybody."""
