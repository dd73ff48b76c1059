"""Whatever is said, lost, doubled, reordered or crashed: every mirror becomes the room.

A hypothesis state machine (https://hypothesis.readthedocs.io/en/latest/stateful.html) over
the real actions, database, hub, feeds and consumer. Only the channel layer is a model: it
does with each message what the machine says. After every step a mirror that resumes from
any older cursor must equal the store, and no redacted text may be anywhere.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from chat import errors, resume, tail
from chat.actions import members, messages, rooms
from chat.hub import get_hub, running_hub
from chat.models import AuditEntry, Membership, Message, Room, Store, User
from chat.verifying import find_damage
from tests.conftest import fresh, new_nonce
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import crash, use_layer
from tests.faults.lossy_layer import HeldLayer
from tests.mirror import Mirror

EXAMPLES = 30
STEPS = 25
CONVERGES_WITHIN_S = 20
_numbers = itertools.count(1)
_index = st.integers(0, 10**6)


class Client:
    """A window that lives by the client's rule: upsert by revision; a hole, subscribe again."""

    def __init__(self, session: str, room: int) -> None:
        self.session = session
        self.mirror = Mirror(room)
        self.epoch = ""
        self.window: AsgiWindow | None = None
        self.subscription = 0
        """The id of the command whose answer is waited for."""

    def connect(self) -> None:
        """Open a socket, where none is open."""
        if self.window is None or not self.window.is_open:
            self.window = AsgiWindow(self.session)

    def take(self) -> None:
        """Take in what came, and ask again where something is missing."""
        if self.window is None:
            return
        before = self.mirror.revision
        for frame in self.window.take():
            if frame["type"] == "welcome":
                self._greet(frame["epoch"])
                before = self.mirror.revision
            if self._is_to_be_asked_again(frame) or self.mirror.apply(frame):
                self._subscribe()
            # Within an epoch a cursor never goes back.
            assert self.mirror.revision >= before, frame
            before = self.mirror.revision

    def _is_to_be_asked_again(self, frame: dict[str, Any]) -> bool:
        """Whether this refuses the subscription for now; a post would wait in the outbox."""
        if frame["type"] != "error":
            return False
        # Only a store that goes back while it is read says so here.
        assert frame["code"] == "busy", frame
        return bool(frame["id"] == self.subscription)

    def _greet(self, epoch: str) -> None:
        if epoch != self.epoch:
            self.mirror = Mirror(self.mirror.room)
            self.epoch = epoch
        self._subscribe()

    def _subscribe(self) -> None:
        assert self.window is not None
        cursor = f"{self.epoch}:{self.mirror.revision}" if self.mirror.revision >= 0 else None
        room = self.mirror.room
        self.subscription = self.window.send("subscribe", room=room, cursor=cursor)

    def shows(self, messages: dict[int, Any], facts: dict[str, Any]) -> bool:
        """Whether this window shows exactly these."""
        return self.mirror.messages == messages and self.mirror.facts == facts

    async def leave(self) -> None:
        """Close the socket."""
        if self.window is not None:
            await self.window.leave()
            self.window = None


