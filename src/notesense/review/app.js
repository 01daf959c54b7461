// The review page. Offsets count code points, as everywhere in notesense: a note is an array of them here, not a string.
// A note's words reach the page as text nodes alone.

const $ = (id) => document.getElementById(id);
const KINDS = { stated: "Stated need", implied: "Implied need", pitch: "Pitching" };
let about = null; // the queue, the labels, the library
let note = null; // {id, points, sentences, revision, review, saved, pending, refused, busy, …}
let current = 0; // which finding
let cursor = null; // [anchor, head]: the sentences that the keys have chosen, from one to the other
let editing = null; // {id, form}: the finding that is edited, and the form with what is typed so far
let opening = 0; // counts the notes that were asked for: the last one is shown

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function tell(words, wrong = false) {
  $("status").textContent = words;
  $("status").className = wrong ? "wrong" : "";
}

async function ask(path, method = "GET", body = undefined) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  try {
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    const data = answer.headers.get("content-type")?.includes("json") ? await answer.json() : { error: await answer.text() };
    return { status: answer.status, data };
  } catch {
    return { status: 0, data: { error: "notesense has stopped. Start it again, open the new address in another tab, then try again here: what you did stays as long as this page is open." } };
  }
}

// ---- saving: a note's changes wait in line; each is sent on top of the one before, and stays in line until it is on the disk

const isUnsaved = (of) => Boolean(of && of.pending.length);

function change(review) {
  if (note.busy) return tell("One moment …");
  note.review = review;
  note.pending = [...(note.refused ? [] : note.pending), review]; // what was refused is not sent again: this takes its place
  note.refused = false;
  render();
  return flush(note);
}

function flush(of) {
  of.flying ||= send(of).finally(() => { of.flying = null; });
  return of.flying;
}

async function send(of) {
  while (of.pending.length && !of.refused) {
    tell("Saving …");
    const [review] = of.pending;
    const { status, data } = await ask(`/api/notes/${of.id}`, "PUT", { revision: of.revision, review });
    if (status !== 200) return refuse(of, status, data);
    of.pending = of.pending.slice(1);
    of.saved = review;
    took(of, data);
  }
  if (of === note && !of.refused) {
    $("bar").hidden = true;
    tell(of.at ? `Saved ${time(of.at)}` : "");
  }
  return !of.refused;
}

function refuse(of, status, data) {
  of.refused = true;
  of.pending = [of.review];
  const back = ["Take my last change back", () => settle(of, of.saved)];
  const again = ["Try again", () => retry(of, of.revision)];
  if (status === 409) {
    offer(`${data.by} has changed this note at ${time(data.at)}. Your last change is not saved.`, [
      ["Show theirs", () => { took(of, data); settle(of, data.review); }],
      ["Put mine over it", () => retry(of, data.revision)],
    ]);
  } else offer(`Not saved. ${data.error}`, status === 422 ? [back] : [again, back]);
  return false;
}

function retry(of, revision) {
  Object.assign(of, { revision, refused: false });
  return flush(of);
}

function settle(of, review) {
  Object.assign(of, { review, saved: review, pending: [], refused: false });
  editing = null;
  if (of === note) render();
}

function took(of, data) {
  Object.assign(of, { revision: data.revision, at: data.at, by: data.by });
  about.notes.find((n) => n.id === of.id).state = data.review.done ? "done" : data.revision ? "begun" : "new";
  renderQueue();
}

async function undo() {
  if (note.busy || !(await flush(note))) return undefined;
  if (!note.revision) return tell("There is nothing to undo");
  const of = note;
  of.busy = true; // nothing is changed on top of what is being undone
  const { status, data } = await ask(`/api/notes/${of.id}/undo`, "POST", { revision: of.revision });
  of.busy = false;
  if (status === 200 || status === 409) {
    took(of, data);
    settle(of, data.review);
    return tell(status === 200 ? "Undone" : `${data.by} has changed this note in between: nothing was undone`, status !== 200);
  }
  return tell(data.error, true);
}

function offer(words, ways) {
  tell("Not saved", true);
  const buttons = ways.map(([label, action]) => make("button", { onclick: () => { $("bar").hidden = true; action(); } }, label));
  $("bar").replaceChildren(words, ...buttons);
  $("bar").hidden = false;
}

const time = (at) => (at ? new Date(at).toLocaleTimeString() : "");
const items = () => note.review.items;
const item = () => items()[current];
const words = ([start, end]) => note.points.slice(start, end).join("");

function update(id, changes) {
  const changed = items().map((i) => (i.id === id ? { ...i, ...changes } : i));
  return change({ ...note.review, items: changed, done: false });
}

