"""Fault 16: bulk actions of the admin, and rows deleted past the actions, while people talk."""

from __future__ import annotations

import asyncio

from tests.admin.clicking import desk
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World
from tests.fault_suite.worlds import Worlds
from tests.live.house import Someone
from tests.live.stage import until

NAME = "admin bulk actions, and queryset.delete() on messages"
REDACTED = 20
TOLD_WITHIN_S = 2.0


@fault(16, NAME, shape="one", short=True, expects="through the actions, or refused")
async def bulk_in_the_admin(worlds: Worlds, seed: int) -> Result:
    """Twenty messages are redacted with one click; nothing else takes a row away."""
    result = Result(16, NAME, "one", seed)
    world = await worlds.shared("one")
    olga = await asyncio.to_thread(world.person, "olga", is_staff=True, is_superuser=True)
    async with Workload(world, seed) as load:
        await load.acknowledge_more(REDACTED + 10)
        stored = await asyncio.to_thread(world.stored, load.room)
        chosen = stored[:REDACTED]
        ids = ",".join(str(row["id"]) for row in chosen)
        async with desk(world, olga) as admin:
            await admin.click(f"/admin/chat/message/redact/?ids={ids}", reason="spam")
        clicked = asyncio.get_running_loop().time()
        said = [row["body"] for row in chosen]
        await until(lambda: all(_shows_none(client.bodies(), said) for client in load.clients))
        told = asyncio.get_running_loop().time() - clicked
        await _delete_selected(world, olga, ids, result)
        for way, outcome in (
            await asyncio.to_thread(world.backstage, "delete_rows", room=load.room)
        ).items():
            result.expect(outcome == "refused", f"{way} was {outcome}")
        await load.acknowledge_more(10)
        await load.settle()
        await load.judge_into(result, redacted=[row["nonce"] for row in chosen])
    result.note(f"{REDACTED} messages redacted by one click, gone everywhere in {told:.2f} s")
    result.note("delete() and update() of rows: refused")
    result.expect(told < TOLD_WITHIN_S, f"the redaction was told only after {told:.1f} s")
    return result


def _shows_none(shown: list[str], texts: list[str]) -> bool:
    return not set(texts) & set(shown)


async def _delete_selected(world: World, olga: Someone, ids: str, result: Result) -> None:
    """Django's own list action, posted by hand, since it is not offered."""
    ticked = {"_selected_action": ids.split(","), "action": "delete_selected", "post": "yes"}
    async with world.browser(olga) as browser:
        page = await browser.client.get("/admin/chat/message/")
        result.expect("delete_selected" not in page.text, "the admin offers to delete messages")
        await browser.submit("/admin/chat/message/", "/admin/", **ticked)  # type: ignore[arg-type]
