// As much of a browser as the console's script asks for. Nothing happens by itself: a test answers requests and lets time pass.
"use strict";
class Node {
  constructor(tag) {
    Object.assign(this, { tagName: tag, className: "", hidden: false, dataset: {}, childNodes: [], attributes: {}, listeners: {} });
  }
  append(...nodes) { this.childNodes.push(...nodes); }
  replaceChildren(...nodes) { this.childNodes = nodes; }
  setAttribute(name, value) { this.attributes[name] = value; }
  addEventListener(type, listener) { this.listeners[type] = listener; }
  get textContent() { return this.childNodes.map(node => typeof node === "string" ? node : node.textContent).join(""); }
  set textContent(text) { this.childNodes = [text]; }
  get innerHTML() { return JSON.stringify(this.childNodes); }
}
const nodes = {}, timers = [], requests = [];
let clock = 1767225600000;
Date.now = () => clock;
var document = new Node("document"), window = new Node("window");
document.title = "";
document.getElementById = id => nodes[id] ??= new Node("div");
document.createElement = tag => new Node(tag);
for (const id of ["now", "past", "why"]) document.getElementById(id).hidden = true;
var setTimeout = (run, after) => timers.push({ run, at: clock + after });
var clearTimeout = timer => { if (timer) timers[timer - 1].run = null; };
var AbortSignal = { timeout: after => after };
var FormData = class { constructor(form) { this.fields = form.fields; } };
var URLSearchParams = class { constructor(data) { this.text = data.fields; } toString() { return this.text; } };
var fetch = (url, options) => new Promise((resolve, reject) => requests.push({ url, options, resolve, reject }));

const take = part => requests.splice(requests.findIndex(one => one.url.includes(part)), 1)[0];
const asked = () => requests.map(one => one.url).join(" ");
const respond = (part, status, text) => take(part).resolve({ ok: status < 300, status, text: async () => text });
const fail = (part, name) => take(part).reject(Object.assign(new TypeError("Failed to fetch"), { name }));
const pass = milliseconds => {
  clock += milliseconds;
  for (const timer of timers.filter(one => one.run && one.at <= clock)) {
    const run = timer.run;
    timer.run = null;
    run();
  }
};
const submit = question => {
  const form = document.getElementById("ask");
  form.listeners.submit({ preventDefault() {}, target: { fields: question } });
};
const type = () => document.getElementById("ask").listeners.input({});
const hide = hidden => { document.hidden = hidden; document.listeners.visibilitychange({}); };
const text = id => document.getElementById(id).hidden ? "" : document.getElementById(id).textContent;
