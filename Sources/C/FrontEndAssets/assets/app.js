// The test page: the tests, and below them what the services keep. The server says in the page's <meta> elements where
// the broker is, which services there are, and what it shows of their data.

import { startLog } from "./log.js";
import { startMailbox } from "./mailbox.js";
import { startTests } from "./tests.js";
import { panel, words } from "./dom.js";

const panels = words("panels");
const mailbox = panels.has("mailbox") ? startMailbox(panel("mailbox")) : null;
if (panels.has("log")) startLog(panel("log"));
startTests({
  afterSuccess(action) {
    if (action === "mail" || action === "logout") mailbox?.expectMail();
  },
});
