// Asks for the figures each second and writes them down. Nothing is computed here that the server could have said.
import { NONE, clock, count, duration, known, percent } from "./format.js";

const POLL_MS = 1000;
const TIMEOUT_MS = 4000;
const LOST_AFTER_MS = 2500; // without an answer for so long, what is shown is not "now"
const WINDOWS = ["15m", "30m", "1h", "1d", "7d", "today", "yesterday", "all"];
const ATTRIBUTIONS = { cohort: "by arrival", event: "by event" };
const STATUSES = ["new", "open", "pending", "on_hold"];
const STATES = {
  loading: "LOADING",
  ok: "● LIVE",
  stale: "▲ STALE",
  empty: "○ NO DATA YET",
  incomplete: "▲ INCOMPLETE",
  lost: "✕ NO CONNECTION",
};

const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const choice = {
  window: WINDOWS.includes(asked.get("window")) ? asked.get("window") : "1h",
  attribution: asked.get("attribution") in ATTRIBUTIONS ? asked.get("attribution") : "cohort",
  formula: asked.get("formula") || "",
};
const goal = Number(asked.get("goal") || 80) / 100;

let definitions = null;
let shown = null; // the document on the page
let shownAt = -Infinity; // when it came, by this browser's monotonic clock
let began = performance.now();
let failure = "";
const tiles = new Map();

// --- one tile ---------------------------------------------------------------------------------------------------

function makeTile(element) {
  element.append(at("tile").content.cloneNode(true));
  const fields = {};
  for (const field of element.querySelectorAll("[data-field]")) fields[field.dataset.field] = field;
  const bars = {};
  for (const bar of element.querySelectorAll("[data-bar]")) bars[bar.dataset.bar] = bar;
  explain(element);
  return { element, fields, bars, live: {} };
}

function explain(root) {
  if (!definitions) return;
  for (const label of root.querySelectorAll("[data-metric]")) {
    const said = definitions.metrics[label.dataset.metric];
    if (said) label.title = `${said.help}\n${label.dataset.metric} = ${said.formula}${said.id ? ` (${said.id})` : ""}`;
  }
}

function write(tile, name, text) {
  const field = tile.fields[name];
  if (field.textContent !== text) field.textContent = text;
}

function fill(tile, name, figures, live) {
  const contacts = figures.contacts;
  const tickets = figures.tickets;
  tile.live = live;
  write(tile, "name", name || "(no queue)");
  tile.fields.name.title = name;
  tile.element.dataset.contacts = live.families.includes("contacts");
  tile.element.dataset.reps = live.families.includes("reps");
  tile.element.dataset.tickets = live.families.includes("tickets");
  fillContacts(tile, live.families.includes("contacts") ? contacts || {} : null, live);
  fillHandling(tile, contacts || {}, figures.recontacts);
  fillReps(tile, live.families.includes("reps") ? figures.reps : null, live);
  fillTickets(tile, live.families.includes("tickets") ? tickets || {} : null, live);
}

function fillContacts(tile, contacts, live) {
  // In a queue that has contacts, none within the window is a zero that we know.
  const number = (name) => (contacts ? contacts[name] || 0 : null);
  const cohort = choice.attribution === "cohort";
  const identity = live.identity;
  write(tile, "waiting", contacts ? count(live.waiting) : NONE);
  tile.element.dataset.waits = live.waiting > 0;
  for (const name of ["offered", "answered", "abandoned", "flow_out"]) write(tile, name, count(number(name)));
  write(tile, "still", contacts ? count(cohort ? identity.waiting : live.waiting) : NONE);
  const adds = cohort && contacts && identity.holds;
  write(tile, "equals", !contacts || adds ? "=" : "≠");
  const lost = cohort && identity.ghosts ? `; ${identity.ghosts} whose end was lost` : "";
  tile.fields.equals.title = cohort
    ? `Everyone who entered within the window, and what became of them${lost}`
    : "By the time of each event: those offered and those answered need not be the same people";
  write(tile, "note", lost && contacts ? `+ ${identity.ghosts} lost` : "");
  const bar = { answered: identity.answered, abandoned: identity.abandoned, flow_out: identity.flow_out, waiting: identity.waiting };
  for (const [name, element] of Object.entries(tile.bars)) element.style.flexGrow = contacts ? bar[name] : 0;
  fillLevel(tile, contacts && contacts.service_level ? contacts.service_level[choice.formula] : null);
}

function fillLevel(tile, level) {
  const ratio = level ? level.ratio : null;
  write(tile, "level", percent(ratio));
  const threshold = level && known(level.threshold_seconds) ? ` ≤ ${level.threshold_seconds} s` : "";
  write(tile, "level_label", `service level${threshold}`);
  const words = definitions ? definitions.service_level.formulas[choice.formula] : "";
  tile.fields.level_label.title = level
    ? `${choice.formula} = ${words}: ${count(level.numerator)} of ${count(level.denominator)}; goal ${goal * 100} %`
    : `${choice.formula} = ${words}`;
  const verdict = !known(ratio) ? "none" : ratio >= goal ? "good" : ratio >= goal * 0.8 ? "weak" : "bad";
  tile.element.dataset.level = verdict;
  write(tile, "level_mark", { none: "", good: "✓", weak: "!", bad: "✕" }[verdict]);
}

