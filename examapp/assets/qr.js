// What a page could not send, as QR codes one after the other; loaded beside the exam and kept for the moment without network.
import { qrcode } from "qrcode-generator";
import { cut, MOST } from "./exam/parts.js";

const QUIET = 4; // light modules around a code, as the standard wants them
const WIDEST = 640; // CSS pixels
const SVG = "http://www.w3.org/2000/svg";

/** Smaller where the browser can: what is sealed in the file is written in letters. */
async function squeezed(bytes) {
  if (typeof CompressionStream === "undefined") return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function matrixOf(part) {
  const code = qrcode(0, "M");
  code.addData(String.fromCharCode(...part), "Byte");
  code.make();
  return code;
}

/** Black on white whatever the page's colours are; every module has the same whole number of the screen's points. */
function picture(part, room) {
  const code = matrixOf(part);
  const count = code.getModuleCount();
  const side = count + 2 * QUIET;
  const dense = window.devicePixelRatio || 1;
  const points = Math.max(1, Math.floor((Math.min(room, WIDEST) * dense) / side));
  let dark = "";
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) if (code.isDark(row, column)) dark += `M${column + QUIET} ${row + QUIET}h1v1h-1z`;
  }
  const make = (tag, attributes) => {
    const element = document.createElementNS(SVG, tag);
    for (const name of Object.keys(attributes)) element.setAttribute(name, attributes[name]);
    return element;
  };
  const px = (points * side) / dense;
  const svg = make("svg", { width: px, height: px, viewBox: `0 0 ${side} ${side}`, "shape-rendering": "crispEdges", role: "img" });
  svg.appendChild(make("path", { d: `M0 0h${side}v${side}H0z`, fill: "#fff" }));
  svg.appendChild(make("path", { d: dark, fill: "#000" }));
  return svg;
}

function put(parent, tag, css, content) {
  const element = parent.appendChild(document.createElement(tag));
  element.className = css;
  element.textContent = content || "";
  return element;
}

function putButton(row, label, act) {
  const element = put(row, "button", "btn", label);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

/** One part at a time. Says how to turn to another, and by which buttons: both are of no use at their end. */
function putCodes(section, parts, words) {
  const buttons = [];
  put(section, "p", "small", words.codesText);
  const place = put(section, "p", "codes-place");
  place.setAttribute("role", "status");
  const frame = put(section, "div", "codes-frame");
  let at = 0;
  const turn = (by) => {
    at = Math.min(Math.max(at + by, 0), parts.length - 1);
    // Not "disabled": the button that was just pressed keeps the focus.
    buttons.forEach((button, last) => button.setAttribute("aria-disabled", String(at === last * (parts.length - 1))));
    const name = words.codesPlace.replace("{n}", at + 1).replace("{of}", parts.length);
    const drawn = picture(parts[at], Math.min(section.clientWidth, Math.max(240, window.innerHeight - 40)));
    drawn.setAttribute("aria-label", name);
    place.textContent = name;
    frame.textContent = "";
    frame.appendChild(drawn);
  };
  turn(0);
  return { turn, buttons };
}

/** `detail`: box to stand in, text and code of the file, words, closed(). */
async function show(detail) {
  const words = detail.words;
  const parts = cut(detail.code, await squeezed(new TextEncoder().encode(detail.text)));
  const old = detail.box.querySelector(".codes");
  if (old) old.remove();
  const section = put(detail.box, "section", "codes");
  section.tabIndex = -1;
  section.setAttribute("aria-label", words.codes);
  const fits = parts.length <= MOST;
  const codes = fits && putCodes(section, parts, words);
  if (!fits) put(section, "p", "notice bad", words.codesTooMany);
  const close = () => {
    section.remove();
    detail.closed();
  };
  const row = put(section, "div", "actions");
  if (fits && parts.length > 1) {
    codes.buttons.push(putButton(row, `‹ ${words.codesBack}`, () => codes.turn(-1)));
    codes.buttons.push(putButton(row, `${words.codesNext} ›`, () => codes.turn(1)));
    codes.turn(0);
  }
  putButton(row, words.codesClose, close);
  const keys = { ArrowRight: () => codes.turn(1), ArrowLeft: () => codes.turn(-1), Escape: close };
  section.addEventListener("keydown", (event) => {
    const act = fits && keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  section.focus();
}

document.addEventListener("show-codes", (event) => { show(event.detail); });
