"""Where a vehicle drove between places where it was seen, and where it may be seen next. It knows roads and no plate."""
