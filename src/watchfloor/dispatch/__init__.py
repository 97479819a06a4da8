"""Who is sent, how they fare, what came of it. It sends to an Answerable alone; it decides no verdict."""
