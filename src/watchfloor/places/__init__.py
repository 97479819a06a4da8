"""Streets and the way along them: how far, how long, by which road. It knows no unit, no incident, no camera."""
