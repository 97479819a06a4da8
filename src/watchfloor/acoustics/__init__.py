"""Gunfire from the pulses of microphones: associated, located with an honest ellipse, its rounds counted."""
