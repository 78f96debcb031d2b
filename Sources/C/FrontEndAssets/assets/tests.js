// The tests: what each button sends to the broker, and how the answer is shown.

import { byID, cut, element, meta, words } from "./dom.js";

const TIMEOUT_MS = 10_000;

/** What a test sends, and the stations behind the broker; a success has passed as many as `passed`, or all. */
const tests = {
  brokerBtn: { path: "/", stations: [] },
  authBrokerBtn: {
    path: "/handle",
    body: { action: "auth", auth: { email: "admin@example.com", password: "verysecret" } },
    stations: [["Auth service", "checks the password"], ["User store", "knows its hash"]],
  },
  logBtn: {
    path: "/handle",
    body: { action: "log", log: { name: "event", data: "Some kind of data" } },
    stations: [["Log service", "takes the entry"], ["Log store", "keeps it"]],
  },
  mailBtn: {
    path: "/handle",
    body: {
      action: "mail",
      mail: { from: "me@example.com", to: "you@there.com", subject: "Test email", message: "Hello world!" },
    },
    stations: [["Mail service", "formats the mail"], ["Mailbox", "keeps it"]],
  },
  logoutBtn: {
    path: "/handle",
    body: { action: "logout" },
    stations: [["Auth service", "ends the session"], ["User store", "forgets it"]],
  },
  logGBtn: {
    path: "/log-grpc",
    body: { action: "log", log: { name: "event", data: "Some kind of gRPC data" } },
    stations: [["Log service", "reached by gRPC"], ["Log store", "keeps it"]],
  },
};

const busStations = { stations: [["Event bus", "keeps the event"], ["Log service", "gets it from there"]], passed: 1 };

export function startTests({ afterSuccess }) {
  const broker = nearest(meta("broker").replace(/\/+$/, ""));
  const services = words("services");
  const [path, output, payload, received] = ["path", "output", "payload", "received"].map(byID);
  const [requestLine, responseLine, trace, copied] = ["request", "response", "trace", "copied"].map(byID);
  const stops = [...path.children];
  const unnamed = stops.slice(2).map((stop) => [...stop.children].map((child) => child.textContent));

  /** The request under way; a new press takes its place. */
  let current = null;

  for (const [id, test] of Object.entries(tests)) {
    const button = byID(id);
    if (button.dataset.needs && !services.has(button.dataset.needs)) {
      button.setAttribute("aria-disabled", "true");
      button.querySelector("span").textContent = "Not in this system yet";
      button.addEventListener("click", () => explainMissing(button));
    } else {
      button.append(element("i", { className: "took", ariaHidden: "true" }));
      button.addEventListener("click", () => run(button, id === "logBtn" ? routed(test) : test));
    }
  }
  for (const choice of document.querySelectorAll("#transport input[data-needs]")) {
    if (services.has(choice.dataset.needs)) continue;
    choice.disabled = true;
    choice.parentElement.append(" (not yet)");
  }
  byID("copy").addEventListener("click", copyTrace);
  stops[1].querySelector("small").append(...breakable(hostOf(broker)));
  showPlain(payload, "Nothing sent yet.");
  showPlain(received, "Nothing received yet.");

  /** The log test by the transport that is chosen. Without a choice it sends what the original sends. */
  function routed(test) {
    const transport = document.querySelector("#transport input:checked")?.value;
    if (!transport) return test;
    return { ...test, ...(transport === "bus" && busStations), body: { ...test.body, transport } };
  }

  async function run(button, test) {
    const mine = begin(button, test);
    const id = traceID();
    showTrace(id);
    const started = performance.now();
    const timeout = setTimeout(() => mine.abort("timeout"), TIMEOUT_MS);
    try {
      // In the query: the broker's CORS, which is the original's, allows no such header.
      const response = await fetch(`${broker}${test.path}?traceparent=${traceparent(id)}`, {
        method: "POST",
        signal: mine.signal,
        // The session of a login is a cookie of the broker's.
        credentials: "include",
        cache: "no-store",
        ...(test.body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(test.body) }),
      });
      const text = await response.text();
      if (mine === current) showAnswer(button, test, response, text, performance.now() - started);
    } catch {
      if (mine === current) showNoAnswer(mine.signal.aborted);
    } finally {
      clearTimeout(timeout);
    }
  }

  function begin(button, test) {
    current?.abort("superseded");
    current = new AbortController();
    mark(button);
    lay(test.stations);
    stops[0].className = "reached";
    path.dataset.at = "going";
    requestLine.textContent = `POST ${broker}${test.path}`;
    responseLine.textContent = "waiting";
    if (test.body) showJSON(payload, test.body);
    else showPlain(payload, "An empty POST request.");
    showPlain(received, "Waiting for the answer …");
    say("busy", [["p", "On its way …"]]);
    return current;
  }

  function showAnswer(button, test, response, text, milliseconds) {
    const answer = parse(text);
    const isGood = response.ok && answer?.error !== true;
    reach(isGood ? 1 + (test.passed ?? test.stations.length) : 1, isGood ? null : 1);
    const status = `${response.status} ${response.statusText}`.trim();
    const time = `${Math.max(1, Math.round(milliseconds))} ms`;
    button.querySelector(".took").textContent = time;
    responseLine.textContent = `${status} · ${time}`;
    if (answer === undefined) showPlain(received, text ? cut(text) : "An empty answer.");
    else showJSON(received, answer);
    const message = typeof answer?.message === "string" && answer.message.trim();
    say(isGood ? "good" : "bad", [
      ["p", message || (isGood ? "It worked." : "The broker refused the request.")],
      ["p", `${status} in ${time}`, "status"],
    ]);
    if (isGood) afterSuccess(test.body?.action);
  }

  function showNoAnswer(timedOut) {
    reach(0, 1);
    responseLine.textContent = "no answer";
    showPlain(received, "Nothing received.");
    say("bad", timedOut
      ? [["p", `The broker did not answer within ${TIMEOUT_MS / 1000} seconds.`],
         ["p", `It is at ${broker}, and may be busy or stuck. Its log says more.`, "why"]]
      : [["p", "The broker cannot be reached."],
         ["p", `Nothing answers at ${broker}. Start the system with “make up”, then try again.`, "why"]]);
  }

  function explainMissing(button) {
    current?.abort("superseded");
    current = null;
    mark(null);
    lay(unnamed);
    path.dataset.at = "0";
    requestLine.textContent = responseLine.textContent = "";
    trace.hidden = true;
    showPlain(payload, "Nothing sent.");
    showPlain(received, "Nothing received.");
    const name = button.querySelector("strong").textContent;
    say("", [["p", `${name}: its service is not in this system yet.`], ["p", "Nothing was sent.", "why"]]);
  }

  /** Marks the test whose outcome is shown; null for none. */
  function mark(button) {
    document.querySelector(".tests button[aria-current]")?.removeAttribute("aria-current");
    button?.setAttribute("aria-current", "true");
  }

  /** Shows an unlit path: the browser, the broker, and these stations behind it. */
  function lay(stations) {
    stops.forEach((stop, index) => {
      stop.className = "";
      if (index < 2) return;
      const [name, does] = stations[index - 2] ?? ["", ""];
      stop.querySelector("b").textContent = name;
      stop.querySelector("small").textContent = does;
      stop.classList.toggle("beside", !name);
    });
  }

  /** Lights the stations up to `last`; `failed` is the one where it ended badly, if it did. */
  function reach(last, failed) {
    path.dataset.at = String(last);
    stops.forEach((stop, index) => {
      stop.classList.toggle("reached", index <= last && index !== failed);
      stop.classList.toggle("failed", index === failed);
    });
  }

  /** Replaces what the live region says, in one step, so that it is announced once. */
  function say(state, lines) {
    output.dataset.state = state;
    output.replaceChildren(...lines.map(([tag, textContent, className = ""]) => element(tag, { textContent, className })));
    // On a phone the outcome lies below the buttons.
    if (state) output.parentElement.scrollIntoView({ block: "nearest" });
  }

  // The trace

  function showTrace(id) {
    trace.hidden = false;
    trace.querySelector("code").textContent = id;
    copied.textContent = "";
  }

  async function copyTrace() {
    const code = trace.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      copied.textContent = "Copied";
    } catch {
      // Not allowed to: it is marked, for the keyboard's copy.
      getSelection().selectAllChildren(code);
      copied.textContent = "Marked: copy it with the keyboard";
    }
  }
}

