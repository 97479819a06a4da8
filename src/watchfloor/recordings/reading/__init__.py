"""Plates read on cameras' own video: fed by the tap, dropping its own work before it delays anything, and saying what it drops."""
