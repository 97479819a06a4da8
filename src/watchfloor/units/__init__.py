"""Units and where they are. It never proposes one: dispatch does."""
