// The review page: what keys and buttons do.

import { $, ask, item, items, make, page, tell, underCursor, words } from "./page.js";
import { change, flush, isUnsaved, shown, undo } from "./saving.js";
import { act, form, render, renderNote, renderQueue } from "./showing.js";

Object.assign(shown, { render, queue: renderQueue });
Object.assign(act, { change, edit, focusItem: () => focusItem(), judge, missing, open, select, turn, update });

function update(id, changes) {
  const changed = items().map((i) => (i.id === id ? { ...i, ...changes } : i));
  return change({ ...page.note.review, items: changed, done: false });
}

async function open(id) {
  if (page.note) await flush(page.note);
  if (isUnsaved(page.note)) return tell("This note has a change that is not saved: decide first", true);
  page.opening += 1;
  const ticket = page.opening;
  if (page.note) page.note.busy = true; // keys that are pressed now are meant for the next note
  const { status, data } = await ask(`/api/notes/${id}`);
  if (page.note) page.note.busy = false;
  if (ticket !== page.opening) return undefined;
  if (status !== 200) {
    if (status === 404) page.about.notes.find((n) => n.id === id).state = "gone";
    renderQueue();
    return tell(data.error, true);
  }
  page.note = { ...data, points: Array.from(data.text), saved: data.review, pending: [], refused: false, busy: false, flying: null };
  page.current = Math.max(0, items().findIndex((i) => i.verdict === "open"));
  page.cursor = page.editing = null;
  $("bar").hidden = true;
  $("name").textContent = page.note.name;
  $("about").textContent = page.note.about;
  document.title = `Review: ${page.note.name}`;
  history.replaceState(null, "", `#${page.note.id}`);
  renderQueue();
  render();
  $("note").scrollTop = 0;
  tell(page.note.revision ? `Last change by ${page.note.by}, ${new Date(page.note.at).toLocaleString()}` : "Nothing said of this note yet");
  return true;
}

function step(by) {
  const at = page.about.notes.findIndex((n) => n.id === page.note.id);
  const rest = by > 0 ? page.about.notes.slice(at + 1) : page.about.notes.slice(0, at).reverse();
  const next = rest.find((n) => n.state !== "gone");
  return next ? open(next.id) : tell(by > 0 ? "That was the last note" : "That was the first note");
}

// Shows the finding and its words; where both are in one column, what was not touched.
function select(at, touched = "") {
  if (!items().length) return;
  page.current = Math.min(Math.max(at, 0), items().length - 1);
  page.cursor = null;
  render();
  const narrow = matchMedia("(max-width: 50rem)").matches;
  if (touched !== "card" && !(narrow && touched === "")) $(`item-${item().id}`).scrollIntoView({ block: "nearest" });
  if (touched !== "words") $("note").querySelector(".now")?.scrollIntoView({ block: "center" });
}

const focusItem = () => $("name").focus();

function judge(verdict) {
  if (!item()) return;
  const { id } = item();
  const next = items().findIndex((i, at) => at > page.current && i.verdict === "open");
  if (next >= 0) page.current = next;
  update(id, { verdict });
  if (!matchMedia("(max-width: 50rem)").matches) select(page.current);
}

function edit() {
  if (!item()) return;
  page.editing = { id: item().id, form: form(item()) };
  render();
  page.editing.form.querySelector("textarea").select();
  page.editing.form.scrollIntoView({ block: "nearest" });
}

function turn(i, number) {
  const match = i.matches[number];
  if (!match) return;
  const verdict = { open: "right", right: "wrong", wrong: "open" }[match.verdict];
  const matches = i.matches.map((m) => (m === match ? { ...m, verdict } : m));
  const changed = items().map((other) => (other.id === i.id ? { ...i, matches } : other));
  const all = changed.filter((other) => other.kind !== "pitch" && other.verdict !== "rejected").flatMap((other) => other.matches);
  change({ ...page.note.review, items: changed, done: false, matches_checked: all.length > 0 && all.every((m) => m.verdict !== "open") });
}

function missing() {
  if (!item() || item().kind === "pitch" || !page.about.solutions.length) return;
  const i = item();
  const list = make("datalist", { id: "library" }, ...page.about.solutions.map((s) => make("option", { value: s.id }, s.title)));
  const input = make("input", { type: "search", "aria-label": "Past work that fits", placeholder: "id or title", autocomplete: "off" });
  input.setAttribute("list", "library");
  const leave = () => { render(); focusItem(); };
  const keep = () => {
    const wanted = input.value.trim().toLowerCase();
    const found = page.about.solutions.filter((s) => s.id.toLowerCase() === wanted || (wanted.length > 2 && s.title.toLowerCase().includes(wanted)));
    if (found.length !== 1) return tell(found.length ? "Several past solutions have this in their title" : "No past solution is called that", true);
    const matches = [...i.matches.filter((m) => m.solution_id !== found[0].id), { solution_id: found[0].id, verdict: "right" }];
    update(i.id, { matches });
    return focusItem();
  };
  input.onkeydown = (e) => { if (e.key === "Enter") { e.preventDefault(); keep(); } if (e.key === "Escape") leave(); };
  $(`item-${i.id}`).append(list, input, make("button", { onclick: keep }, "Add"));
  input.focus();
}

// The words that are chosen: with the mouse, or else the sentences under the cursor of the keys.
function chosen() {
  const selection = getSelection();
  if (!selection.isCollapsed && $("note").contains(selection.anchorNode) && $("note").contains(selection.focusNode)) {
    const range = selection.getRangeAt(0);
    return trimmed(offset(range.startContainer, range.startOffset), offset(range.endContainer, range.endOffset));
  }
  return page.cursor && trimmed(...underCursor());
}

