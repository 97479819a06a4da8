"""A vehicle is followed across readers under an open incident: by a person, for as long as both last. It sends nobody."""
