"""Another watchfloor as a site: what it offers, its live pictures and its recordings, by the API that everybody uses."""
