"""The promises we measure: each bench says its figures and ends with one JSON line."""
