"""Who is killed, and when: at random moments, by a seed, so that a run can be had again."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from chaos.house import HOSTS, House
from scripts.processes import ProcessFailed

# What is hit, how often beside the others, and for how many seconds it is away at most.
KINDS: Final = {
    "worker": (4, 1.5),
    "sender": (4, 0.0),
    "postgres": (3, 2.0),
    "broker": (3, 2.0),
    "smtp": (3, 2.0),
    "sms": (2, 2.0),
}
# Whose death can leave a message in the air: a sender's own, or that of whoever it talks with.
CUTTING: Final = {"worker", "sender", "smtp", "sms"}


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: when, what, and how many senders or connections were cut by it at most."""

    at: datetime
    kind: str
    cut: int


@dataclass
class Killer:
    """Kills and starts again, one at a time or several at once, from the one thread that has started them all."""

    house: House
    chance: random.Random
    every: float
    kills: list[Kill] = field(default_factory=list)
    away: dict[str, float] = field(default_factory=dict)
    next_at: float = 0.0
    _first: list[str] = field(default_factory=list)

    def tick(self, *, killing: bool) -> None:
        """Start what has been away long enough; kill, if it is time."""
        now = time.monotonic()
        for name, until in list(self.away.items()):
            if now >= until:
                del self.away[name]
                self.start(name)
        if killing and now >= self.next_at:
            self.next_at = now + self.chance.uniform(0.3, 1.7) * self.every
            self.kill(self._next_kind())

    def _next_kind(self) -> str:
        """Each kind once, so that a short run has had them all; then by their weights."""
        if not self.kills:
            self._first = self.chance.sample(list(KINDS), len(KINDS))
        if self._first:
            return self._first.pop()
        return self.chance.choices(list(KINDS), [weight for weight, _away in KINDS.values()])[0]

    def start(self, name: str) -> None:
        """Start it again; what does not come up at once is tried once more in a moment."""
        try:
            self.house.start(name)
        except ProcessFailed as error:
            print(f"  {name}: {error}", flush=True)
            self.away[name] = time.monotonic() + 1

    def kill(self, kind: str) -> None:
        """One of the kind, unless it is away already."""
        host = self.chance.choice(HOSTS)
        name = f"worker-{host}" if kind in {"worker", "sender"} else kind
        if name in self.away:
            return
        at = datetime.now(UTC)
        if kind == "sender":
            cut = self.house.kill_one_sender(name, self.chance)
        else:
            cut = self.house.kill(name)
            self.away[name] = time.monotonic() + self.chance.uniform(0, KINDS[kind][1])
        self.kills.append(Kill(at, kind, cut if kind in CUTTING else 0))

    def bring_back(self) -> None:
        """Everything, so that the rest can be sent in peace."""
        while self.away:
            self.tick(killing=False)
            time.sleep(0.05)

    @property
    def counts(self) -> Counter[str]:
        """How many of each kind."""
        return Counter(kill.kind for kill in self.kills)
