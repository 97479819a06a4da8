"""Proposals, assignments and outcomes: help on the street. It never acts on an unreviewed machine alert."""
