/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);

/** A new element at the end of `parent`. */
export function put(parent, tag, text, css) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (css) element.className = css;
  return parent.appendChild(element);
}

/** A new button at the end of `parent`; `act` is told which was pressed. */
export function putButton(parent, label, css, act) {
  const button = put(parent, "button", label, css);
  button.type = "button";
  button.addEventListener("click", () => act(button));
  return button;
}
