"""Alerts, their blind review, and the incidents that reviews make."""
