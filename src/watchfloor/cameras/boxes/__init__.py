"""Edge boxes: small computers beside cameras behind a router, that dial out to the center."""
