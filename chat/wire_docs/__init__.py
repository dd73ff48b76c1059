"""Makes ``docs/wire.md`` from the wire's own models, limits, codes and errors."""
