"""What came of sounds: of those that were alerted, and of gunfire that was not."""
