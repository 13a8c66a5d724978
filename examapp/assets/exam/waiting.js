// The waiting room: counts down by the server's clock, fetches the locked paper, opens it at the candidate's own moment.
import { checkDevice } from "./check.js";
import { hours, makeClock, remaining } from "./clock.js";
import { forgetOthers, startWorker } from "./kept.js";
import { opensLocked, showPaper, unlock } from "./locked.js";
import { keepsAnswers } from "./outbox.js";
import { byId } from "./page.js";

const TIMEOUT_MS = 20000;
const DAY_MS = 86400000;
const FETCH_OVER_MS = 60000; // phones that come together do not ask for their papers together
const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const jitter = () => 0.75 + Math.random() / 2;

function ask(method, url, body, type, done) {
  const request = new XMLHttpRequest();
  request.open(method, url);
  request.timeout = TIMEOUT_MS;
  request.responseType = type;
  request.setRequestHeader("Accept", "application/json");
  if (body) request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
  request.onloadend = () => done(request);
  request.send(body);
}

/** `opened()` is called when the exam stands in this page. */
export function waitForStart(room, opened) {
  const data = JSON.parse(room.dataset.wait);
  const words = data.words;
  const form = byId("start");
  const button = form.querySelector("button");
  const read = byId("read");
  const check = checkDevice(byId("check"), words);
  const clock = makeClock(data.wait.now, 0);
  let wait = data.wait;
  let paper = null; // {digest, bytes}
  let ready = false;
  let pressed = false;
  let starting = false;
  let held = false; // refused: the next look tells whether to ask again
  let failures = 0;
  let said = ""; // instead of what the phase says: a refusal, or that the line is down
  let asked = 0; // timers
  let fetching = 0;
  let ended = false;

  const until = () => wait.opens_ms - clock.now();
  const later = (ms) => {
    clearTimeout(asked);
    if (!ended) asked = setTimeout(look, ms);
  };

  function look() {
    const sent = performance.now();
    ask("GET", data.poll, null, "json", (request) => {
      const status = request.status;
      if (ended) return;
      if (status === 200 && request.response) hear(request.response, performance.now() - sent);
      else if (status >= 400 && status < 500 && status !== 429) location.reload(); // signed out, or no longer enrolled
      else check.contact();
      later(wait.ask_ms * jitter());
    });
  }

  function hear(told, took) {
    wait = told;
    clock.set(told.now, 0); // a little behind, so that nobody asks before the time
    check.contact(took, told.now);
    if (held || !starting) said = "";
    if (held) starting = false;
    held = false;
    if (told.phase === "started") pressed = true;
    fetchPaper();
    tick();
  }

  /** The paper, when there is one to fetch that is not here: the first, or one that was sealed anew. */
  function fetchPaper() {
    const wanted = wait.digest;
    if (!opensLocked() || fetching || !wanted || (paper && paper.digest === wanted) || until() <= 0) return;
    fetching = setTimeout(() => {
      ask("GET", data.paper, null, "arraybuffer", (request) => {
        fetching = 0;
        const digest = request.status === 200 && request.getResponseHeader("X-Paper-Digest");
        if (digest) paper = { digest, bytes: new Uint8Array(request.response) };
        check.paper(Boolean(digest));
      });
    }, Math.random() * Math.min(FETCH_OVER_MS, until() / 2));
  }

  function tick() {
    if (ended) return;
    if (wait.phase === "before" && until() <= 0) wait.phase = "running";
    const open = wait.phase === "running" || wait.phase === "started";
    if (!open) pressed = false;
    const own = until() + wait.delay_ms;
    show(open, own);
    if (open && (ready || pressed) && own <= 0 && !starting) start();
  }

  function show(open, own) {
    const before = wait.phase === "before";
    const going = open && (ready || pressed);
    const at = hours(wait.opens_ms);
    put(byId("wait-label"), before ? words.before : open ? words.opened : words.closed);
    put(byId("wait-clock"), !before ? "" : until() < DAY_MS ? remaining(until()) : words.days.replace("{n}", Math.round(until() / DAY_MS)));
    put(byId("wait-state"), ready ? words.ready : words.waiting);
    byId("wait-state").className = `tag ${ready ? "good" : "neutral"}`;
    const soon = own > 0 ? words.soon.replace("{n}", Math.ceil(own / 1000)) : words.starting;
    const message = said || (going ? soon : open ? "" : wait.message) || (before && ready ? words.staysOpen.replace("{at}", at) : "");
    put(byId("why"), message);
    byId("why").hidden = !message;
    byId("why").className = `notice ${going || (before && ready) ? "act" : ""}`;
    form.hidden = !before && !open;
    read.required = before && !ready;
    byId("read-line").hidden = !before || ready;
    byId("read-press").hidden = !open;
    button.disabled = going;
    button.className = `btn btn-block ${before && ready ? "" : "btn-primary"}`;
    put(button, open ? words.start : ready ? words.unready : words.getReady.replace("{at}", at));
  }

  function start() {
    starting = true;
    const token = encodeURIComponent(form.elements.csrf_token.value);
    ask("POST", form.action, `csrf_token=${token}&have=${paper ? paper.digest : ""}`, "json", (request) => {
      const status = request.status;
      const response = request.response;
      if (status === 200 && response) open(response, (name) => request.getResponseHeader(name));
      else if (status === 409 && response) refused(response);
      else if (status >= 400 && status < 500 && status !== 429) location.reload();
      else tryAgain();
    });
  }

  /** In place where key and paper fit together; otherwise, and after any fault, as an ordinary page. */
  function open(reply, header) {
    const plain = () => location.assign(reply.url);
    ended = true;
    clearTimeout(asked);
    clearTimeout(fetching);
    if (!reply.key || !paper || paper.digest !== reply.digest) return plain();
    return unlock(paper.bytes, paper.digest, reply.key)
      .then((html) => {
        clearInterval(ticking);
        showPaper(html, reply, header);
        opened();
      })
      .catch(plain);
  }

  function refused(reply) {
    held = true;
    said = [reply.message, reply.advice].join(" ").trim();
    tick();
    later(3000);
  }

  function tryAgain() {
    failures += 1;
    said = words.again;
    tick();
    setTimeout(start, Math.min(8000, 1000 * 2 ** (failures - 1)) * jitter());
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (wait.phase === "before") ready = !ready;
    else pressed = true;
    tick();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !ended && !starting) look(); });
  if (byId("again")) byId("again").hidden = true;
  byId("wait-top").hidden = false;
  forgetOthers(room.dataset.owner).catch(() => {});
  (keepsAnswers() ? startWorker() : Promise.resolve(false)).then(check.page);
  check.paper(false);
  const ticking = setInterval(tick, 500);
  tick();
  look();
}
