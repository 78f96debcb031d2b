// The mailbox: a list of the mails that came in, and one of them as its parts. A mail is what somebody else wrote: its
// HTML is shown in a frame with an empty sandbox (no script, no origin, no forms), under a policy that fetches nothing;
// everything else of it is text.

import { ask, byID, cut, element, say, timeElement } from "./dom.js";

const INTERVAL_MS = 10_000;
const PAGE_SIZE = 30;

export function startMailbox(section) {
  const [state, none, list, older, article, nothing] =
    ["mailbox-state", "no-mails", "mails", "older", "mail", "no-mail"].map(byID);
  const [subject, fields, tabs, part, deleteButton] = ["subject", "fields", "tabs", "part", "delete"].map(byID);
  const box = section.querySelector(".mailbox");

  /** The mails of the list by id, in its order. */
  let mails = new Map();
  let next = null;
  let shown = "";
  /** The id of the mail that is open. */
  let open = null;
  let reading = null;
  let timer = null;
  /** Short waits that are left: a mail is expected. */
  let hurry = 0;
  let isBusy = false;

  document.addEventListener("visibilitychange", () => document.hidden ? clearTimeout(timer) : refresh());
  older.addEventListener("click", showOlder);
  deleteButton.addEventListener("click", askOrDelete);
  deleteButton.addEventListener("blur", () => askFirst());
  tabs.addEventListener("keydown", moveBetweenTabs);
  refresh();

  return {
    /** A test may have sent a mail: look soon. */
    expectMail() {
      hurry = 8;
      refresh();
    },
  };

  // The list

  async function refresh() {
    clearTimeout(timer);
    if (isBusy) return;
    isBusy = true;
    try {
      const page = await (await ask(`/mailbox?limit=${PAGE_SIZE}`)).json();
      take(page);
      say(state, "");
    } catch (error) {
      say(state, error.status === 401
        ? "The mailbox wants its token, which this page does not have"
        : "The mail service cannot be reached, trying again", "bad");
    }
    isBusy = false;
    hurry = Math.max(0, hurry - 1);
    if (!document.hidden) timer = setTimeout(refresh, hurry > 0 ? 400 : INTERVAL_MS);
  }

  function take(page) {
    const text = JSON.stringify(page);
    if (text === shown) return;
    shown = text;
    // Older ones that are shown already stay.
    const oldest = page.messages.at(-1)?.id ?? 0;
    const rest = page.next ? [...mails.values()].filter((mail) => mail.id < oldest) : [];
    if (rest.length === 0) next = page.next ?? null;
    mails = new Map([...page.messages, ...rest].map((mail) => [mail.id, mail]));
    draw();
  }

  async function showOlder() {
    if (!next) return;
    try {
      const page = await (await ask(`/mailbox?limit=${PAGE_SIZE}&cursor=${encodeURIComponent(next)}`)).json();
      for (const mail of page.messages) mails.set(mail.id, mail);
      next = page.next ?? null;
      draw();
    } catch (error) {
      say(state, error.message, "bad");
    }
  }

  function draw() {
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    list.replaceChildren(...[...mails.values()].map(row));
    older.hidden = !next;
    none.hidden = mails.size > 0;
    box.hidden = mails.size === 0;
    if (open !== null && !mails.has(open)) close();
    if (focused) (list.querySelector(`[data-id="${focused}"]`) ?? list.querySelector("button"))?.focus();
  }

  function row(mail) {
    const button = element("button", { type: "button" },
      element("span", { className: "who", textContent: sender(mail) }), timeElement(mail.created_at),
      element("strong", { textContent: mail.subject || "(no subject)" }),
      element("span", { className: "to", textContent: `to ${mail.to.join(", ") || "nobody"}` }));
    button.dataset.id = mail.id;
    if (mail.id === open) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => read(mail.id));
    return element("li", {}, button);
  }

  // One mail

  async function read(id) {
    reading?.abort();
    reading = new AbortController();
    const { signal } = reading;
    mark(id);
    try {
      const mail = await (await ask(`/mailbox/${id}`, { signal })).json();
      if (!signal.aborted) show(mail);
    } catch (error) {
      if (!signal.aborted) fail(error);
    }
  }

  function fail(error) {
    if (error.status === 404) {
      shown = "";
      refresh();
    } else {
      say(state, error.message, "bad");
    }
  }

  function show(mail) {
    askFirst();
    subject.textContent = mail.subject || "(no subject)";
    fields.replaceChildren(
      ...field("From", sender(mail)), ...field("To", mail.to.join(", ")), ...field("Date", timeElement(mail.created_at)),
      ...(mail.state === "kept" ? [] : field("State", mail.last_error ? `${mail.state}: ${mail.last_error}` : mail.state)));
    const parts = [
      mail.html && ["HTML", () => frame(mail.id)],
      mail.plain && ["Plain", () => text(`/mailbox/${mail.id}/plain`)],
      ["Source", () => text(`/mailbox/${mail.id}/source`)],
      mail.attachments.length > 0 && [`Files (${mail.attachments.length})`, () => attachments(mail)],
    ].filter(Boolean);
    tabs.replaceChildren(...parts.map(([name, draw], index) => tab(name, draw, index)));
    article.hidden = false;
    nothing.hidden = true;
    select(tabs.firstElementChild);
    article.scrollIntoView({ block: "nearest" });
  }

  function close() {
    reading?.abort();
    mark(null);
    article.hidden = true;
    part.replaceChildren();
    nothing.hidden = false;
  }

  function mark(id) {
    open = id;
    for (const button of list.querySelectorAll("button")) {
      if (Number(button.dataset.id) === id) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  function tab(name, draw, index) {
    const button = element("button", { type: "button", role: "tab", id: `tab-${index}`, textContent: name });
    button.setAttribute("aria-controls", "part");
    button.addEventListener("click", () => select(button));
    button.draw = draw;
    return button;
  }

  function select(chosen) {
    for (const button of tabs.children) {
      button.setAttribute("aria-selected", String(button === chosen));
      button.tabIndex = button === chosen ? 0 : -1;
    }
    part.setAttribute("aria-labelledby", chosen.id);
    part.replaceChildren(...chosen.draw());
  }

  function moveBetweenTabs(event) {
    const all = [...tabs.children];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const chosen = all[(to + all.length) % all.length];
    select(chosen);
    chosen.focus();
  }

  function frame(id) {
    const frame = element("iframe", { title: "The mail as HTML", referrerPolicy: "no-referrer" });
    frame.setAttribute("sandbox", "");
    frame.src = `/mailbox/${id}/html`;
    return [frame];
  }

  function text(path) {
    const pane = element("pre", { className: "empty", textContent: "Loading …" });
    ask(path).then((response) => response.text()).then((text) => {
      pane.className = "";
      pane.textContent = cut(text);
    }, (error) => { pane.textContent = error.message; });
    return [pane];
  }

  function attachments(mail) {
    return [element("ul", { className: "attachments" }, ...mail.attachments.map((file) =>
      element("li", {},
        element("a", {
          href: `/mailbox/${mail.id}/attachments/${file.number}`, download: "", textContent: file.name || "without a name",
        }), element("span", { textContent: ` ${file.type}, ${size(file.size)}` }))))];
  }

  // Deleting asks once more, where the finger is.

  function askFirst() {
    deleteButton.textContent = "Delete";
    delete deleteButton.dataset.sure;
  }

  async function askOrDelete() {
    if (!deleteButton.dataset.sure) {
      deleteButton.dataset.sure = "yes";
      deleteButton.textContent = "Delete for good?";
      return;
    }
    askFirst();
    const id = open;
    try {
      await ask(`/mailbox/${id}`, { method: "DELETE" });
    } catch (error) {
      if (error.status !== 404) return say(state, error.message, "bad");
    }
    mails.delete(id);
    shown = "";
    close();
    draw();
    say(state, "Deleted");
    list.querySelector("button")?.focus();
  }
}

function sender(mail) {
  return mail.from || mail.sender || "(no sender)";
}

function field(name, value) {
  return [element("dt", { textContent: name }), element("dd", {}, value)];
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