async function open(id) {
  if (note) await flush(note);
  if (isUnsaved(note)) return tell("This note has a change that is not saved: decide first", true);
  opening += 1;
  const ticket = opening;
  if (note) note.busy = true; // keys that are pressed now are meant for the next note
  const { status, data } = await ask(`/api/notes/${id}`);
  if (note) note.busy = false;
  if (ticket !== opening) return undefined;
  if (status !== 200) {
    if (status === 404) about.notes.find((n) => n.id === id).state = "gone";
    renderQueue();
    return tell(data.error, true);
  }
  note = { ...data, points: Array.from(data.text), saved: data.review, pending: [], refused: false, busy: false, flying: null };
  current = Math.max(0, items().findIndex((i) => i.verdict === "open"));
  cursor = editing = null;
  $("bar").hidden = true;
  $("name").textContent = note.name;
  $("about").textContent = note.about;
  document.title = `Review: ${note.name}`;
  history.replaceState(null, "", `#${note.id}`);
  renderQueue();
  render();
  $("note").scrollTop = 0;
  tell(note.revision ? `Last change by ${note.by}, ${new Date(note.at).toLocaleString()}` : "Nothing said of this note yet");
  return true;
}

function step(by) {
  const at = about.notes.findIndex((n) => n.id === note.id);
  const rest = by > 0 ? about.notes.slice(at + 1) : about.notes.slice(0, at).reverse();
  const next = rest.find((n) => n.state !== "gone");
  return next ? open(next.id) : tell(by > 0 ? "That was the last note" : "That was the first note");
}

// ---- what is shown

function render() {
  renderNote();
  renderItems();
  $("matches-checked").checked = note.review.matches_checked;
  $("finish").hidden = editing !== null;
}

function renderNote() {
  const shown = items().filter((i) => i.verdict !== "rejected");
  const chosen = underCursor();
  const cuts = new Set([0, note.points.length, ...(chosen || [])]);
  for (const i of shown) for (const [start, end] of i.spans) cuts.add(start).add(end);
  const edges = [...cuts].sort((a, b) => a - b);
  const parts = [];
  for (let at = 0; at + 1 < edges.length; at += 1) {
    const [start, end] = [edges[at], edges[at + 1]];
    const here = shown.filter((i) => i.spans.some(([s, e]) => s <= start && end <= e));
    const own = here.find((i) => i === item()) || here[0];
    const inside = chosen && chosen[0] <= start && end <= chosen[1];
    const classes = [own?.kind, own && own === item() ? "now" : "", inside ? "cursor" : ""].filter(Boolean).join(" ");
    const part = make(own ? "mark" : "span", { className: classes, "data-start": start }, words([start, end]));
    if (own) part.onclick = () => { if (getSelection().isCollapsed) select(items().indexOf(own), "words"); };
    parts.push(part);
  }
  $("note").replaceChildren(...parts);
}

function renderItems() {
  $("items").replaceChildren(...items().map((i, at) => (editing?.id === i.id ? editing.form : card(i, at))));
}

function card(i, at) {
  const label = i.kind === "pitch" ? `${about.tactics[i.tactic]}, ${about.where[i.where]}` : about.categories[i.category];
  const sure = i.added ? "yours" : i.confidence === null ? "" : `${Math.round(i.confidence * 100)} %`;
  const button = (words, key, action) => make("button", { onclick: () => { current = at; action(); } }, words, " ", make("kbd", {}, key));
  const element = make(
    "li", { className: `item ${i.kind} ${i.verdict}`, id: `item-${i.id}`, onclick: (e) => { if (!e.target.closest("button, input")) select(at, "card"); } },
    make("span", { className: "verdict" }, { open: "", accepted: "✓ accepted", rejected: "✗ rejected" }[i.verdict]),
    make("span", { className: "label" }, `${KINDS[i.kind]}: ${label}`), make("span", { className: "about" }, ` ${sure}`),
    make("p", { className: "words" }, i.words), ...i.spans.map((s) => make("blockquote", {}, words(s))),
  );
  if (at === current) element.setAttribute("aria-current", "true");
  if (i.matches.length) element.append(make("ol", { className: "matches" }, ...i.matches.map((m, n) => matchLine(i, m, n))));
  element.append(make("p", {}, button("Accept", "a", () => judge("accepted")), " ", button("Reject", "x", () => judge("rejected")), " ",
    button("Edit", "e", edit), ...(i.kind === "pitch" || !about.solutions.length ? [] : [" ", button("Past work is missing", "m", missing)])));
  return element;
}

function matchLine(i, match, number) {
  const title = about.solutions.find((s) => s.id === match.solution_id)?.title || "";
  const verdict = { open: "?", right: "✓ right", wrong: "✗ wrong" }[match.verdict];
  return make("li", {}, make("button", { onclick: () => turn(i, number), title: "right, wrong, undecided" }, `${number + 1}  ${verdict}`),
    make("span", { className: match.verdict }, `${match.solution_id} ${title}`));
}

