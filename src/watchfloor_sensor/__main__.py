"""`python -m watchfloor_sensor`."""

from watchfloor_sensor.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