class Convergence(RuleBasedStateMachine):
    """Three clients of one room, a hub, and a channel layer in the machine's hands."""

    def __init__(self) -> None:
        super().__init__()
        number = next(_numbers)
        self.people = [User.objects.create_user(f"{who} {number}") for who in ("ada", "bob", "eve")]
        self.ada, self.bob, self.eve = self.people
        self.room = rooms.create_room(actor=self.ada, name=f"Room {number}")
        members.join_room(actor=self.bob, room_id=self.room.pk)
        self.layer = HeldLayer()
        use_layer(self.layer)
        self.loop = asyncio.new_event_loop()
        self.clients = [Client(sign_in(user), self.room.pk) for user in self.people]
        self.saved: list[tuple[str, Mirror]] = []
        self.gone: set[str] = set()
        """Texts that were redacted or edited away."""
        self.backup: dict[str, Any] | None = None
        self._run(self._start())

    async def _start(self) -> None:
        await get_hub()
        for client in self.clients:
            client.connect()

    def _run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def _breathe(self) -> None:
        """Let whatever is under way go on for a moment, and the clients take what came."""
        for _ in range(20):
            await asyncio.sleep(0)
        for client in self.clients:
            client.take()

    def _breathe_after(self) -> None:
        self._run(self._breathe())

    def _message(self, index: int) -> Message | None:
        found = list(Message.objects.filter(room=self.room).order_by("seq"))
        return found[index % len(found)] if found else None

    # --- What people do ------------------------------------------------------------------

    @rule(who=st.integers(0, 1), crash_after=st.booleans())
    def post(self, who: int, crash_after: bool) -> None:
        """Say something; maybe the process dies between the commit and the announcement."""
        body = f"text-{next(_numbers)}"
        messages.post_message(
            actor=self.people[who], room_id=self.room.pk, nonce=new_nonce(), body=body
        )
        if crash_after and who:
            self.crash()
        self._breathe_after()

    @rule(which=st.integers(0, 1))
    def post_by_socket(self, which: int) -> None:
        """Say something as a window does."""
        window = self.clients[which].window
        if window is not None and window.is_open:
            body = f"text-{next(_numbers)}"
            window.send("post", room=self.room.pk, nonce=new_nonce(), body=body)
            self._breathe_after()

    @rule(index=_index)
    def edit(self, index: int) -> None:
        message = self._message(index)
        if message is not None and not message.is_tombstone:
            messages.edit_message(
                actor=fresh(message.author), message_id=message.pk, body=f"text-{next(_numbers)}"
            )
            self.gone.add(message.body)
            self._breathe_after()

    @rule(index=_index, count=st.integers(1, 3))
    def redact(self, index: int, count: int) -> None:
        found = {m.pk: m for m in (self._message(index + n) for n in range(count)) if m}
        if found:
            messages.redact_messages(actor=self.ada, message_ids=list(found), reason="Why not")
            self.gone.update(message.body for message in found.values() if message.body)
            self._breathe_after()

    @rule()
    def rename(self) -> None:
        rooms.rename_room(actor=self.ada, room_id=self.room.pk, name=f"Name {next(_numbers)}")
        self._breathe_after()

    @rule()
    def join_or_leave(self) -> None:
        try:
            members.leave_room(actor=self.eve, room_id=self.room.pk)
        except errors.NotFoundError:
            members.join_room(actor=self.eve, room_id=self.room.pk)
        self._breathe_after()

    # --- What the channel layer does -------------------------------------------------------

    @rule(index=_index, act=st.sampled_from(["deliver", "deliver", "drop", "double"]))
    def carry(self, index: int, act: str) -> None:
        """Bring any message that is on its way, or lose it, or bring it twice."""
        if self.layer.pending:
            getattr(self.layer, act)(index % len(self.layer.pending))
            self._breathe_after()

    # --- What happens to windows and servers ---------------------------------------------------

    @rule(which=st.integers(0, 2))
    def leave_or_come_back(self, which: int) -> None:
        client = self.clients[which]

        async def turn() -> None:
            if client.window is None:
                client.connect()
            else:
                await client.leave()

        self._run(turn())
        self._breathe_after()

    @rule(which=st.integers(0, 2))
    def stall_or_go_on(self, which: int) -> None:
        window = self.clients[which].window
        if window is not None:
            (window.stall if window._taken.is_set() else window.go_on)()
            self._breathe_after()

    @rule(which=st.integers(0, 2))
    def save(self, which: int) -> None:
        """A laptop goes to sleep: its copy of today may come back tomorrow."""
        client = self.clients[which]
        if client.mirror.revision >= 0:
            self.saved.append((client.epoch, client.mirror.copy()))

    @rule(which=st.integers(0, 2), index=_index)
    def wake_up(self, which: int, index: int) -> None:
        """Somebody comes back with an older copy and resumes from its cursor."""
        if not self.saved:
            return
        client = self.clients[which]
        self._run(client.leave())
        epoch, mirror = self.saved[index % len(self.saved)]
        client.epoch, client.mirror = epoch, mirror.copy()
        self._run(self._reconnect(client))
        self._breathe_after()

    async def _reconnect(self, client: Client) -> None:
        client.connect()

    @rule()
    def crash(self) -> None:
        """The process dies, with what it had not told, and another takes its place."""
        self._run(crash())
        self.layer.pending.clear()
        for client in self.clients:
            client.window = None
        self._run(self._start())

    @rule()
    def take_backup(self) -> None:
        with transaction.atomic():
            self.backup = {
                "room": Room.objects.filter(pk=self.room.pk).values().get(),
                "messages": list(Message.objects.filter(room=self.room).values()),
                "members": list(Membership.objects.filter(room=self.room).values()),
                "audit": list(AuditEntry.objects.filter(room=self.room).values()),
                "gone": set(self.gone),
            }

    @rule()
    def restore(self) -> None:
        """The store goes back in time while clients are connected."""
        if self.backup is None:
            return
        with transaction.atomic():
            self._write_backup(self.backup)
        self.gone = set(self.backup["gone"])
        self._run(self._look_at_heads())
        self._breathe_after()

    def _write_backup(self, backup: dict[str, Any]) -> None:
        with connection.cursor() as cursor:
            for table in ("auditentry", "message", "membership"):
                cursor.execute(f"DELETE FROM chat_{table} WHERE room_id = %s", [self.room.pk])
        Message.log.bulk_create(Message(**row) for row in backup["messages"])
        Membership.log.bulk_create(Membership(**row) for row in backup["members"])
        AuditEntry.log.bulk_create(AuditEntry(**row) for row in backup["audit"])
        room = dict(backup["room"])
        Room.log.filter(pk=room.pop("id")).update(**room)
        Store.objects.update(epoch=f"epoch{next(_numbers)}")

    async def _look_at_heads(self) -> None:
        hub = running_hub()
        assert hub is not None
        await hub.watches.look_at_heads()

    # --- What must hold -------------------------------------------------------------------------

    def _store(self) -> tuple[dict[int, Any], dict[str, Any]]:
        """Every message and the facts, as the wire would have them."""
        found = resume.changes_since(self.room.pk, 0)
        assert found is not None
        parts = (json.loads(part.text) for part in found.parts)
        return {part["id"]: part for part in parts}, json.loads(found.facts_json or "null")

    @invariant()
    def a_mirror_of_any_age_that_resumes_equals_the_store(self) -> None:
        # The transaction keeps the writing thread out between two readings.
        with transaction.atomic():
            stored, facts = self._store()
            for saved_in, mirror in self.saved[-5:]:
                if saved_in == Store.objects.get().epoch:
                    twin = self._resumed(mirror)
                    assert twin.messages == stored
                    assert twin.facts == facts

    def _resumed(self, mirror: Mirror) -> Mirror:
        found = resume.changes_since(self.room.pk, mirror.revision)
        assert found is not None
        twin, revision = mirror.copy(), found.room.revision
        for text in tail.frames(
            self.room.pk, mirror.revision, revision, found.parts, found.facts_json
        ):
            assert not twin.apply(json.loads(text))
        return twin

    @invariant()
    def no_redacted_text_is_in_the_store_or_in_a_tail_that_has_heard(self) -> None:
        stored, _ = self._store()
        assert not self.gone & {message["body"] for message in stored.values()}
        hub = self._run(get_hub())
        fanout = hub.fanouts.get(self.room.pk)
        held = fanout.tail if fanout is not None else None
        if held is not None and held.head == fresh(self.room).revision:
            texts = " ".join(part.text for part in held._parts.values())
            assert not any(f'"{body}"' in texts for body in self.gone)

    @rule()
    def settle(self) -> None:
        """The faults stop: everyone connects, the heads are read, and all are equal."""
        self._run(self._settle())
        assert list(find_damage()) == []

    async def _settle(self) -> None:
        for client in self.clients:
            if client.window is not None:
                client.window.go_on()
        deadline = time.monotonic() + CONVERGES_WITHIN_S
        stored, facts = await asyncio.to_thread(self._store_in_thread)
        while not all(client.shows(stored, facts) for client in self.clients):
            assert time.monotonic() < deadline, self._difference(stored, facts)
            for client in self.clients:
                client.connect()
                client.take()
            await self._look_at_heads()
            await asyncio.sleep(0.002)
            stored, facts = await asyncio.to_thread(self._store_in_thread)
        for client in self.clients:
            shown = {message["body"] for message in client.mirror.messages.values()}
            assert not shown & self.gone

    def _difference(self, stored: dict[int, Any], facts: dict[str, Any]) -> str:
        return "\n".join(
            [f"The store has {sorted(m['revision'] for m in stored.values())}, {facts}"]
            + [
                f"{who} has {sorted(m['revision'] for m in c.mirror.messages.values())} at "
                f"{c.mirror.revision}, {c.mirror.facts}, open: {c.window and c.window.is_open}"
                for who, c in zip(("ada", "bob", "eve"), self.clients, strict=True)
            ]
        )

    def _store_in_thread(self) -> tuple[dict[int, Any], dict[str, Any]]:
        try:
            return self._store()
        finally:
            connection.close()

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self._run(crash())
            self._run(self.loop.shutdown_default_executor())
            self.loop.close()


@pytest.mark.django_db(transaction=True)
def test_every_mirror_becomes_the_room(no_hub_before: None, layer_back: None) -> None:
    run_state_machine_as_test(
        Convergence,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            database=None,
            # Threads and loops have a will of their own: what fails is not made smaller.
            phases=[Phase.generate],
        ),
    )
