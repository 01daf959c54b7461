"use strict";
const engine = document.getElementById("engine");
const boxes = [...document.querySelectorAll("header input")];
const shown = document.getElementById("shown");
function show() {
  const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
  for (const section of document.querySelectorAll(".engine")) {
    section.hidden = section.dataset.engine !== engine.value;
    let count = 0;
    const articles = section.querySelectorAll("article");
    for (const article of articles) {
      const errors = article.dataset.errors.split(" ");
      article.hidden = wanted.length > 0 && !wanted.some((name) => errors.includes(name));
      count += article.hidden ? 0 : 1;
    }
    if (!section.hidden) shown.textContent = `${count} of ${articles.length} shown, worst first`;
  }
}
engine.addEventListener("change", show);
boxes.forEach((box) => box.addEventListener("change", show));
show();
