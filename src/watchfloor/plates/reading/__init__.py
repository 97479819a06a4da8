"""Reads plates from ordinary pictures: text lines, which of them is a plate, what it says, of which state, and how sure.

Pure but for the networks, which are opened once (`nets`). It knows no camera, no door and no database; `wiring/sense.py` feeds it.
"""
