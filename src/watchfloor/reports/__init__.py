"""What is reported of the record: all of it computed, none of it written by hand."""
