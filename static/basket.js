// The basket of cases to compare. It only adds buttons to pages that work without: links lead to /compare/ too.
// No cookie; the browser's own storage holds a list of slugs from the first case added until the last is removed.
(() => {
  "use strict";
  const KEY = "casebook-compare";
  const MOST = 4;
  const SLUG = /^[a-z0-9-]{1,60}$/;
  const buttons = [];
  let storage;
  try {
    storage = window.localStorage;
    storage.getItem(KEY);
  } catch {
    return; // the reader's browser keeps nothing: the links do the same
  }

  const read = () => {
    try {
      const kept = JSON.parse(storage.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter((slug) => typeof slug === "string" && SLUG.test(slug)).slice(0, MOST) : [];
    } catch {
      return [];
    }
  };
  const write = (slugs) => {
    if (slugs.length) storage.setItem(KEY, JSON.stringify(slugs));
    else storage.removeItem(KEY);
    draw();
  };
  const make = (name, className, text = "") => Object.assign(document.createElement(name), { className, textContent: text });

  const bar = make("div", "basket");
  const status = make("p", "basket-status");
  const link = make("a", "button basket-link");
  const empty = make("button", "basket-empty", "空にする");
  bar.setAttribute("role", "region");
  bar.setAttribute("aria-label", "比べる事例");
  status.setAttribute("role", "status");
  empty.type = "button";
  bar.append(status, link, empty);
  empty.addEventListener("click", () => {
    write([]);
    status.textContent = "比べる事例を空にしました。";
    document.getElementById("main")?.focus();
  });

  function draw() {
    const slugs = read();
    for (const { button, slug } of buttons) {
      const inside = slugs.includes(slug);
      button.classList.toggle("basket-inside", inside);
      button.firstChild.textContent = inside ? "比べる事例から外す" : "比べる事例に加える";
    }
    // Kept in the page while empty, so that what it says is announced; only what it holds is hidden.
    bar.classList.toggle("basket-shown", slugs.length > 0);
    link.hidden = empty.hidden = !slugs.length;
    link.textContent = `比べる（${slugs.length}件）`;
    link.href = `/compare/?ids=${slugs.join()}`;
  }

  function toggle(slug, title) {
    const slugs = read();
    const inside = slugs.includes(slug);
    if (!inside && slugs.length >= MOST) {
      status.textContent = `比べられるのは${MOST}件までです。どれかを外すと加えられます。`;
      return;
    }
    write(inside ? slugs.filter((one) => one !== slug) : [...slugs, slug]);
    status.textContent = inside ? `${title}を外しました。` : `${title}を加えました。`;
  }

  function offer(slug, title, place) {
    if (!SLUG.test(slug)) return;
    const button = make("button", "basket-button");
    const name = make("span", "visually-hidden", `：${title}`);
    button.type = "button";
    button.append(make("span", ""), name);
    button.addEventListener("click", () => toggle(slug, title));
    buttons.push({ button, slug });
    place(button);
  }

  for (const title of document.querySelectorAll(".card h3 a")) {
    const slug = title.pathname.split("/")[2];
    offer(slug, title.textContent, (button) => title.closest(".card").querySelector(".card-text").append(button));
  }
  for (const way of document.querySelectorAll(".compare-way")) {
    const slug = new URL(way.href).searchParams.get("ids");
    offer(slug, document.querySelector("h1").textContent, (button) => way.after(button));
  }
  // Where a comparison is shown, its page is the basket: what it shows is what's kept, if anything is.
  const comparison = document.querySelector(".comparison");
  if (comparison && new URLSearchParams(location.search).has("ids")) {
    if (read().length) write(comparison.dataset.slugs.split(",").filter(Boolean));
  } else document.body.append(bar);
  addEventListener("storage", draw);
  addEventListener("pageshow", draw);
  draw();
})();
