// The test page: what each button sends, and how the answer is shown. Nothing here knows where the broker is or which
// services exist: the server says so in the page's <meta> elements.

const TIMEOUT_MS = 10_000;
const SHOWN_CHARACTERS = 65_536;

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content.trim() ?? "";
const broker = meta("broker").replace(/\/+$/, "");
const services = new Set(meta("services").split(/\s+/));

/** What a test sends, and the stations behind the broker that a success has passed. */
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
    stations: [["Mail service", "sends the mail"], ["Mailbox", "keeps it"]],
  },
  logGBtn: {
    path: "/log-grpc",
    body: { action: "log", log: { name: "event", data: "Some kind of gRPC data" } },
    stations: [["Log service", "reached by gRPC"], ["Log store", "keeps it"]],
  },
};

const element = (id) => document.getElementById(id);
const [path, output, payload, received] = ["path", "output", "payload", "received"].map(element);
const [requestLine, responseLine] = ["request", "response"].map(element);
const stops = [...path.children];
const unnamed = stops.slice(2).map((stop) => [...stop.children].map((child) => child.textContent));

/** The request under way; a new press takes its place. */
let current = null;

for (const [id, test] of Object.entries(tests)) {
  const button = element(id);
  const missing = button.dataset.needs && !services.has(button.dataset.needs);
  if (missing) {
    button.setAttribute("aria-disabled", "true");
    button.querySelector("span").textContent = "Not in this system yet";
    button.addEventListener("click", () => explainMissing(button));
  } else {
    button.addEventListener("click", () => run(button, test));
  }
}
stops[1].querySelector("small").append(...breakable(hostOf(broker)));
showPlain(payload, "Nothing sent yet.");
showPlain(received, "Nothing received yet.");

async function run(button, test) {
  const mine = begin(button, test);
  const started = performance.now();
  const timeout = setTimeout(() => mine.abort("timeout"), TIMEOUT_MS);
  try {
    const response = await fetch(broker + test.path, {
      method: "POST",
      signal: mine.signal,
      credentials: "omit",
      cache: "no-store",
      ...(test.body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(test.body) }),
    });
    const text = await response.text();
    if (mine === current) showAnswer(test, response, text, performance.now() - started);
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

function showAnswer(test, response, text, milliseconds) {
  const answer = parse(text);
  const isGood = response.ok && answer?.error !== true;
  const last = isGood ? 1 + test.stations.length : 1;
  reach(last, isGood ? null : 1);
  const status = `${response.status} ${response.statusText}`.trim();
  const time = `${Math.max(1, Math.round(milliseconds))} ms`;
  responseLine.textContent = `${status} · ${time}`;
  if (answer === undefined) showPlain(received, text ? cut(text) : "An empty answer.");
  else showJSON(received, answer);
  const message = typeof answer?.message === "string" && answer.message.trim();
  say(isGood ? "good" : "bad", [
    ["p", message || (isGood ? "It worked." : "The broker refused the request.")],
    ["p", `${status} in ${time}`, "status"],
  ]);
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
  showPlain(payload, "Nothing sent.");
  showPlain(received, "Nothing received.");
  const name = button.querySelector("strong").textContent;
  say("", [["p", `${name}: its service is not in this system yet.`], ["p", "Nothing was sent.", "why"]]);
}

/** Marks the test whose outcome is shown; null for none. */
function mark(button) {
  document.querySelector("button[aria-current]")?.removeAttribute("aria-current");
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
  output.replaceChildren(...lines.map(([tag, text, className = ""]) =>
    Object.assign(document.createElement(tag), { textContent: text, className })));
  // On a phone the outcome lies below the buttons.
  if (state) output.parentElement.scrollIntoView({ block: "nearest" });
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
    parts.push(Object.assign(document.createElement("span"), { className, textContent: string ?? whole }), colon ?? "");
    end = match.index + whole.length;
  }
  pane.replaceChildren(...parts, text.slice(end));
}

function cut(text) {
  return text.length <= SHOWN_CHARACTERS ? text : text.slice(0, SHOWN_CHARACTERS) + "\n… (cut)";
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
