"""`python -m watchfloor_sim`."""

from watchfloor_sim.cli import main

if __name__ == "__main__":
    main()
