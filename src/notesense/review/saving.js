// A note's changes wait in line; each is sent on top of the one before, and stays in line until it is on the disk.

import { $, ask, make, page, tell } from "./page.js";

// What shows the note and the queue; the page fills it.
export const shown = { render: () => {}, queue: () => {} };

export const isUnsaved = (of) => Boolean(of && of.pending.length);

export function change(review) {
  if (page.note.busy) return tell("One moment …");
  page.note.review = review;
  page.note.pending = [...(page.note.refused ? [] : page.note.pending), review]; // what was refused is not sent again: this takes its place
  page.note.refused = false;
  shown.render();
  return flush(page.note);
}

export function flush(of) {
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
  if (of === page.note && !of.refused) {
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
  page.editing = null;
  if (of === page.note) shown.render();
}

function took(of, data) {
  Object.assign(of, { revision: data.revision, at: data.at, by: data.by });
  page.about.notes.find((n) => n.id === of.id).state = data.review.done ? "done" : data.revision ? "begun" : "new";
  shown.queue();
}

export async function undo() {
  if (page.note.busy || !(await flush(page.note))) return undefined;
  if (!page.note.revision) return tell("There is nothing to undo");
  const of = page.note;
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
