"""The process that sequences and signs the audit log; nothing else may hold its key."""
