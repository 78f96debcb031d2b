// What all parts of the page need. Whatever comes from a service becomes text, never markup.

const SHOWN_CHARACTERS = 65_536;

export const byID = (id) => document.getElementById(id);

export const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content.trim() ?? "";

export const words = (name) => new Set(meta(name).split(/\s+/).filter(Boolean));

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A section of the page that the server has data for. */
export function panel(name) {
  const section = document.querySelector(`[data-panel="${name}"]`);
  section.hidden = false;
  return section;
}

export function cut(text, length = SHOWN_CHARACTERS) {
  return text.length <= length ? text : text.slice(0, length) + "\n… (cut)";
}

/** Sets a text that may be announced; the same text again is no news. */
export function say(target, text, state = "") {
  target.dataset.state = state;
  if (target.textContent !== text) target.textContent = text;
}

/** A time of today as its hour, any other with its date. */
export function timeElement(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return element("time", { textContent: text });
  const isToday = time.toDateString() === new Date().toDateString();
  const hour = time.toLocaleTimeString("en-GB");
  const day = time.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return element("time", { dateTime: text, title: time.toLocaleString("en-GB"), textContent: isToday ? hour : `${day}, ${hour}` });
}

/** Asks this page's own server. Throws what can be said to a person: `status` is 0 without an answer. */
export async function ask(path, { method = "GET", signal } = {}) {
  let response;
  try {
    response = await fetch(path, { method, cache: "no-store", signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw Object.assign(new Error("The page's server cannot be reached"), { status: 0 });
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => null);
  throw Object.assign(new Error(answer?.message ?? `${response.status} ${response.statusText}`), { status: response.status });
}