function traceID() {
  return hexadecimal(16);
}

/** W3C Trace Context, level 1: this page is the first to take part, and asks for the trace to be recorded. */
function traceparent(id) {
  return `00-${id}-${hexadecimal(8)}-01`;
}

function hexadecimal(count) {
  return Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The broker's address. One on this machine is asked by the name that the page was opened with: a cookie goes along
    only within one site, and localhost and 127.0.0.1 are two. */
function nearest(address) {
  const here = ["localhost", "127.0.0.1"];
  try {
    const url = new URL(address);
    if (!here.includes(url.hostname) || !here.includes(location.hostname)) return address;
    url.hostname = location.hostname;
    return url.href.replace(/\/+$/, "");
  } catch {
    return address;
  }
}

function showPlain(pane, text) {
  pane.classList.add("empty");
  pane.textContent = text;
}

/** Indented JSON with its keys, strings and literals told apart. Text nodes only: nothing in it is ever markup. */
function showJSON(pane, value) {
  pane.classList.remove("empty");
  const text = cut(JSON.stringify(value, null, 2));
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    parts.push(text.slice(end, match.index));
    const [whole, string, colon] = match;
    const className = colon ? "key" : string ? "string" : "literal";
    parts.push(element("span", { className, textContent: string ?? whole }), colon ?? "");
    end = match.index + whole.length;
  }
  pane.replaceChildren(...parts, text.slice(end));
}

function parse(text) {
  try { return JSON.parse(text); } catch { return undefined; }
}

/** An address may wrap before its port, on a phone. */
function breakable(host) {
  const [name, port] = host.split(/(?=:\d+$)/);
  return port ? [name, document.createElement("wbr"), port] : [name];
}

function hostOf(address) {
  try { return new URL(address).host; } catch { return ""; }
}
