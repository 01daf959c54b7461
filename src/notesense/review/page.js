// What the page knows, and the pieces that its parts share. Offsets count code points, as everywhere in notesense: a note is
// an array of them here, not a string. A note's words reach the page as text nodes alone.

export const page = {
  about: null, // the queue, the labels, the library
  note: null, // {id, points, sentences, revision, review, saved, pending, refused, busy, …}
  current: 0, // which finding
  cursor: null, // [anchor, head]: the sentences that the keys have chosen, from one to the other
  editing: null, // {id, form}: the finding that is edited, and the form with what is typed so far
  opening: 0, // counts the notes that were asked for: the last one is shown
};

export const $ = (id) => document.getElementById(id);
export const items = () => page.note.review.items;
export const item = () => items()[page.current];
export const words = ([start, end]) => page.note.points.slice(start, end).join("");
export const underCursor = () => page.cursor && [page.note.sentences[Math.min(...page.cursor)][0], page.note.sentences[Math.max(...page.cursor)][1]];

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function tell(words, wrong = false) {
  $("status").textContent = words;
  $("status").className = wrong ? "wrong" : "";
}

export async function ask(path, method = "GET", body = undefined) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  try {
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    const data = answer.headers.get("content-type")?.includes("json") ? await answer.json() : { error: await answer.text() };
    return { status: answer.status, data };
  } catch {
    return { status: 0, data: { error: "notesense has stopped. Start it again, open the new address in another tab, then try again here: what you did stays as long as this page is open." } };
  }
}
