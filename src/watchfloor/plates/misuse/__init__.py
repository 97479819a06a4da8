"""Look-ups that should not have been: who looked up whose plate, and what somebody outside the room says of it."""
