"""River City: an invented city of the demo, its streets, its map, its cameras. No such city is anywhere.

It lies where the coordinates of a real river are, because a center wants coordinates; nothing of that place is copied.
"""
