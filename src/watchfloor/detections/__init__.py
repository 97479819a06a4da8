"""The shared vocabulary of what sensors report, and its delivery after commit."""
