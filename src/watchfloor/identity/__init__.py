"""Accounts, second factors, sessions, devices: who is asking. It decides nothing about data."""
