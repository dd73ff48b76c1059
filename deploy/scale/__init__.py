"""``make scale``: the shape of production on one machine, without Docker."""
