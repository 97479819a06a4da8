"""Work on what happened, case by case: what was marked in recorded video, and what happened where a camera looks."""
