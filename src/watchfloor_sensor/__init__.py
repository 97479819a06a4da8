"""The program of a microphone on a small board: it says when a short loud sound came, and lets nobody listen.

It imports nothing of `watchfloor` and needs numpy, scipy and cryptography alone; `sounddevice` where it reads a microphone itself.
"""
