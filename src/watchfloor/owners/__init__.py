"""Private owners of cameras: who they are, what they agreed to, and what became of their pictures. It shows no picture."""
