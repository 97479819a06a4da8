"""A simulated city block that speaks the real protocols: cameras, plate readers, officers.

It is another program than the center and imports nothing of it: what both know of a protocol, each has learnt
from the standard, so that a mistake cannot agree with itself.
"""
