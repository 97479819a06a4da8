"""Assembles the slices' routes; maps errors; events socket. It decides nothing."""
