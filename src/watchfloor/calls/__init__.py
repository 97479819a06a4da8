"""Calls for service: the small dispatch record a purpose can point at."""
