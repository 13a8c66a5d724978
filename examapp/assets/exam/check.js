import { keepsAnswers } from "./outbox.js";

/** Before the start: does this browser keep answers, and does the server answer? Said in words. */
export function checkDevice(list) {
  if (!list) return;
  const words = list.dataset;
  const say = (text) => {
    const line = document.createElement("li");
    line.textContent = text;
    list.appendChild(line);
  };
  list.textContent = "";
  say(keepsAnswers() ? words.storageGood : words.storageBad);
  const request = new XMLHttpRequest();
  const sent = Date.now();
  request.open("GET", words.check);
  request.timeout = 15000;
  request.onloadend = () => {
    say(request.status === 200 ? words.lineGood.replace("{n}", Date.now() - sent) : words.lineBad);
  };
  request.send();
}
