/** Wires the room page: models, elements, the browser's events. */
import { Connection } from "./models/connection.js";
import { Drafts } from "./models/drafts.js";
import { HistoryPages } from "./models/history-pages.js";
import { Moderation } from "./models/moderation.js";
import { Places } from "./models/places.js";
import { Session } from "./models/session.js";
import { browserIo, socketUrl } from "./helpers/browser-io.js";
import { embedded } from "./helpers/dom.js";
import { fetchHistory, fetchPins, fetchSanctions } from "./helpers/server.js";
import { followViewport } from "./helpers/viewport.js";
import { useCatalogue } from "./helpers/i18n.js";
import { OutboxStore } from "./helpers/outbox-store.js";
import { localeOf, Times } from "./helpers/times.js";
import { claimTab, inheritFromTabs, tabName } from "./helpers/tab.js";
import { ChatComposer } from "./elements/composer.js";
import { ChatDesk } from "./elements/room-desk.js";
import { ChatNotices } from "./elements/notices.js";
import { ChatNotWriting } from "./elements/not-writing.js";
import { ChatPeople } from "./elements/people.js";
import { ChatRoomHeader } from "./elements/room-header.js";
import { ChatRoomList } from "./elements/room-list.js";
import { ChatStatus } from "./elements/status.js";
import { ChatTimeline } from "./elements/timeline.js";
import { ModeratorActs } from "./elements/moderator-acts.js";
import { Page, roomOf } from "./elements/page.js";
import { Sides } from "./elements/sides.js";
import { UndoNotice } from "./elements/undo-notice.js";
import { dismissWith } from "./elements/dismissal.js";
import { listenForKeys } from "./elements/page-keys.js";
import { commandKey, openKeysHelp } from "./elements/keys-help.js";
import { openRoomSwitcher } from "./elements/room-switcher.js";
import { showMe } from "./elements/me.js";

const ELEMENTS = {
  "chat-room-header": ChatRoomHeader,
  "chat-desk": ChatDesk,
  "chat-room-list": ChatRoomList,
  "chat-notices": ChatNotices,
  "chat-timeline": ChatTimeline,
  "chat-composer": ChatComposer,
  "chat-not-writing": ChatNotWriting,
  "chat-status": ChatStatus,
  "chat-people": ChatPeople,
};
const TITLE_SETTLE_MS = 80;

const boot = embedded("boot");
useCatalogue(embedded("catalogue"));
for (const [name, element] of Object.entries(ELEMENTS)) customElements.define(name, element);

const connection = new Connection(socketUrl(boot.socket), browserIo);
const outboxStore = new OutboxStore(boot.me.id);
const session = new Session(boot, {
  connection,
  pages: new HistoryPages(fetchHistory),
  outboxStore,
  io: browserIo,
  tab: tabName,
});

const part = (name) => document.querySelector(name);
const page = new Page({
  session,
  times: new Times(localeOf(boot.language), boot.time_zone),
  drafts: new Drafts(localStorage, boot.me.id),
  places: new Places(sessionStorage),
  timeline: part("chat-timeline"),
  composer: part("chat-composer"),
  csrfToken: part("[name=csrfmiddlewaretoken]").value,
  site: part(".shell").dataset.site,
});

session.open(boot.room?.facts.id ?? roomOf(new URL(location.href)));
page.moderation = new Moderation(session, { fetchPins, fetchSanctions });
page.acts = new ModeratorActs(page);
page.undo = new UndoNotice(part(".writing-column"), page);
showMe(part(".me"), boot.me);
for (const name of Object.keys(ELEMENTS)) part(name).start(page);
page.sides = new Sides(part(".shell"), () => part("chat-people").refresh());
listenForKeys(page);

part("[data-open='switcher']").addEventListener("click", () => openRoomSwitcher(page));
part(".jump kbd").textContent = `${commandKey()} K`;
part("[data-open='keys']").addEventListener("click", () => openKeysHelp());
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const isPlain = !event.defaultPrevented && event.button === 0;
  if (!link || !isPlain || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href);
  const room = roomOf(url);
  if (room === null || link.target === "_blank") return;
  event.preventDefault();
  page.go(room, url.hash);
});

let title = null;
const showTitle = () => {
  title ??= setTimeout(() => {
    title = null;
    page.showTitle();
  }, TITLE_SETTLE_MS);
};
for (const signal of [session.rooms.changed, session.opened, session.advanced, session.barred]) {
  signal.on(showTitle);
}
showTitle();

window.addEventListener("popstate", () => page.followAddress());
window.addEventListener("online", () => connection.online());
window.addEventListener("offline", () => connection.offline());
window.addEventListener("pageshow", (event) => event.persisted && connection.wake());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") connection.wake();
  else session.marks.flush();
});
connection.dismissed.on((word) => dismissWith(word, page));
connection.changedState.on((state) => {
  if (state === "live") inheritFromTabs(outboxStore, (entries) => session.outbox.adopt(entries));
});

claimTab();
followViewport();
inheritFromTabs(outboxStore, (entries) => session.outbox.adopt(entries));
connection.start();
