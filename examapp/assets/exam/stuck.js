// Time is over and the line does not take what is here: a code to be read out, and the ways off this device without network.
import { unsentCode } from "./code.js";
import { saveFile, showEnding } from "./ending.js";

/** The script that draws QR codes: fetched while there is a network, at leisure; or out of what the worker keeps. */
function loadScript(address, ready) {
  let asked = false;
  return () => {
    if (asked || !address) return;
    asked = true;
    const script = document.createElement("script");
    script.src = address;
    script.onload = ready;
    script.onerror = () => {
      asked = false;
      script.remove();
    };
    document.head.appendChild(script);
  };
}

/** `changed` has the page show its state again. */
export function openStuck(config, outbox, changed) {
  const words = config.words;
  let drawn = null; // the file shown as codes: the same while the code is the same, so that photos taken before still fit
  let saved = "";
  let canDraw = false;
  const load = loadScript(config.qr, () => {
    canDraw = true;
    changed();
  });

  function save() {
    const file = outbox.file();
    saveFile(file.name, file.text);
    saved = file.name;
    changed();
  }

  function draw(box, code, button) {
    if (!drawn || drawn.code !== code) drawn = { code, text: outbox.file(true).text };
    const closed = () => (button.isConnected ? button : box).focus();
    document.dispatchEvent(new CustomEvent("show-codes", { detail: Object.assign({ box, words, closed }, drawn) }));
  }

  return {
    /** At the first contact; where the browser knows no idle moments, a while later. */
    prepare() {
      if (window.requestIdleCallback) requestIdleCallback(load);
      else setTimeout(load, 2000);
    },
    /** `texts` say what is wrong with the line and what is still here; `next` leaves the device to the next person. */
    show(box, title, texts, next) {
      load();
      const unsent = outbox.unsent();
      const code = unsent.length ? unsentCode(config.ref, unsent) : "";
      const acts = [];
      if (code) acts.push({ label: words.file, act: save, told: saved ? words.fileSaved.replace("{name}", saved) : words.fileText });
      if (code && canDraw) acts.push({ label: words.codes, act: (button) => draw(box, code, button), told: words.codesWhy });
      if (code && outbox.kept) acts.push(Object.assign({ told: words.nextText }, next));
      showEnding(box, title, texts, code, acts);
    },
  };
}
