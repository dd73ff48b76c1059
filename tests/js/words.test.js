/** Words, times, links and names: what people read. */
import assert from "node:assert/strict";
import test from "node:test";
import { gettext, interpolate, ngettext, useCatalogue } from "../../chat/static/chat/js/helpers/i18n.js";
import { hueClass, initials, isFewEmoji } from "../../chat/static/chat/js/helpers/initials.js";
import { piecesOf } from "../../chat/static/chat/js/helpers/links.js";
import { pluralRule } from "../../chat/static/chat/js/helpers/plural.js";
import { localeOf, Times } from "../../chat/static/chat/js/helpers/times.js";
import { lengthOf } from "../../chat/static/chat/js/models/text-limit.js";

test("without a catalogue the page speaks English, plurals included", () => {
  useCatalogue({ catalog: {}, plural: null });
  assert.equal(gettext("Live"), "Live");
  assert.equal(ngettext("%(count)s message", "%(count)s messages", 1), "%(count)s message");
  assert.equal(ngettext("%(count)s message", "%(count)s messages", 0), "%(count)s messages");
});

test("a Chinese catalogue has one form for all numbers", () => {
  useCatalogue({ catalog: { "%(count)s message": ["%(count)s 条消息"] }, plural: "0" });
  const text = ngettext("%(count)s message", "%(count)s messages", 5);
  assert.equal(interpolate(text, { count: 5 }), "5 条消息");
  useCatalogue({ catalog: {}, plural: null });
});

test("an untranslated entry falls back to the sentence itself", () => {
  useCatalogue({ catalog: { Live: "" }, plural: null });
  assert.equal(gettext("Live"), "Live");
  useCatalogue({ catalog: {}, plural: null });
});

test("parts go into their places; a part that is missing stays visible", () => {
  assert.equal(interpolate("%(a)s and %(b)s", { a: 1 }), "1 and %(b)s");
});

test("a part is not looked into for further places", () => {
  assert.equal(interpolate("%(a)s %(b)s", { a: "%(b)s", b: "x" }), "%(b)s x");
});

test("the plural rules of gettext are worked out", () => {
  const polish = pluralRule(
    "(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)",
  );
  assert.deepEqual([1, 2, 5, 12, 22, 25, 101].map(polish), [0, 1, 2, 2, 1, 2, 2]);
  assert.deepEqual([0, 1, 2].map(pluralRule("n != 1")), [1, 0, 1]);
  assert.deepEqual([0, 1, 9].map(pluralRule("0")), [0, 0, 0]);
  assert.deepEqual([0, 1, 2].map(pluralRule("n > 1")), [0, 0, 1]);
});

test("a day belongs to the reader's own time zone", () => {
  const late = "2026-11-20T23:30:00Z";
  assert.equal(new Times("en", "UTC").dayOf(late), "2026-11-20");
  assert.equal(new Times("en", "Asia/Shanghai").dayOf(late), "2026-11-21");
});

test("today and yesterday are called so, in the reader's language", () => {
  const now = () => new Date("2026-11-20T12:00:00Z");
  const english = new Times("en", "UTC", now);
  assert.equal(english.day("2026-11-20T01:00:00Z"), "Today");
  assert.equal(english.day("2026-11-19T23:00:00Z"), "Yesterday");
  assert.match(english.day("2026-11-02T01:00:00Z"), /Monday/);
  assert.match(english.day("2025-11-02T01:00:00Z"), /2025/);
  assert.equal(new Times("zh-hans", "UTC", now).day("2026-11-20T01:00:00Z"), "今天");
});

test("the full time says the seconds, for whoever hovers", () => {
  assert.match(new Times("en", "UTC").full("2026-11-20T14:05:33Z"), /2026.*2:05:33/);
});

const links = (text) => piecesOf(text).filter(({ href }) => href).map(({ href }) => href);

test("addresses become links; the sentence keeps its punctuation", () => {
  assert.deepEqual(links("See https://example.org/a, and http://b.example."), [
    "https://example.org/a",
    "http://b.example",
  ]);
  assert.deepEqual(links("(https://example.org/a_(b))"), ["https://example.org/a_(b)"]);
  assert.deepEqual(links("看https://example.org/路径，谢谢"), ["https://example.org/路径"]);
  assert.deepEqual(links("https://example.org/?q=1&r=2#x!"), ["https://example.org/?q=1&r=2#x"]);
});

