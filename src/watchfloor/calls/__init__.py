"""Calls: what somebody asked help for. A small CAD where there is none; it sends nobody, dispatch does."""
