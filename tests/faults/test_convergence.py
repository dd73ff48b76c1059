"""Whatever is said, lost, doubled, reordered or crashed: every mirror becomes the room.

A hypothesis state machine (https://hypothesis.readthedocs.io/en/latest/stateful.html) over
the real actions, database, hub, feeds and consumer. Only the channel layer is a model: it
does with each message what the machine says. After every step a mirror that resumes from
any older cursor must equal the store, and no redacted text may be anywhere. Who is banned
hears nothing after they were told so, and nobody reads what waits for a moderator.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from chat import errors, resume, tail
from chat.actions import held_posts, members, messages, redaction, room_switches, rooms, sanctions
from chat.hub import get_hub, running_hub
from chat.models import (
    AuditEntry,
    Evidence,
    HeldPost,
    Membership,
    Message,
    Room,
    Sanction,
    Store,
    User,
)
from chat.models.sanction import ACTIVE
from chat.recheck import recheck
from chat.verifying import find_damage
from tests.conftest import fresh, new_nonce
from tests.faults.asgi_window import sign_in
from tests.faults.conftest import crash, use_layer
from tests.faults.lossy_layer import HeldLayer
from tests.faults.machine_client import Client
from tests.mirror import Mirror

EXAMPLES = 30
STEPS = 25
CONVERGES_WITHIN_S = 20
T = TypeVar("T")
_numbers = itertools.count(1)
_index = st.integers(0, 10**6)


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

    def _bans(self) -> QuerySet[Sanction]:
        return Sanction.objects.filter(ACTIVE, room=self.room, kind="ban")

    def _banned(self) -> set[int]:
        return set(self._bans().values_list("user_id", flat=True))

    # --- What people do ------------------------------------------------------------------

    @rule(who=st.integers(0, 1), crash_after=st.booleans())
    def post(self, who: int, crash_after: bool) -> None:
        """Say something; maybe the process dies between the commit and the announcement."""
        body = f"text-{next(_numbers)}"
        author = self.people[who]
        try:
            messages.post_message(actor=author, room_id=self.room.pk, nonce=new_nonce(), body=body)
        except errors.BannedError:
            assert author.pk in self._banned()
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
        if message is None or message.is_tombstone:
            return
        try:
            messages.edit_message(
                actor=fresh(message.author), message_id=message.pk, body=f"text-{next(_numbers)}"
            )
        except errors.NotFoundError:
            assert message.author_id in self._banned()
        except errors.NeedsApprovalError:
            # An edit would be a way around the queue.
            assert fresh(self.room).approve_first == Room.ApproveFirst.EVERYONE
            assert message.author_id != self.ada.pk
        else:
            self.gone.add(message.body)
            self._breathe_after()

    @rule(index=_index, count=st.integers(1, 3))
    def redact(self, index: int, count: int) -> None:
        found = {m.pk: m for m in (self._message(index + n) for n in range(count)) if m}
        if found:
            redaction.redact_messages(actor=self.ada, message_ids=list(found), reason="Why not")
            self.gone.update(message.body for message in found.values() if message.body)
            self._breathe_after()

    @rule(index=_index)
    def undo_redaction(self, index: int) -> None:
        kept = list(Evidence.objects.filter(message__room=self.room).order_by("pk"))
        if kept:
            evidence = kept[index % len(kept)]
            redaction.restore_messages(actor=self.ada, message_ids=[evidence.message_id])
            self.gone.discard(evidence.body)
            self._breathe_after()

    @rule(who=st.integers(1, 2))
    def ban_or_lift(self, who: int) -> None:
        person = self.people[who]
        standing = self._bans().filter(user=person).first()
        if standing is None:
            sanctions.ban(actor=self.ada, user_id=person.pk, room_id=self.room.pk, reason="Why not")
        else:
            sanctions.lift(actor=self.ada, sanction_id=standing.pk)
        self._breathe_after()

    @rule()
    def let_wait_or_let_in(self) -> None:
        """Everybody's posts wait for a moderator from now on, or no longer."""
        is_waiting = fresh(self.room).approve_first == Room.ApproveFirst.EVERYONE
        room_switches.set_approve_first(
            actor=self.ada,
            room_id=self.room.pk,
            approve_first=Room.ApproveFirst.NOBODY if is_waiting else Room.ApproveFirst.EVERYONE,
        )
        self._breathe_after()

    @rule(index=_index, approve=st.booleans())
    def decide(self, index: int, approve: bool) -> None:
        """Approve a post that waits, or reject it."""
        waiting = list(HeldPost.objects.filter(room=self.room, status="waiting"))
        if not waiting:
            return
        held = waiting[index % len(waiting)]
        if approve:
            mark = held_posts.approve_post(actor=self.ada, held_id=held.pk)
            assert mark.seq == fresh(self.room).last_seq
            assert Message.objects.get(pk=mark.id).body == held.body
        else:
            held_posts.reject_post(actor=self.ada, held_id=held.pk)
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
            if self.eve.pk not in self._banned():
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
                "sanctions": list(Sanction.objects.filter(room=self.room).values()),
                "held": list(HeldPost.objects.filter(room=self.room).values()),
                "evidence": list(Evidence.objects.filter(message__room=self.room).values()),
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
            cursor.execute(
                "DELETE FROM chat_evidence WHERE message_id IN"
                " (SELECT id FROM chat_message WHERE room_id = %s)",
                [self.room.pk],
            )
            for table in ("heldpost", "sanction", "auditentry", "message", "membership"):
                cursor.execute(f"DELETE FROM chat_{table} WHERE room_id = %s", [self.room.pk])
        Message.log.bulk_create(Message(**row) for row in backup["messages"])
        Membership.log.bulk_create(Membership(**row) for row in backup["members"])
        Sanction.log.bulk_create(Sanction(**row) for row in backup["sanctions"])
        HeldPost.log.bulk_create(HeldPost(**row) for row in backup["held"])
        Evidence.objects.bulk_create(Evidence(**row) for row in backup["evidence"])
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

    def _unseen(self) -> set[str]:
        """What waits for a moderator, or was rejected."""
        rows = HeldPost.objects.filter(room=self.room).exclude(status="approved")
        return set(rows.values_list("body", flat=True))

    @invariant()
    def nothing_that_waits_has_a_place_in_the_room(self) -> None:
        with transaction.atomic():
            stored, _ = self._store()
            assert not self._unseen() & {message["body"] for message in stored.values()}
        # The outsider is told of no queue.
        assert not self.clients[2].heard_held

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
        banned = await asyncio.to_thread(self._banned_in_thread)
        while not all(self._stands_as_it_should(c, banned, stored, facts) for c in self.clients):
            assert time.monotonic() < deadline, self._difference(stored, facts)
            for client, person in zip(self.clients, self.people, strict=True):
                client.connect()
                client.take()
                if client.is_out and person.pk not in banned:
                    client.subscribe()
            await self._look_at_heads()
            await recheck(await get_hub(), [person.pk for person in self.people])
            await asyncio.sleep(0.002)
            stored, facts = await asyncio.to_thread(self._store_in_thread)
        unseen = await asyncio.to_thread(self._unseen_in_thread)
        for client in self.clients:
            shown = {message["body"] for message in client.mirror.messages.values()}
            assert not shown & self.gone
            assert not shown & unseen

    def _stands_as_it_should(
        self, client: Client, banned: set[int], stored: dict[int, Any], facts: dict[str, Any]
    ) -> bool:
        """Whether a window shows the room; or, of somebody who is banned, nothing of it."""
        person = self.people[self.clients.index(client)]
        if person.pk in banned:
            return client.is_out and not client.mirror.messages
        return client.shows(stored, facts)

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
        return _and_close(self._store)

    def _banned_in_thread(self) -> set[int]:
        return _and_close(self._banned)

    def _unseen_in_thread(self) -> set[str]:
        return _and_close(self._unseen)

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self._run(crash())
            self._run(self.loop.shutdown_default_executor())
            self.loop.close()


def _and_close(read: Callable[[], T]) -> T:
    """Read in a thread that is not asked again."""
    try:
        return read()
    finally:
        connection.close()


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