function offset(node, at) {
  if (node.nodeType === Node.TEXT_NODE) return Number(node.parentElement.dataset.start) + Array.from(node.data.slice(0, at)).length;
  const next = node.childNodes[at];
  return next ? Number((next.dataset || next.parentElement.dataset).start) : node.dataset.start ? Number(node.dataset.start) + Array.from(node.textContent).length : page.note.points.length;
}

function trimmed(start, end) {
  while (start < end && !page.note.points[start].trim()) start += 1;
  while (end > start && !page.note.points[end - 1].trim()) end -= 1;
  return start < end ? [start, end] : null;
}

function add(kind) {
  const span = chosen();
  if (!span) return tell("Choose the words first: with the mouse, or with → and ←", true);
  const letter = kind === "pitch" ? "p" : "n";
  const id = `${letter}${1 + Math.max(0, ...items().map((i) => Number(i.id.slice(1)) || 0))}`;
  const fresh = { id, kind, category: kind === "pitch" ? null : "operations", tactic: kind === "pitch" ? "premature_solution" : null,
    where: kind === "pitch" ? "noted" : null, words: kind === "pitch" ? "Ask what the client needs, before anything is offered." : words(span).replace(/\s+/g, " "),
    spans: [span], verdict: "open", confidence: null, added: true, matches: [] };
  getSelection().removeAllRanges();
  page.cursor = null;
  page.current = items().length;
  change({ ...page.note.review, items: [...items(), fresh], done: false });
  return edit();
}

function moreWords(alone) {
  const span = chosen();
  if (!span || !item()) return tell("Choose the words first: with the mouse, or with → and ←", true);
  getSelection().removeAllRanges();
  page.cursor = null;
  const kept = alone ? [] : item().spans.filter(([start, end]) => end <= span[0] || span[1] <= start);
  return update(item().id, { spans: [...kept, span].sort((a, b) => a[0] - b[0]) });
}

function walk(by, extend) {
  const last = page.note.sentences.length - 1;
  if (last < 0) return;
  const from = page.cursor ? page.cursor[1] : start(by);
  const to = Math.min(Math.max(from + by, 0), last);
  page.cursor = [extend && page.cursor ? page.cursor[0] : to, to];
  renderNote();
  $("note").querySelector(".cursor")?.scrollIntoView({ block: "nearest" });
}

function start(by) { // the keys begin at the finding that is selected
  const at = item() ? page.note.sentences.findIndex(([, end]) => end > item().spans[0][0]) : -1;
  return at < 0 ? (by > 0 ? -1 : 0) : at - by;
}

function acceptAll() {
  change({ ...page.note.review, items: items().map((i) => (i.verdict === "open" ? { ...i, verdict: "accepted" } : i)) });
}

async function done() {
  const undecided = items().filter((i) => i.verdict === "open").length;
  if (undecided) return tell(`${undecided} undecided: accept or reject, or accept the rest with A`, true);
  const of = page.note;
  if (!(await change({ ...page.note.review, done: true }))) return undefined;
  const at = page.about.notes.findIndex((n) => n.id === of.id);
  const next = [...page.about.notes.slice(at + 1), ...page.about.notes.slice(0, at)].find((n) => n.state !== "done" && n.state !== "gone");
  return next ? open(next.id) : tell(`All notes are done. They are in ${page.about.folder}`);
}

const setKind = (kind) => { if (item() && item().kind !== "pitch") update(item().id, { kind, verdict: "accepted" }); };

const KEYS = {
  j: () => select(page.current + 1), k: () => select(page.current - 1), a: () => judge("accepted"), x: () => judge("rejected"), e: edit,
  s: () => setKind("stated"), i: () => setKind("implied"), m: missing, n: () => add("implied"), p: () => add("pitch"), w: () => moreWords(false),
  W: () => moreWords(true), A: acceptAll, Enter: done, u: undo, "[": () => step(-1), "]": () => step(1), "?": () => $("keys").showModal(),
  ArrowDown: () => select(page.current + 1), ArrowUp: () => select(page.current - 1), Escape: () => { page.cursor = null; renderNote(); },
};

addEventListener("beforeunload", (e) => { if (isUnsaved(page.note) || page.note?.flying) e.preventDefault(); });
document.addEventListener("keydown", (e) => {
  if (!page.note || page.note.busy || e.ctrlKey || e.metaKey || e.altKey || $("keys").open || e.target.closest?.("input[type=search], select, textarea, summary")) return;
  if (e.key === "Enter" && e.target.closest?.("button")) return;
  const action = e.key === "ArrowRight" || e.key === "ArrowLeft" ? () => walk(e.key === "ArrowRight" ? 1 : -1, e.shiftKey)
    : /^[1-9]$/.test(e.key) ? () => item() && turn(item(), Number(e.key) - 1) : KEYS[e.key];
  if (!action) return;
  e.preventDefault();
  action();
});

const press = { before: () => step(-1), after: () => step(1), "accept-all": acceptAll, done, undo, help: KEYS["?"], "add-need": KEYS.n, "add-pitch": KEYS.p, "more-words": KEYS.w };
for (const [id, action] of Object.entries(press)) {
  $(id).onmousedown = (e) => e.preventDefault(); // the words that are chosen stay chosen
  $(id).onclick = action;
}
$("matches-checked").onchange = () => change({ ...page.note.review, matches_checked: $("matches-checked").checked });

const { status, data } = await ask("/api/queue");
if (status === 200) {
  page.about = data;
  renderQueue();
  const first = page.about.notes.find((n) => `#${n.id}` === location.hash) || page.about.notes.find((n) => n.state !== "done") || page.about.notes[0];
  for (const { id } of [first, ...page.about.notes.filter((n) => n !== first)]) if (await open(id)) break;
  focusItem();
} else tell(data.error, true);
