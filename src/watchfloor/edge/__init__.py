"""`watchfloor edge`: the program of an edge box, beside cameras behind a router. It needs no database and no bus."""