function form(i) {
  const options = (labels, chosen) => Object.entries(labels).map(([value, label]) => make("option", { value, selected: value === chosen }, label));
  const kind = make("select", {}, ...options(KINDS, i.kind));
  const category = make("select", {}, ...options(about.categories, i.category || "operations"));
  const tactic = make("select", {}, ...options(about.tactics, i.tactic || "premature_solution"));
  const where = make("select", {}, ...options(about.where, i.where || "noted"));
  const text = make("textarea", {}, i.words);
  const field = (words, input) => make("label", {}, words, input);
  const ofNeed = field("Category", category), ofPitch = make("div", {}, field("Tactic", tactic), field("Where", where));
  const wanted = make("label", {}, make("span"), text);
  const follow = () => {
    const pitch = kind.value === "pitch";
    ofNeed.hidden = pitch;
    ofPitch.hidden = !pitch;
    wanted.firstChild.textContent = pitch ? "What to say instead" : "The need, in the client's terms";
  };
  kind.onchange = follow;
  follow();
  const keep = () => {
    const pitch = kind.value === "pitch";
    editing = null;
    update(i.id, { kind: kind.value, category: pitch ? null : category.value, tactic: pitch ? tactic.value : null,
      where: pitch ? where.value : null, words: text.value, verdict: "accepted", matches: pitch ? [] : i.matches });
    focusItem();
  };
  const leave = () => {
    editing = null;
    if (i.added && i.verdict === "open") change({ ...note.review, items: items().filter((other) => other.id !== i.id) });
    else render();
    current = Math.min(current, Math.max(0, items().length - 1));
    focusItem();
  };
  const element = make("form", { className: "edit", onsubmit: (e) => { e.preventDefault(); keep(); } }, field("What it is", kind), ofNeed, ofPitch, wanted,
    make("p", {}, make("button", {}, "Keep ", make("kbd", {}, "Enter")), " ", make("button", { type: "button", onclick: leave }, "Cancel ", make("kbd", {}, "Esc"))));
  element.onkeydown = (e) => {
    if (e.key === "Escape") leave();
    if (e.key === "Enter" && e.target === text && !e.shiftKey && !e.isComposing) { e.preventDefault(); keep(); }
  };
  return make("li", { className: `item ${i.kind}`, id: `item-${i.id}`, "aria-current": "true" }, element);
}

function renderQueue() {
  const done = about.notes.filter((n) => n.state === "done").length;
  $("progress").max = about.notes.length;
  $("progress").value = done;
  $("count").textContent = `${done} of ${about.notes.length} done`;
  $("queue").querySelector("ol").replaceChildren(...about.notes.map((n) => {
    const sign = { new: "", begun: " …", done: " ✓", gone: " (gone)" }[n.state];
    const line = make("li", {}, make("button", { onclick: () => { $("queue").open = false; open(n.id); } }, `${n.name} (${n.findings})${sign}`));
    if (note && n.id === note.id) line.setAttribute("aria-current", "true");
    return line;
  }));
}

// ---- what can be done

// Shows the finding and its words; where both are in one column, what was not touched.
function select(at, touched = "") {
  if (!items().length) return;
  current = Math.min(Math.max(at, 0), items().length - 1);
  cursor = null;
  render();
  const narrow = matchMedia("(max-width: 50rem)").matches;
  if (touched !== "card" && !(narrow && touched === "")) $(`item-${item().id}`).scrollIntoView({ block: "nearest" });
  if (touched !== "words") $("note").querySelector(".now")?.scrollIntoView({ block: "center" });
}

const focusItem = () => $("name").focus();

function judge(verdict) {
  if (!item()) return;
  const { id } = item();
  const next = items().findIndex((i, at) => at > current && i.verdict === "open");
  if (next >= 0) current = next;
  update(id, { verdict });
  if (!matchMedia("(max-width: 50rem)").matches) select(current);
}

function edit() {
  if (!item()) return;
  editing = { id: item().id, form: form(item()) };
  render();
  editing.form.querySelector("textarea").select();
  editing.form.scrollIntoView({ block: "nearest" });
}

function turn(i, number) {
  const match = i.matches[number];
  if (!match) return;
  const verdict = { open: "right", right: "wrong", wrong: "open" }[match.verdict];
  const matches = i.matches.map((m) => (m === match ? { ...m, verdict } : m));
  const changed = items().map((other) => (other.id === i.id ? { ...i, matches } : other));
  const all = changed.filter((other) => other.kind !== "pitch" && other.verdict !== "rejected").flatMap((other) => other.matches);
  change({ ...note.review, items: changed, done: false, matches_checked: all.length > 0 && all.every((m) => m.verdict !== "open") });
}

