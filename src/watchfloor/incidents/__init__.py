"""What asks for a person: alerts, their blind review, and the incidents that come of it. It sends nobody; dispatch does."""
