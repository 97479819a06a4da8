"""Outside forms of what we know: for other centers and systems, by their standards."""
