"""The door, rules, purposes, authorisations, audit: who may do what, why, and the record of it."""
