"""PostgreSQL, NATS and the object store as replaceable providers, and the supervisor that runs the center."""
