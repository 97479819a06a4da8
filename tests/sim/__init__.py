"""The simulators, each against an independent client of its protocol."""
