// Ordering: without script each item has a list of places; with it the items move by buttons. The lists stay what is read.
import { putButton } from "./page.js";

const itemsOf = (box) => Array.from(box.querySelectorAll("[data-item]"));
const placeOf = (item) => item.querySelector("select");
const place = (item) => Number(placeOf(item).value);

/** Gives the items, in this order, the places from 1, and shows them so. */
function arrange(box, items) {
  const list = box.querySelector(".order");
  items.forEach((item, index) => {
    placeOf(item).value = index + 1;
    list.appendChild(item);
  });
  box.querySelector(".order-keep").hidden = true;
}

export const ordering = {
  read(box) {
    const placed = itemsOf(box).filter(place).sort((a, b) => place(a) - place(b));
    return placed.map((item) => Number(item.dataset.item));
  },

  write(box, response) {
    const items = itemsOf(box).sort((a, b) => a.dataset.item - b.dataset.item);
    arrange(box, response.length ? response.map((number) => items[number - 1]) : items);
    if (response.length) return;
    for (const item of items) placeOf(item).value = 0;
    box.querySelector(".order-keep").hidden = false;
  },

  start(box, say) {
    const words = JSON.parse(box.querySelector(".order").dataset.words);
    const name = (item) => item.querySelector(".order-text").textContent.trim();
    const tell = (item) => placeOf(item).dispatchEvent(new Event("change", { bubbles: true }));

    const button = (parent, label, spoken, act) => {
      const element = putButton(parent, label, "btn btn-small", act);
      if (spoken) element.setAttribute("aria-label", spoken);
    };

    const move = (item, step, pressed) => {
      const items = itemsOf(box);
      const from = items.indexOf(item);
      const to = from + step;
      if (to >= 0 && to < items.length) {
        items.splice(to, 0, items.splice(from, 1)[0]);
        arrange(box, items);
        pressed.focus();
        tell(item);
      }
      const values = { item: name(item), n: itemsOf(box).indexOf(item) + 1, of: items.length };
      say(words.place.replace(/\{(\w+)\}/g, (_all, key) => values[key]));
    };

    for (const item of itemsOf(box)) {
      placeOf(item).hidden = true;
      button(item, "▲", `${words.up}: ${name(item)}`, (pressed) => move(item, -1, pressed));
      button(item, "▼", `${words.down}: ${name(item)}`, (pressed) => move(item, 1, pressed));
    }
    button(box.querySelector(".order-keep"), words.keep, "", () => {
      const first = itemsOf(box)[0];
      arrange(box, itemsOf(box));
      first.querySelector("button").focus(); // this button is gone
      tell(first);
    });
    ordering.write(box, ordering.read(box));
  },
};
