/* The progress of an import, without loading the page anew each time; without script the browser does that. */
(function () {
  "use strict";

  const EVERY = 2000;
  let shown = document.getElementById("import-progress");

  async function look() {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.getElementById("import-progress");
      if (!answer.ok || !now) {
        location.reload();
        return;
      }
      for (const part of ["[role=status]", "h2"]) {
        const old = shown.querySelector(part), next = now.querySelector(part);
        if (old.textContent !== next.textContent) old.textContent = next.textContent;
      }
      shown.querySelector("progress").value = now.querySelector("progress").value;
    } catch {
      /* The server is busy or being restarted: ask again. */
    }
    setTimeout(look, EVERY);
  }

  if (shown) setTimeout(look, EVERY);
})();
