
"use strict";
const EVERY = 2000, PATIENCE = 3000, OLD = 6000, MOST_NAMES = 20; // The first three in milliseconds.
const $ = id => document.getElementById(id);

// What would not be seen, or would turn the text around it, is shown as JSON escapes it. Names are people's: none of it is ever markup.
const visible = text => String(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, shown =>
  shown.split("").map(unit => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0")).join(""));
const visibleLines = text => text.split("\n").map(visible).join("\n");

function el(tag, cls, ...content) {
  const made = document.createElement(tag);
  made.className = cls ?? "";
  made.append(...content);
  return made;
}
const name = text => el("bdi", "", visible(text));
const cell = (text, cls) => el("td", cls, text === null || text === undefined || text === "" ? "–" : name(text));
function names(all) {
  const shown = all.slice(0, MOST_NAMES).flatMap((one, at) => at > 0 ? [", ", name(one)] : [name(one)]);
  const rest = all.length - MOST_NAMES;
  return all.length > 0 ? el("td", "", ...shown, ...(rest > 0 ? [` and ${rest} more`] : [])) : cell("");
}
const moment = text => new Date(text).toISOString().replace(/\.\d+Z$/, "Z");

// With their roles: styled as blocks on a narrow screen, a browser no longer takes them for a table.
function table(head, rows) {
  const role = (made, is) => { made.setAttribute("role", is); return made; };
  const line = cells => role(el("tr", "", ...cells), "row");
  const body = rows.map(cells => line(cells.map((one, at) => { one.dataset.label = head[at]; return role(one, "cell"); })));
  return [
    role(el("thead", "", line(head.map(text => role(el("th", "", text), "columnheader")))), "rowgroup"),
    role(el("tbody", "", ...body), "rowgroup")];
}

// All of it is made before any of it is shown: what is no status throws here, and leaves nothing half new.
const views = {
  configuration: ({ configuration: c }) => [
    el("div", "", `Revision ${c.revision}, loaded ${moment(c.loadedAt)}, environment `, name(c.environment), ", folder ", name(c.folder)),
    c.lastReload.successful ? el("div", "good", "The files on disk are in force.")
      : el("div", "bad", `The files on disk are REFUSED, since ${moment(c.lastReload.at)}:`),
    ...c.lastReload.problems.map(problem => el("div", "bad", name(problem))),
    ...c.warnings.map(warning => el("div", "warn", name(warning)))],
  flags: s => table(["flag", "state", "decided by", "environment", "file", "default share", "filters"], s.flags.map(f => [
    cell(f.name), cell(f.on ? "on" : "off", f.on ? "good" : "bad"), cell(f.decidedBy), cell(f.environment), cell(f.file),
    cell(f.percentage + " %"), f.filters.length > 0 ? names(f.filters) : cell("everybody")])),
  cohorts: s => table(["cohort", "default share", "users", "groups", "excluded", "environments"], Object.entries(s.cohorts).map(([id, c]) =>
    [cell(id), cell(c.defaultRolloutPercentage + " %"), names(c.users.toSorted()),
    names(Object.entries(c.groups).map(([group, share]) => `${group} ${share} %`)),
    names([...c.excludedUsers, ...c.excludedGroups].toSorted()), c.environments.length > 0 ? names(c.environments) : cell("all")])),
  backends: s => table(["backend", "availability", "circuit", "destinations"], s.backends.map(b => [
    cell(b.id), cell(b.availability, b.availability === "available" ? "good" : "bad"),
    cell(b.circuit, b.circuit === "closed" ? "good" : "warn"), names(b.destinations.map(d => `${d.address} (${d.active})`))])),
  minute: s => s.lastMinute === undefined ? [el("caption", "dim", "This gateway does not say.")]
    : table(["answered by", "requests/s", "requests", "errors", "passed over", "99 % within", "open streams"],
      s.lastMinute.backends.map(b => [
        cell(b.id), cell(b.requestsPerSecond), cell(b.requests), cell(b.errors, b.errors > 0 ? "bad" : ""),
        cell(b.passedOver, b.passedOver > 0 ? "warn" : ""),
        cell(b.p99Seconds === null ? "" : Math.round(b.p99Seconds * 1000) + " ms"), cell(b.streamsOpen)])),
  events: s => table(["when", "what", "revision", "in words"], (s.events ?? []).map(e => [
    cell(moment(e.at)), cell(e.kind, e.kind === "refused" ? "bad" : ""), cell(e.revision), cell(e.text)])),
};

const GONE = "The gateway does not answer: it is stopped, or cannot be reached from here.";
async function read(url) {
  let response, text;
  try {
    response = await fetch(url, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    text = await response.text();
  } catch (error) {
    throw new Error(error.name === "TimeoutError" ? `The gateway has not answered for ${PATIENCE / 1000} seconds.` : GONE);
  }
  try {
    return { ok: response.ok, status: response.status, body: JSON.parse(text) };
  } catch {
    throw new Error(`What answers here is not the gateway, or broken: HTTP ${response.status}, and no JSON.`);
  }
}

let timer, reading = false, lastGood = 0, question = null, turn = 0;

// Only what is different is written: a screen reader says what changes.
const write = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };
function say(cls, text) {
  $("state").className = cls;
  write("state", visible(text));
  document.title = cls === "bad" ? "No answer – Gateway console" : "Gateway console";
}
function forget() {
  $("now").hidden = $("past").hidden = true;
  for (const id of Object.keys(views)) $(id).replaceChildren();
  turn++; // What is still under way was asked before.
  if (question !== null) answer("dim", "No answer while the gateway gives none.");
}
function answer(cls, text, whole) {
  $("answer").className = cls;
  write("answer", text);
  $("why").hidden = whole === undefined;
  write("why", whole === undefined ? "" : visibleLines(JSON.stringify(whole, null, 2)));
}

async function refresh() {
  clearTimeout(timer);
  if (document.hidden || reading) return;
  reading = true;
  // After a sleep, or in a tab that nobody saw, what stands here is old.
  if (lastGood > 0 && Date.now() - lastGood > OLD && !$("now").hidden) { forget(); say("dim", "Asking the gateway…"); }
  try {
    const { ok, status, body } = await read("status");
    if (!ok) throw new Error(`The gateway answered ${status} in place of its status. ${body?.detail ?? ""}`);
    show(body);
    if (question !== null) await explain();
  } catch (error) {
    forget();
    say("bad", error.message);
    write("seen", lastGood > 0 ? `Its last answer came at ${moment(lastGood)}.` : "");
  } finally {
    reading = false;
    timer = setTimeout(refresh, EVERY);
  }
}
function show(body) {
  let made;
  try {
    made = Object.entries(views).map(([id, view]) => [id, view(body)]);
  } catch {
    throw new Error("What answers here is not the gateway: its answer is no status.");
  }
  for (const [id, nodes] of made) replace($(id), nodes);
  $("now").hidden = false;
  $("past").hidden = !(body.events?.length > 0);
  lastGood = Date.now();
  say("good", "The gateway answers.");
  write("seen", `As of ${moment(lastGood)}.`);
}
// What is the same stays, with a reader's place and selection in it.
function replace(at, nodes) {
  const next = el(at.tagName, "", ...nodes);
  if (at.innerHTML !== next.innerHTML) at.replaceChildren(...next.childNodes);
}

// Asked again with each status, so that the answer is never of an older configuration than the tables above it.
async function explain() {
  const mine = ++turn, asked = question;
  let shown;
  try {
    const { ok, status, body } = await read("explain?" + asked);
    shown = ok ? ["", `${body.decision.backend}, because ${body.decision.reason} (revision ${body.revision})`, body]
      : ["bad", body?.detail ?? `The gateway answered ${status}.`, body];
  } catch (error) {
    shown = ["bad", error instanceof TypeError ? "What answers here is not the gateway: its answer is no explanation." : error.message];
  }
  if (mine === turn) answer(shown[0], visible(shown[1]), shown[2]);
}

$("ask").addEventListener("submit", event => {
  event.preventDefault();
  question = new URLSearchParams(new FormData(event.target)).toString();
  answer("dim", "Asking the gateway…");
  explain();
});
// Another question than the one that was answered.
$("ask").addEventListener("input", () => { question = null; turn++; answer("", ""); });
document.addEventListener("visibilitychange", refresh);
window.addEventListener("pageshow", refresh);
refresh();
