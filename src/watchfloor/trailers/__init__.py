"""Trailers: what carries cameras, plate readers and lights to a place, where each stood, and what was counted around it."""
