"""Federated sites: recorders and video management systems whose cameras are reached through them, by one login."""