function fillHandling(tile, contacts, recontacts) {
  write(tile, "asa", duration(contacts.queue_wait_seconds?.mean));
  write(tile, "aht", duration(contacts.handle_seconds?.mean));
  const share = recontacts && recontacts.contacts > 0 ? recontacts["7d"].any / recontacts.contacts : null;
  write(tile, "recontacts", known(share) ? `${count(recontacts["7d"].any)} · ${percent(share)}` : NONE);
}

function fillReps(tile, reps, live) {
  const now = reps?.now;
  const share = reps?.occupancy;
  write(tile, "occupancy", percent(share?.ratio));
  tile.fields.occupancy.title = known(share?.ratio)
    ? `${duration(share.numerator)} busy of ${duration(share.denominator)} busy or idle`
    : "";
  write(tile, "reps_busy", now ? count(now.on_contact + now.acw) : NONE);
  write(tile, "reps_free", now ? count(now.available) : NONE);
  const others = ["missed", "rejected", "incoming", "custom", "offline", "unknown"].filter((state) => now?.[state]);
  write(tile, "reps_other", others.length ? `+ ${others.map((state) => `${count(now[state])} ${state}`).join(" · ")}` : "");
  write(tile, "staffing_gap", known(live.staffing_gap) ? count(live.staffing_gap) : NONE);
  tile.fields.staffing_gap.title = known(live.required_reps)
    ? `The load of the last half hour needs ${count(live.required_reps)}; below 0: to spare`
    : "";
}

function fillTickets(tile, tickets, live) {
  const number = (name) => (tickets ? tickets[name] || 0 : null);
  write(tile, "open", tickets ? count(live.open) : NONE);
  const statuses = tickets?.open_by_status || {};
  const said = STATUSES.filter((status) => statuses[status]).map((status) => `${count(statuses[status])} ${status.replace("on_", "")}`);
  write(tile, "open_by_status", said.length ? `= ${said.join(" · ")}` : "");
  write(tile, "reply_p50", duration(tickets?.first_reply_seconds?.p50));
  write(tile, "reply_p90", duration(tickets?.first_reply_seconds?.p90));
  write(tile, "resolution_p50", duration(tickets?.full_resolution_seconds?.p50));
  write(tile, "resolution_p90", duration(tickets?.full_resolution_seconds?.p90));
  inBusinessTime(tile.fields.reply_p50, tickets?.first_reply_business_seconds);
  inBusinessTime(tile.fields.resolution_p50, tickets?.full_resolution_business_seconds);
  write(tile, "created", count(number("created")));
  write(tile, "solved", count(number("solve_events")));
  write(tile, "reopened", count(number("reopen_events")));
}

// What the tile shows is by the clock; the tooltip tells the same by the calendars, where there are any.
function inBusinessTime(field, figures) {
  field.parentElement.title = figures
    ? `In business time ${duration(figures.p50)} / ${duration(figures.p90)}, of ${count(figures.count)}`
    : "";
}

// --- the page ---------------------------------------------------------------------------------------------------

// Families of which a tile has a part.
const PARTS = new Set(["contacts", "reps", "tickets"]);

function showDocument(said) {
  shown = said;
  shownAt = performance.now();
  const queues = said.by.queue;
  // What a bot contained was in no queue: a tile could say nothing of it.
  const tiled = new Set(Object.keys(queues).filter((queue) => said.live.by.queue[queue].families.some((one) => PARTS.has(one))));
  for (const queue of tiled) {
    if (!tiles.has(queue)) {
      const element = document.createElement("section");
      element.className = "tile";
      element.dataset.queue = queue;
      tiles.set(queue, makeTile(element));
    }
    fill(tiles.get(queue), queue, queues[queue], said.live.by.queue[queue]);
  }
  const missing = new Set(said.missing_queues);
  for (const [queue, tile] of tiles) {
    const kept = tiled.has(queue) || missing.has(queue);
    if (!kept) tiles.delete(queue);
    tile.element.classList.toggle("missing", missing.has(queue));
    if (missing.has(queue)) blank(tile, queue);
  }
  for (const queue of missing) {
    if (tiles.has(queue)) continue;
    const element = document.createElement("section");
    element.className = "tile missing";
    element.dataset.queue = queue;
    tiles.set(queue, makeTile(element));
    blank(tiles.get(queue), queue);
  }
  const order = [...tiles.keys()].sort();
  const place = at("queues");
  const wanted = order.map((queue) => tiles.get(queue).element);
  if (wanted.length !== place.children.length || wanted.some((one, n) => place.children[n] !== one)) {
    place.replaceChildren(...wanted);
  }
  at("nothing").hidden = order.length > 0;
  fill(total, "All queues", said.total, said.live.total);
  write(total, "note", missing.size ? `without ${missing.size} missing` : `${order.length} queues · last ${choice.window}`);
  showFeeds(said);
  tick();
}

