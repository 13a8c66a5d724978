// What the person before left on this device: sent as it stands by any page that is opened here, sealed, unread. And
// the way out for whoever leaves a shared device. No cryptography here, so that every page can carry it.
import { forgetClock } from "./clock.js";
import { forgetPage } from "./kept.js";
import { DELIVER, post } from "./line.js";
import { dropLog, fitting, keptSittings, sealedLogs, wipe } from "./storage.js";

const ASIDE = "thuocdo.aside";
const LEAVING = "thuocdo.leaving";
const AGAIN_MS = 5000;

/** Writers whose logs the server does not take, as far as this window knows: they stay, and are not sent with every page. */
function setAside(writers) {
  try {
    const known = JSON.parse(sessionStorage.getItem(ASIDE) || "[]");
    if (!writers.length) return known;
    sessionStorage.setItem(ASIDE, JSON.stringify(known.concat(writers)));
  } catch {
    // Then they are sent once more.
  }
  return writers;
}

/** One sitting: what has been acknowledged after its time goes from here, whatever else stays for another time. */
function deliver(ref, tried) {
  const logs = fitting(sealedLogs(ref).filter((log) => !tried.includes(log.writer)));
  if (!logs.length) return;
  const writers = logs.map((log) => log.writer);
  post(DELIVER, "", { ref, logs }, (status, reply) => {
    const over = reply.submitted || reply.left_ms === 0;
    if (reply.ack) {
      const whole = logs.filter((log) => !(reply.refused || {})[log.writer]);
      if (over) for (const log of whole) dropLog(ref, log);
      if (over) wipe(ref);
      deliver(ref, tried.concat(writers));
    } else if (reply.error && status < 500) {
      const found = reply.writer ? [reply.writer] : writers;
      setAside(found);
      deliver(ref, tried.concat(found));
    }
  });
}

/** On every page but the exam's own. Where its receipt is shown, what the sitting kept besides logs goes as well. */
export function deliverLeftovers(receipt) {
  if (receipt) wipe(receipt.dataset.wipe);
  for (const ref of keptSittings()) deliver(ref, setAside([]));
  offerLeaving(document.getElementById("next-person"));
}

const mark = (act) => {
  try {
    return act(localStorage);
  } catch {
    return null; // nothing is kept here: then the page itself has to stay until it has signed out
  }
};

/**
 * "Người tiếp theo": what is unsent stays here sealed; the page goes, from the screen and from what the browser keeps, and
 * nobody is signed in. Without network it stands empty until it has signed out; if it is closed, the next page does that.
 * `config.signOut` has the address, the form's token, and what to say meanwhile.
 */
export function nextPerson(config) {
  const signOut = config.signOut;
  const say = document.createElement("p");
  const send = () => {
    const request = new XMLHttpRequest();
    request.open("POST", signOut.url);
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onloadend = () => {
      if (request.status && request.status < 500) {
        location.replace("/");
        return;
      }
      say.className = "notice";
      say.textContent = signOut.waiting;
      setTimeout(send, AGAIN_MS);
    };
    request.send(`csrf_token=${encodeURIComponent(signOut.token)}`);
  };
  mark((kept) => kept.setItem(LEAVING, "1"));
  forgetClock();
  document.body.textContent = "";
  const main = document.body.appendChild(document.createElement("main"));
  main.className = "narrow";
  main.setAttribute("role", "status");
  main.appendChild(say);
  forgetPage().then(send);
}

/** Somebody left this device and could not sign out: done now, by the next page that can. True when the page has to go. */
export function finishLeaving() {
  if (!mark((kept) => kept.getItem(LEAVING))) return false;
  const form = document.querySelector('form[action$="/sign-out"]');
  if (!form && document.body.classList.contains("exam")) {
    location.replace("/"); // such a page does not say whether somebody is signed in
    return true;
  }
  mark((kept) => kept.removeItem(LEAVING));
  if (form) form.submit();
  return Boolean(form);
}

function offerLeaving(form) {
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    nextPerson({ signOut: { url: form.action, token: form.elements.csrf_token.value, waiting: form.dataset.waiting || "" } });
  });
}
