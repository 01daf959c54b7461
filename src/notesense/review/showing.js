// What is shown: the note with its marks, the findings beside it, the queue.

import { $, item, items, make, page, underCursor, words } from "./page.js";

const KINDS = { stated: "Stated need", implied: "Implied need", pitch: "Pitching" };
// What buttons do; the page fills it.
export const act = {};

export function render() {
  renderNote();
  renderItems();
  $("matches-checked").checked = page.note.review.matches_checked;
  $("finish").hidden = page.editing !== null;
}

export function renderNote() {
  const shown = items().filter((i) => i.verdict !== "rejected");
  const chosen = underCursor();
  const cuts = new Set([0, page.note.points.length, ...(chosen || [])]);
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
    if (own) part.onclick = () => { if (getSelection().isCollapsed) act.select(items().indexOf(own), "words"); };
    parts.push(part);
  }
  $("note").replaceChildren(...parts);
}

function renderItems() {
  $("items").replaceChildren(...items().map((i, at) => (page.editing?.id === i.id ? page.editing.form : card(i, at))));
}

function card(i, at) {
  const label = i.kind === "pitch" ? `${page.about.tactics[i.tactic]}, ${page.about.where[i.where]}` : page.about.categories[i.category];
  const sure = i.added ? "yours" : i.confidence === null ? "" : `${Math.round(i.confidence * 100)} %`;
  const button = (words, key, action) => make("button", { onclick: () => { page.current = at; action(); } }, words, " ", make("kbd", {}, key));
  const element = make(
    "li", { className: `item ${i.kind} ${i.verdict}`, id: `item-${i.id}`, onclick: (e) => { if (!e.target.closest("button, input")) act.select(at, "card"); } },
    make("span", { className: "verdict" }, { open: "", accepted: "✓ accepted", rejected: "✗ rejected" }[i.verdict]),
    make("span", { className: "label" }, `${KINDS[i.kind]}: ${label}`), make("span", { className: "about" }, ` ${sure}`),
    make("p", { className: "words" }, i.words), ...i.spans.map((s) => make("blockquote", {}, words(s))),
  );
  if (at === page.current) element.setAttribute("aria-current", "true");
  if (i.matches.length) element.append(make("ol", { className: "matches" }, ...i.matches.map((m, n) => matchLine(i, m, n))));
  element.append(make("p", {}, button("Accept", "a", () => act.judge("accepted")), " ", button("Reject", "x", () => act.judge("rejected")), " ",
    button("Edit", "e", act.edit), ...(i.kind === "pitch" || !page.about.solutions.length ? [] : [" ", button("Past work is missing", "m", act.missing)])));
  return element;
}

function matchLine(i, match, number) {
  const title = page.about.solutions.find((s) => s.id === match.solution_id)?.title || "";
  const verdict = { open: "?", right: "✓ right", wrong: "✗ wrong" }[match.verdict];
  return make("li", {}, make("button", { onclick: () => act.turn(i, number), title: "right, wrong, undecided" }, `${number + 1}  ${verdict}`),
    make("span", { className: match.verdict }, `${match.solution_id} ${title}`));
}

export function form(i) {
  const options = (labels, chosen) => Object.entries(labels).map(([value, label]) => make("option", { value, selected: value === chosen }, label));
  const kind = make("select", {}, ...options(KINDS, i.kind));
  const category = make("select", {}, ...options(page.about.categories, i.category || "operations"));
  const tactic = make("select", {}, ...options(page.about.tactics, i.tactic || "premature_solution"));
  const where = make("select", {}, ...options(page.about.where, i.where || "noted"));
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
    page.editing = null;
    act.update(i.id, { kind: kind.value, category: pitch ? null : category.value, tactic: pitch ? tactic.value : null,
      where: pitch ? where.value : null, words: text.value, verdict: "accepted", matches: pitch ? [] : i.matches });
    act.focusItem();
  };
  const leave = () => {
    page.editing = null;
    if (i.added && i.verdict === "open") act.change({ ...page.note.review, items: items().filter((other) => other.id !== i.id) });
    else render();
    page.current = Math.min(page.current, Math.max(0, items().length - 1));
    act.focusItem();
  };
  const element = make("form", { className: "edit", onsubmit: (e) => { e.preventDefault(); keep(); } }, field("What it is", kind), ofNeed, ofPitch, wanted,
    make("p", {}, make("button", {}, "Keep ", make("kbd", {}, "Enter")), " ", make("button", { type: "button", onclick: leave }, "Cancel ", make("kbd", {}, "Esc"))));
  element.onkeydown = (e) => {
    if (e.key === "Escape") leave();
    if (e.key === "Enter" && e.target === text && !e.shiftKey && !e.isComposing) { e.preventDefault(); keep(); }
  };
  return make("li", { className: `item ${i.kind}`, id: `item-${i.id}`, "aria-current": "true" }, element);
}

export function renderQueue() {
  const done = page.about.notes.filter((n) => n.state === "done").length;
  $("progress").max = page.about.notes.length;
  $("progress").value = done;
  $("count").textContent = `${done} of ${page.about.notes.length} done`;
  $("queue").querySelector("ol").replaceChildren(...page.about.notes.map((n) => {
    const sign = { new: "", begun: " …", done: " ✓", gone: " (gone)" }[n.state];
    const line = make("li", {}, make("button", { onclick: () => { $("queue").open = false; act.open(n.id); } }, `${n.name} (${n.findings})${sign}`));
    if (page.note && n.id === page.note.id) line.setAttribute("aria-current", "true");
    return line;
  }));
}
