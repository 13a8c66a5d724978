import { hours, makeClock, remaining } from "./clock.js";
import { unsentCode } from "./code.js";
import { openLine } from "./line.js";
import { openOutbox } from "./outbox.js";
import { openPaper } from "./paper.js";

const WARNINGS = [10, 5, 1]; // minutes
const byId = (id) => document.getElementById(id);

/** Fills {n} and the like. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

/** The exam: what is answered goes to the outbox first, then over the line; the clock is the server's. */
export function sit(form, config) {
  const words = config.words;
  config.token = form.elements.token.value;
  const clock = makeClock(config.now, config.left);
  const outbox = openOutbox(config);
  const paper = openPaper(form, words, outbox, { answered, submit: askToSubmit });
  const line = openLine(config, outbox, clock, { reply, changed: showState, submitted });
  const started = Math.ceil(config.left / 60000);
  const spoken = new Set(WARNINGS.filter((minutes) => minutes >= started));
  const noticed = new Set();
  let savedAt = config.now;
  let locked = false;
  let over = false; // submitted, or moved to another device
  let clockShown = true;

  function answered(slot, response, typing) {
    outbox.add(slot, response, clock.now(), typing);
    line.soon(typing);
    showState();
  }

  function reply(told) {
    if (!outbox.unsentSlots().size) savedAt = told.now;
    for (const conflict of told.conflicts || []) paper.answerAgain(outbox.slotOf(conflict));
    for (const notice of told.notices) showNotice(notice);
    if (told.submitted && !line.submitting) return end(words.done, words.submittedText, words.open, config.receipt);
    if (told.lease > config.lease) return moved();
    if (locked && !line.submitting) {
      if (told.left_ms > 1000) unlock();
      else line.submit(outbox.nextSeq(), clock.now());
    }
    return tick();
  }

  function showNotice(notice) {
    if (noticed.has(notice.id)) return;
    noticed.add(notice.id);
    const box = byId("notice");
    box.textContent = fill(words.added, { n: notice.minutes, reason: notice.reason });
    box.hidden = false;
  }

  function showState() {
    const unsent = outbox.unsentSlots();
    const tag = byId("state");
    const set = (kind, text) => {
      if (tag.textContent !== text) tag.textContent = text;
      tag.className = `tag ${kind}`;
    };
    if (line.refused) set("bad", words.refused);
    else if (line.failing && unsent.size) set("warn", fill(words.unsent, { n: unsent.size }));
    else if (unsent.size) set("act", words.sending);
    else set("good", fill(words.saved, { at: hours(savedAt) }));
    showBanner(unsent.size);
    paper.show(unsent);
    if (locked && !over) showLocked();
  }

  function showBanner(count) {
    const box = byId("offline");
    let text = "";
    if (line.refused) text = `${words.refused}. ${words.refusedText}`;
    else if (line.failing && !locked) text = `${line.reached ? words.busy : words.offline} ${fill(words.offlineText, { n: count })}`;
    else if (!outbox.kept && !over) text = words.memory;
    if (box.textContent !== text) box.textContent = text;
    box.hidden = !text;
  }

  function tick() {
    const left = clock.left();
    if (over) return;
    byId("clock").textContent = clockShown ? remaining(left) : "–:–";
    for (const minutes of WARNINGS) {
      if (left <= minutes * 60000 && left > 0 && !spoken.has(minutes)) {
        spoken.add(minutes);
        byId("say").textContent = fill(words.left, { n: minutes });
      }
    }
    if (left <= 0 && !locked) lock(words.zero, words.zeroText);
  }

  function lock(title, text) {
    locked = { title, text };
    paper.lock();
    showLocked();
    line.pump();
  }

  function unlock() {
    locked = false;
    spoken.clear();
    byId("ending").hidden = true;
    paper.unlock();
  }

  /** Locked and on its way; what is still here gets a code that an invigilator can write down. */
  function showLocked() {
    const unsent = line.failing || line.refused ? outbox.unsent() : [];
    const slots = new Set(unsent.map((one) => one.event[1]));
    const lost = line.failing ? (line.reached ? words.busy : words.offline) : "";
    const text = unsent.length ? fill(words.code, { n: slots.size }) : "";
    showEnding(locked.title, [locked.text, [lost, text].join(" ").trim()], unsent.length ? unsentCode(config.ref, unsent) : "");
  }

  function askToSubmit() {
    lock(words.submitting, words.submittingText);
    line.submit(outbox.nextSeq(), clock.now());
  }

  function submitted(told) {
    outbox.wipe();
    savedAt = told.now;
    end(words.done, fill(words.doneText, { n: told.answered }), words.open, config.receipt, told.receipt);
  }

  function moved() {
    if (over) return;
    const rest = outbox.unsentSlots().size;
    end(words.moved, words.movedText, words.reload, location.pathname);
    if (rest) line.pump();
  }

  function end(title, text, action, url, receipt) {
    over = true;
    locked = locked || { title, text };
    paper.lock();
    if (!outbox.unsentSlots().size) line.end();
    showEnding(title, [text, receipt ? `${words.receipt}:` : ""], receipt, action, url);
    byId("offline").hidden = true;
  }

  function showEnding(title, texts, code, action, url) {
    const box = byId("ending");
    const known = [title, ...texts, code].join("\n");
    if (box.dataset.known === known && !box.hidden) return;
    box.dataset.known = known;
    box.textContent = "";
    const put = (tag, content, css) => {
      if (!content) return null;
      const element = document.createElement(tag);
      element.textContent = content;
      if (css) element.className = css;
      return box.appendChild(element);
    };
    put("h2", title);
    for (const text of texts) put("p", text);
    put("p", code, "receipt-code");
    const link = put("a", action, "btn btn-primary");
    if (link) link.href = url;
    box.hidden = false;
    box.focus();
  }

  byId("clock-toggle").hidden = false;
  byId("clock-toggle").addEventListener("click", (event) => {
    clockShown = !clockShown;
    event.target.textContent = clockShown ? words.hide : words.show;
    tick();
  });
  addEventListener("beforeunload", (event) => {
    if (!over && !outbox.kept && outbox.unsentSlots().size) event.preventDefault();
  });
  paper.restore(outbox.unsent(), config.lease);
  showState();
  setInterval(tick, 500);
  tick();
  if (outbox.unsentSlots().size) line.pump();
}
