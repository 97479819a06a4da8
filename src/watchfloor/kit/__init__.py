"""Clock, ids, geography, errors, logging: not a word of police work, and no effects but the log."""
