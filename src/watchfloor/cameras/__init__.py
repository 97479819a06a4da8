"""Cameras: their streams, states, taps and live pictures. It keeps no video."""
