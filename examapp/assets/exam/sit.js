import { focusPaper, say } from "./attention.js";
import { forgetClock, hours, keepClock, makeClock, recallClock, remaining } from "./clock.js";
import { showEnding } from "./ending.js";
import { watchIntegrity } from "./integrity.js";
import { forgetPage } from "./kept.js";
import { nextPerson as nextPersonAt } from "./leftovers.js";
import { openLine } from "./line.js";
import { openOutbox } from "./outbox.js";
import { byId } from "./page.js";
import { openPaper } from "./paper.js";
import { openStuck } from "./stuck.js";
import { keepView } from "./view.js";
import { makeWarnings } from "./warnings.js";
import { questionOf } from "./way.js";

/** Fills {n} and the like. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

/** The exam: what is answered goes to the outbox first, then over the line; the clock is the server's. `form` is the
    paper, in the page from the beginning or put into it later; `config` what the server tells of the sitting. */
export function sit(form, config) {
  const words = config.words;
  config.token = config.token || form.elements.token.value;
  const start = recallClock(config.ref, config.now, config.left);
  const clock = makeClock(start.now, start.left);
  const outbox = openOutbox(config);
  const paper = openPaper(form, config, outbox, { answered, submit: askToSubmit });
  const line = openLine(config, outbox, clock, { reply, changed: showState, submitted });
  const stuck = openStuck(config, outbox, showState);
  const warn = makeWarnings(words, config.whole);
  let savedAt = start.now;
  let locked = false;
  let over = false; // submitted, stopped, or moved to another device
  let clockShown = true;
  let trouble = ""; // what the banner speaks of
  let hidden = outbox.recall("hidden")[0] || 0; // the newest notice of added time that the person has put away
  let newest = hidden;

  let gone = false; // left to the next person: nothing of the page is there any more

  const nextPerson = { label: words.nextPerson, act: leaveDevice };
  const unsentQuestions = () => new Set(Array.from(outbox.unsentSlots(), questionOf)).size;

  function answered(slot, response, typing) {
    outbox.add(slot, response, clock.now(), typing);
    line.soon(typing);
    showState();
  }

  function reply(told) {
    if (gone) return undefined;
    keepClock(config.ref, told.now, told.left_ms);
    stuck.prepare();
    if (!outbox.unsentSlots().size) savedAt = told.now;
    for (const conflict of told.conflicts || []) paper.answerAgain(outbox.slotOf(conflict));
    const added = [];
    for (const notice of told.notices) {
      if (notice.stopped) return end(words.stopped, [fill(words.stoppedText, notice), words.stoppedKept], [toReceipt(words.makeUp), nextPerson]);
      if (notice.id > hidden) added.push(fill(words.added, { n: notice.minutes, reason: notice.reason }));
      newest = notice.id;
    }
    if (added.length) tell("notice", added.join("\n"));
    if (told.older > config.older) tell("older", fill(words.older, { n: told.older - config.older }));
    if (told.submitted && !line.submitting) return end(words.done, [words.submittedText], [toReceipt(), nextPerson]);
    if (told.lease > config.lease) return moved();
    if (locked && !line.submitting) {
      if (told.left_ms > 1000) unlock();
      else line.submit(outbox.nextSeq(), clock.now());
    }
    return tick();
  }

  /** In the box above the paper, once. */
  function tell(name, text) {
    const place = byId(`${name}-text`);
    if (place.textContent === text) return;
    place.textContent = text;
    byId(name).hidden = false;
    say(text);
  }

  function showState() {
    if (gone) return;
    const count = unsentQuestions();
    const tag = byId("state");
    const set = (kind, text) => {
      if (tag.textContent !== text) tag.textContent = text;
      tag.className = `tag ${kind}`;
    };
    if (line.refused) set("bad", words.refused);
    else if (line.failing && count) set("warn", fill(words.unsent, { n: count }));
    else if (count) set("act", words.sending);
    else set("good", fill(words.saved, { at: hours(savedAt) }));
    showBanner(count);
    paper.show(outbox.unsentSlots(), line.failing || line.refused);
    if (locked && !over) showLocked();
  }

  function showBanner(count) {
    const box = byId("offline");
    let text = "";
    if (line.refused) text = `${words.refused}. ${words.refusedText}`;
    else if (line.failing && !locked) {
      const kept = count ? fill(words.offlineText, { n: count }) : words.offlineSaved;
      text = `${line.reached ? words.busy : words.offline} ${kept}`;
    } else if (!outbox.kept && !over) text = words.memory;
    if (box.textContent !== text) box.textContent = text;
    box.hidden = !text;
    const kind = text && [line.refused, line.failing, line.failing && line.reached].join();
    if (kind === trouble || (!kind && count)) return; // not again with every answer, and no relief before all has arrived
    trouble = kind;
    say(text || byId("state").textContent);
  }

  function tick() {
    const left = clock.left();
    if (over || locked) return;
    byId("clock").textContent = byId("left").textContent = clockShown ? remaining(left) : "–:–";
    warn(left);
    if (left <= 0) lock(words.zero, words.zeroText);
  }

  function lock(title, text) {
    locked = { title, text };
    warn(0);
    paper.lock();
    showLocked();
    line.pump();
  }

  function unlock() {
    locked = false;
    outbox.remember("submit", []);
    byId("ending").hidden = true;
    paper.unlock();
  }

  /** Locked and on its way; what is still here gets a code that an invigilator can write down. */
  function showLocked() {
    const box = byId("ending");
    if (!line.failing && !line.refused) return showEnding(box, locked.title, [locked.text], "", []);
    const count = unsentQuestions();
    const lost = line.refused ? "" : line.reached ? words.busy : words.offline;
    const held = count ? fill(words.stuck, { n: count }) : words.stuckSaved;
    const goesOn = line.refused ? "" : words.stuckGoes;
    return stuck.show(box, locked.title, [`${lost} ${held} ${goesOn}`.trim(), count ? words.code : words.stuckHelp], nextPerson);
  }

  /** Written down first: whatever becomes of this page, the person has submitted. */
  function askToSubmit() {
    outbox.remember("submit", [clock.now(), config.lease]);
    submitAt(clock.now());
  }

  function submitAt(at) {
    lock(words.submitting, words.submittingText);
    line.submit(outbox.nextSeq(), at);
  }

  /** What was submitted before a reload, or in another tab, and has no receipt; under another lease the exam goes on. */
  function submitAsAsked() {
    const asked = outbox.recall("submit");
    if (asked[1] === config.lease && !locked) submitAt(asked[0]);
  }

  function submitted(told) {
    outbox.wipe();
    forgetClock();
    savedAt = told.now;
    const text = fill(words.doneText, { n: told.answered, at: hours(told.now) });
    const acts = config.shared ? [nextPerson, toReceipt()] : [toReceipt(), nextPerson];
    end(words.done, [text, told.late, words.verifyText, `${words.receipt}:`], acts, told.receipt);
  }

  function toReceipt(label = words.open) {
    return { label, href: config.receipt };
  }

  function moved() {
    if (over) return;
    const rest = outbox.unsentSlots().size;
    end(words.moved, [words.movedText], [{ label: words.reload, href: location.pathname }]);
    if (rest) line.pump();
  }

  function end(title, texts, acts, code = "") {
    if (gone) return;
    over = true;
    locked = locked || { title, text: texts[0] };
    forgetPage();
    paper.lock();
    if (!outbox.unsentSlots().size) line.end();
    if (acts.length) acts[0].primary = true;
    showEnding(byId("ending"), title, texts, code, acts);
    for (const id of ["offline", "older", "warning"]) byId(id).hidden = true;
  }

  /** In one tap: what is unsent stays sealed, the page is taken off this device, and nobody is signed in. */
  function leaveDevice() {
    over = true;
    gone = true;
    line.end();
    nextPersonAt(config);
  }

  byId("clock-toggle").hidden = false;
  byId("clock-toggle").addEventListener("click", (event) => {
    clockShown = !clockShown;
    event.target.textContent = clockShown ? words.hide : words.show;
    tick();
  });
  byId("notice-hide").addEventListener("click", () => {
    byId("notice").hidden = true;
    byId("notice-text").textContent = "";
    hidden = newest;
    outbox.remember("hidden", [hidden]);
    focusPaper();
  });
  addEventListener("beforeunload", (event) => {
    if (!over && !outbox.kept && outbox.unsentSlots().size) event.preventDefault();
  });
  addEventListener("storage", submitAsAsked);
  keepView();
  keepClock(config.ref, start.now, start.left);
  paper.restore(config.kept ? outbox.known() : outbox.unsent(), config.lease);
  submitAsAsked();
  showState();
  setInterval(tick, 500);
  tick();
  if (config.integrity) watchIntegrity({ token: config.token, writer: outbox.writer }, clock);
  if (outbox.waits) line.pump();
}
