// The newest log entries: those that are there, then each new one as it comes. The stream goes on where it broke off; a
// page that nobody looks at keeps none open.

import { ask, byID, cut, element, say, timeElement } from "./dom.js";

const FIRST_LINES = 50;
const KEPT_LINES = 200;
const SHOWN_CHARACTERS = 2_000;
const LONGEST_WAIT_MS = 10_000;

export function startLog() {
  const [list, state, pause, none] = ["lines", "log-state", "pause", "no-lines"].map(byID);
  let source = null;
  let waiting = [];
  let retry = null;
  let failures = 0;
  let isPaused = false;
  /** Counts connections: what an earlier one still brings is not wanted. */
  let turn = 0;

  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? "Resume" : "Pause";
    pause.setAttribute("aria-label", isPaused ? "Resume the log" : "Pause the log");
    if (isPaused) stop("Paused", "paused");
    else connect();
  });
  document.addEventListener("visibilitychange", () => {
    if (isPaused) return;
    if (document.hidden) stop("Waiting", "paused");
    else connect();
  });
  connect();

  async function connect() {
    stop("Connecting …", "busy");
    const mine = turn;
    let entries;
    try {
      entries = (await (await ask(`/logs?limit=${FIRST_LINES}`)).json()).entries;
    } catch {
      if (mine === turn) tryAgain();
      return;
    }
    if (mine !== turn) return;
    list.replaceChildren(...entries.map(line));
    none.hidden = entries.length > 0;
    list.hidden = entries.length === 0;
    source = new EventSource(`/logs/stream?after=${entries[0]?.id ?? 0}`);
    source.onopen = () => {
      failures = 0;
      say(state, "Live", "live");
    };
    source.onmessage = (event) => {
      if (waiting.length === 0) requestAnimationFrame(show);
      waiting.push(event.data);
      if (waiting.length > KEPT_LINES) waiting.shift();
    };
    source.onerror = () => {
      // It tries again by itself, unless the answer was no stream.
      if (source.readyState === EventSource.CLOSED) tryAgain();
      else say(state, "Connection lost, trying again", "bad");
    };
  }

  function stop(text, kind) {
    turn += 1;
    clearTimeout(retry);
    source?.close();
    source = null;
    waiting = [];
    say(state, text, kind);
  }

  function tryAgain() {
    stop("The logger cannot be reached, trying again", "bad");
    retry = setTimeout(connect, Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures));
    failures += 1;
  }

  /** All that came since the last frame, in one step. */
  function show() {
    const lines = waiting.map((data) => line(JSON.parse(data), "new")).reverse();
    waiting = [];
    if (lines.length === 0) return;
    none.hidden = true;
    list.hidden = false;
    list.prepend(...lines);
    while (list.childElementCount > KEPT_LINES) list.lastElementChild.remove();
  }
}

function line(entry, className = "") {
  return element("li", { className },
    timeElement(entry.created_at),
    element("b", { textContent: entry.name || "(no name)" }),
    element("span", { textContent: cut(entry.data, SHOWN_CHARACTERS) }));
}
