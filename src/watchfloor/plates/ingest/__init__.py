"""Adapters: from the bytes of a vendor's reader to claims in our words. Pure; they decide and store nothing."""
