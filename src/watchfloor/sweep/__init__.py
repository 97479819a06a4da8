"""The process that forgets what is past its retention, proves it, and keeps the timers. It sees data only to forget it."""