test("nothing but http and https becomes a link", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "https://", "http:///", "xhttps//a"]) {
    assert.deepEqual(links(text), [], text);
  }
});

test("the pieces are the text, nothing more and nothing less", () => {
  const text = "a https://x.example/?<b>&amp; https://y.example, \n\n z\u202e https://";
  assert.equal(piecesOf(text).map((piece) => piece.text).join(""), text);
});

test("a long line of brackets is looked through in no time", () => {
  const started = performance.now();
  piecesOf(`https://example.org/${")".repeat(4_000)}`);
  assert.ok(performance.now() - started < 200);
});

test("initials: two of a Chinese name, the first letters of others", () => {
  assert.equal(initials("王小明"), "小明");
  assert.equal(initials("Ada Lovelace"), "AL");
  assert.equal(initials("bob"), "B");
  assert.equal(initials("Ada King Lovelace"), "AL");
  assert.equal(initials("👻"), "?");
  assert.equal(initials("李"), "李");
});

test("a hue finds its class", () => {
  assert.deepEqual([0, 14, 15, 359, 360].map(hueClass), ["hue-0", "hue-0", "hue-1", "hue-23", "hue-0"]);
});

test("one to three emoji stand alone and large, text does not", () => {
  assert.equal(isFewEmoji("👍"), true);
  assert.equal(isFewEmoji("👩‍👩‍👧 🎉"), true);
  assert.equal(isFewEmoji("🎉🎉🎉🎉"), false);
  assert.equal(isFewEmoji("ok 👍"), false);
  assert.equal(isFewEmoji("12"), false);
  assert.equal(isFewEmoji(""), false);
});

test("the length of a text is counted in code points, as the server does", () => {
  assert.equal(lengthOf("👍".repeat(4_000)), 4_000);
  assert.equal(lengthOf("a".repeat(4_001)), 4_001);
});

test("times are written as the reader's browser would, in the language of the page", () => {
  assert.equal(localeOf("en", ["de-DE", "en-GB", "en-US"]), "en-GB");
  assert.equal(localeOf("en", ["zh-CN"]), "en");
  assert.equal(localeOf("zh-hant", ["zh-CN", "zh-HK"]), "zh-HK");
  assert.equal(localeOf("zh-hans", ["zh-TW", "zh-SG"]), "zh-SG");
  assert.equal(new Times("en-GB", "UTC").time("2026-11-20T14:05:33Z"), "14:05");
});

test("how long something lasts is said in the reader's language, the two largest units", () => {
  const english = new Times("en", "UTC");
  assert.equal(english.span(1), "1 second");
  assert.equal(english.span(90), "1 minute, 30 seconds");
  assert.equal(english.span(3_600), "1 hour");
  assert.equal(english.span(90_061), "1 day, 1 hour");
  assert.equal(english.shortSpan(30), "30s");
  assert.equal(new Times("zh-hans", "UTC").span(30), "30\u00a0秒钟");
  assert.equal(new Times("zh-hans", "UTC").span(90), "1\u00a0分钟 30\u00a0秒钟");
  assert.equal(new Times("zh-hant", "UTC").shortSpan(3_690), "1\u00a0小時 1\u00a0分鐘");
});

test("what is left goes calmly: by the minute, and by the second at the end", () => {
  const english = new Times("en", "UTC");
  assert.equal(english.left(500), "1 second");
  assert.equal(english.left(59_000), "59 seconds");
  assert.equal(english.left(60_001), "2 minutes");
  assert.equal(english.left(3_600_000), "1 hour");
  assert.equal(english.left(5_430_000), "1 hour, 31 minutes");
  assert.equal(english.left(100 * 3_600_000), "4 days, 4 hours");
});

test("until when: the time alone today, else with its day", () => {
  const now = () => new Date("2026-11-20T12:00:00Z");
  const british = new Times("en-GB", "UTC", now);
  assert.equal(british.moment("2026-11-20T14:05:00Z"), "14:05");
  assert.match(british.moment("2026-11-21T14:05:00Z"), /21 Nov 2026.*14:05/);
});
