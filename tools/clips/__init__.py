"""Renders the clips of the simulated cameras; see README.md."""
