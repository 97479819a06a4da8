"""Trains our own small networks on drawn plates alone; no part of the product, and nothing real is looked at."""
