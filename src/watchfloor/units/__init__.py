"""Units of the field: who is on them and where they were last. It sends nobody; dispatch does."""