function missing() {
  if (!item() || item().kind === "pitch" || !about.solutions.length) return;
  const i = item();
  const list = make("datalist", { id: "library" }, ...about.solutions.map((s) => make("option", { value: s.id }, s.title)));
  const input = make("input", { type: "search", "aria-label": "Past work that fits", placeholder: "id or title", autocomplete: "off" });
  input.setAttribute("list", "library");
  const leave = () => { render(); focusItem(); };
  const keep = () => {
    const wanted = input.value.trim().toLowerCase();
    const found = about.solutions.filter((s) => s.id.toLowerCase() === wanted || (wanted.length > 2 && s.title.toLowerCase().includes(wanted)));
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
  return cursor && trimmed(...underCursor());
}

const underCursor = () => cursor && [note.sentences[Math.min(...cursor)][0], note.sentences[Math.max(...cursor)][1]];

function offset(node, at) {
  if (node.nodeType === Node.TEXT_NODE) return Number(node.parentElement.dataset.start) + Array.from(node.data.slice(0, at)).length;
  const next = node.childNodes[at];
  return next ? Number((next.dataset || next.parentElement.dataset).start) : node.dataset.start ? Number(node.dataset.start) + Array.from(node.textContent).length : note.points.length;
}

function trimmed(start, end) {
  while (start < end && !note.points[start].trim()) start += 1;
  while (end > start && !note.points[end - 1].trim()) end -= 1;
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
  cursor = null;
  current = items().length;
  change({ ...note.review, items: [...items(), fresh], done: false });
  return edit();
}

function moreWords(alone) {
  const span = chosen();
  if (!span || !item()) return tell("Choose the words first: with the mouse, or with → and ←", true);
  getSelection().removeAllRanges();
  cursor = null;
  const kept = alone ? [] : item().spans.filter(([start, end]) => end <= span[0] || span[1] <= start);
  return update(item().id, { spans: [...kept, span].sort((a, b) => a[0] - b[0]) });
}

function walk(by, extend) {
  const last = note.sentences.length - 1;
  if (last < 0) return;
  const from = cursor ? cursor[1] : start(by);
  const to = Math.min(Math.max(from + by, 0), last);
  cursor = [extend && cursor ? cursor[0] : to, to];
  renderNote();
  $("note").querySelector(".cursor")?.scrollIntoView({ block: "nearest" });
}

function start(by) { // the keys begin at the finding that is selected
  const at = item() ? note.sentences.findIndex(([, end]) => end > item().spans[0][0]) : -1;
  return at < 0 ? (by > 0 ? -1 : 0) : at - by;
}

function acceptAll() {
  change({ ...note.review, items: items().map((i) => (i.verdict === "open" ? { ...i, verdict: "accepted" } : i)) });
}

async function done() {
  const undecided = items().filter((i) => i.verdict === "open").length;
  if (undecided) return tell(`${undecided} undecided: accept or reject, or accept the rest with A`, true);
  const of = note;
  if (!(await change({ ...note.review, done: true }))) return undefined;
  const at = about.notes.findIndex((n) => n.id === of.id);
  const next = [...about.notes.slice(at + 1), ...about.notes.slice(0, at)].find((n) => n.state !== "done" && n.state !== "gone");
  return next ? open(next.id) : tell(`All notes are done. They are in ${about.folder}`);
}

const setKind = (kind) => { if (item() && item().kind !== "pitch") update(item().id, { kind, verdict: "accepted" }); };

const KEYS = {
  j: () => select(current + 1), k: () => select(current - 1), a: () => judge("accepted"), x: () => judge("rejected"), e: edit,
  s: () => setKind("stated"), i: () => setKind("implied"), m: missing, n: () => add("implied"), p: () => add("pitch"), w: () => moreWords(false),
  W: () => moreWords(true), A: acceptAll, Enter: done, u: undo, "[": () => step(-1), "]": () => step(1), "?": () => $("keys").showModal(),
  ArrowDown: () => select(current + 1), ArrowUp: () => select(current - 1), Escape: () => { cursor = null; renderNote(); },
};

addEventListener("beforeunload", (e) => { if (isUnsaved(note) || note?.flying) e.preventDefault(); });
document.addEventListener("keydown", (e) => {
  if (!note || note.busy || e.ctrlKey || e.metaKey || e.altKey || $("keys").open || e.target.closest?.("input[type=search], select, textarea, summary")) return;
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
$("matches-checked").onchange = () => change({ ...note.review, matches_checked: $("matches-checked").checked });

const { status, data } = await ask("/api/queue");
if (status === 200) {
  about = data;
  renderQueue();
  const first = about.notes.find((n) => `#${n.id}` === location.hash) || about.notes.find((n) => n.state !== "done") || about.notes[0];
  for (const { id } of [first, ...about.notes.filter((n) => n !== first)]) if (await open(id)) break;
  focusItem();
} else tell(data.error, true);