// A queue whose worker does not answer: its last figures would look like figures.
function blank(tile, queue) {
  fill(tile, queue, {}, { families: [], waiting: 0, open: 0, identity: {} });
  write(tile, "note", "not answering");
}

function showFeeds(said) {
  const items = Object.entries(said.freshness).map(([topic, feed]) => {
    const item = document.createElement("li");
    item.className = feed.stale ? "stale" : known(feed.lag_seconds) ? "fresh" : "none";
    const age = known(feed.lag_seconds) ? duration(feed.lag_seconds) : NONE;
    item.textContent = `${feed.stale ? "▲ " : ""}${topic} ${age}`;
    item.title = feed.last_event ? `Newest event of ${topic}: ${feed.last_event}` : `No event of ${topic} since the start`;
    return item;
  });
  at("feeds").replaceChildren(...items);
}

function tick() {
  const now = performance.now();
  const age = now - Math.max(shownAt, began);
  const lost = failure !== "" && (age > LOST_AFTER_MS || shown === null);
  const state = lost || age > TIMEOUT_MS + POLL_MS ? "lost" : shown ? shown.status : "loading";
  document.body.dataset.status = state;
  at("status").textContent = STATES[state];
  const words = state === "lost" ? failure || "no answer" : (shown?.problems || []).join("; ");
  const trouble = state !== "ok" && state !== "loading";
  at("banner").hidden = !trouble;
  at("banner").textContent = `${STATES[state].slice(2)} – ${words}${state === "lost" && shown ? `; what is shown stands as of ${clock(shown.as_of, true)}` : ""}`;
  if (!shown) return;
  const replay = shown.clock === "event";
  at("asof-label").textContent = replay ? "replay as of" : "as of";
  at("asof").textContent = clock(shown.as_of, replay);
  at("asof").dateTime = shown.as_of;
  at("asof").title = shown.newest_event ? `Newest event: ${shown.newest_event}` : "No event yet";
  // Waits grow between two answers, but not in replay, and not once nobody answers.
  const passed = replay || state === "lost" ? 0 : (now - shownAt) / 1000;
  for (const tile of [total, ...tiles.values()]) {
    for (const name of ["oldest_waiting", "oldest_open"]) {
      const seconds = tile.live[`${name}_seconds`];
      write(tile, name, duration(known(seconds) ? seconds + passed : null));
    }
  }
}

// --- choices and polling ----------------------------------------------------------------------------------------

function makeChoice(id, name, values) {
  for (const [value, text] of values) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.dataset.value = value;
    button.setAttribute("role", "radio");
    button.addEventListener("click", () => choose(name, value));
    at(id).append(button);
  }
}

function choose(name, value) {
  choice[name] = value;
  for (const [id, chosen] of [["windows", choice.window], ["attributions", choice.attribution]]) {
    for (const button of at(id).children) button.setAttribute("aria-checked", button.dataset.value === chosen);
  }
  at("formula").value = choice.formula;
  const query = new URLSearchParams(location.search);
  for (const [key, said] of Object.entries(choice)) if (said) query.set(key, said);
  history.replaceState(null, "", `?${query}`);
  poll();
}

async function fetchJson(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS), cache: "no-store" });
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  return answer.json();
}

async function define() {
  definitions = await fetchJson("/api/v1/definitions");
  const { default: usual, formulas } = definitions.service_level;
  for (const [name, words] of Object.entries(formulas)) at("formula").append(new Option(`${name} = ${words}`, name));
  choice.formula = choice.formula in formulas ? choice.formula : usual;
  at("formula").value = choice.formula;
  explain(document);
}

let round = 0;
let timer = 0;
async function poll() {
  const mine = ++round; // a newer choice makes older answers worthless
  clearTimeout(timer);
  try {
    if (!definitions) await define();
    const query = new URLSearchParams({ window: choice.window, attribution: choice.attribution, by: "queue" });
    const said = await fetchJson(`/api/v1/figures?${query}`);
    if (mine !== round) return;
    failure = "";
    showDocument(said);
  } catch (error) {
    if (mine !== round) return;
    failure = error.name === "TimeoutError" ? "the server does not answer" : error.message || String(error);
    tick();
  }
  timer = setTimeout(poll, POLL_MS);
}

const total = makeTile(at("total"));
makeChoice("windows", "window", WINDOWS.map((name) => [name, name]));
makeChoice("attributions", "attribution", Object.entries(ATTRIBUTIONS));
at("formula").addEventListener("change", (event) => choose("formula", event.target.value));
setInterval(tick, 250);
choose("window", choice.window);
