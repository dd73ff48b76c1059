"""The faults that there are: each module under ``faults/`` registers its own."""

from __future__ import annotations

import pkgutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from tests.fault_suite import faults as modules
from tests.fault_suite.result import Result
from tests.fault_suite.worlds import Worlds

Run = Callable[[Worlds, int], Awaitable[Result]]


@dataclass(frozen=True)
class Fault:
    """One way in which the world turns against the site."""

    number: int
    """As in ``docs/guarantees.md``."""
    name: str
    shape: str
    """``one`` or ``many``; see ``worlds.py``."""
    run: Run
    seeded: bool
    """Whether chance plays a part, so that it is worth running again under another seed."""
    short: bool
    """Whether ``make test`` runs it."""
    expects: str

    @property
    def key(self) -> str:
        """What it is called on the command line."""
        return self.run.__name__

    def result(self, seed: int) -> Result:
        """An empty result."""
        return Result(self.number, self.name, self.shape, seed)


_known: dict[str, Fault] = {}


def fault(
    number: int,
    name: str,
    *,
    shape: str,
    seeded: bool = False,
    short: bool = False,
    expects: str = "",
) -> Callable[[Run], Run]:
    """Register a coroutine function of worlds and a seed that returns a ``Result``."""

    def register(run: Run) -> Run:
        key = run.__name__
        assert key not in _known, f"two faults are called {key}"
        _known[key] = Fault(number, name, shape, run, seeded, short, expects)
        return run

    return register


def all_faults() -> list[Fault]:
    """Every fault, by number and then by name."""
    for module in pkgutil.iter_modules(modules.__path__):
        import_module(f"{modules.__name__}.{module.name}")
    return sorted(_known.values(), key=lambda known: (known.number, known.key))


def chosen(words: Sequence[str]) -> list[Fault]:
    """The faults with these numbers or keys; all without any. Raises ``LookupError``."""
    known = all_faults()
    for word in words:
        if not any(word in (str(one.number), one.key) for one in known):
            raise LookupError(f"There is no fault “{word}”; --list says which there are.")
    return [one for one in known if not words or {str(one.number), one.key} & set(words)]
