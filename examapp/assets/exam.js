// The candidate's page. Each part adds to a form that works without it.
import { recallClock } from "./exam/clock.js";
import { forgetAtDoors, forgetPage, keepThisPage, startWorker } from "./exam/kept.js";
import { deliverLeftovers, finishLeaving } from "./exam/leftovers.js";
import { keepsAnswers } from "./exam/outbox.js";
import { byId } from "./exam/page.js";
import { practise } from "./exam/practice.js";
import { sit } from "./exam/sit.js";
import { keepView } from "./exam/view.js";

const LOADED_MS = 5000; // by then the page's own loading is done

/** A page the worker gave back is as old as it says: the clock went on meanwhile, and answers came after it. */
function openExam(paper) {
  const config = JSON.parse(paper.dataset.exam);
  const age = Number(paper.dataset.age || 0);
  const clock = recallClock(config.ref, config.now, config.left);
  if (clock.now === config.now) Object.assign(clock, { now: clock.now + age, left: Math.max(0, clock.left - age) });
  Object.assign(config, clock, { kept: "age" in paper.dataset });
  sit(paper, config);
  if (!keepsAnswers()) return; // a page without its answers would be a worse one than none
  startWorker().then((able) => {
    if (able) setTimeout(() => keepThisPage(location.pathname).catch(() => {}), LOADED_MS);
  });
}

function begin() {
  keepView();
  practise();
  const paper = byId("paper");
  const receipt = byId("receipt");
  if (paper) openExam(paper);
  else deliverLeftovers(receipt);
  if (receipt) forgetPage();
}

forgetAtDoors();
if (!finishLeaving()) begin();
document.addEventListener("htmx:load", practise);
document.addEventListener("exam-opened", begin); // by waiting.js, in the place of the waiting room
