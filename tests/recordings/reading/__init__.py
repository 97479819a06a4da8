"""Tests of plates read on cameras' own video."""
