"""How each process is built from its parts: one module a process, so that each imports only what it runs."""
