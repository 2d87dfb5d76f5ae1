"use strict";
// The token lives in this tab's sessionStorage and travels in a header, never in a cookie or a
// URL. Rows come from the server as escaped HTML; everything else is written as text.
(() => {
  const KEY = "sandbeam.token";
  const EVERY_MS = 5000;
  const $ = (id) => document.getElementById(id);
  const tags = new Set();
  let loading = 0;
  let confirmed = null;

  const headers = (more) => {
    const token = sessionStorage.getItem(KEY);
    return token ? { ...more, Authorization: "Bearer " + token } : { ...more };
  };

  async function call(path, options) {
    const answer = await fetch(path, {
      credentials: "omit",
      cache: "no-store",
      ...options,
      headers: headers(options && options.headers),
    });
    if (answer.status === 401) {
      login(sessionStorage.getItem(KEY) ? "The server does not know this token." : "");
      throw new Error("no token");
    }
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      throw new Error(told.message || "The server answered " + answer.status);
    }
    return answer;
  }

  function login(error) {
    sessionStorage.removeItem(KEY);
    $("main").hidden = true;
    $("logout").hidden = true;
    $("service").textContent = "";
    $("status").textContent = "";
    $("rows").replaceChildren();
    $("login").hidden = false;
    $("login-error").textContent = error;
    $("token").focus();
  }

  async function load() {
    const mine = ++loading;
    const query = new URLSearchParams();
    tags.forEach((tag) => query.append("tag", tag));
    query.set("ended", $("ended").checked);
    try {
      const answer = await call("/page/sandboxes?" + query);
      const rows = await answer.text();
      if (mine !== loading) return;
      $("rows").innerHTML = rows;
      $("service").textContent = decodeURIComponent(answer.headers.get("Sandbeam-Page-Title") || "");
      $("login").hidden = true;
      $("main").hidden = false;
      $("logout").hidden = !sessionStorage.getItem(KEY);
      if (!$("status").dataset.keep) $("status").textContent = "";
    } catch (e) {
      if (mine === loading && e.message !== "no token") say(e.message);
    }
  }

  function say(text, keep) {
    $("status").textContent = text;
    if (keep) $("status").dataset.keep = "yes";
    else delete $("status").dataset.keep;
  }

  function showFilter() {
    const chips = [...tags].map((tag) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "tag on";
      chip.dataset.untag = tag;
      chip.title = "Remove this filter";
      chip.textContent = tag + " ×";
      return chip;
    });
    $("chips").replaceChildren(...chips);
    $("sweep").disabled = tags.size === 0;
    $("sweep").title = tags.size === 0 ? "Filter by a tag first" : "Count first, then end";
    cancel();
    load();
  }

  function cancel() {
    confirmed = null;
    $("confirm").hidden = true;
  }

  const purge = (selector, dryRun) =>
    call("/v1/sandboxes:purge", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(dryRun ? { tags: selector, dryRun } : { tags: selector }),
    }).then((answer) => answer.json());

  const sandboxes = (n) => n + (n === 1 ? " sandbox" : " sandboxes");

  async function dryRun() {
    const selector = [...tags];
    try {
      const count = (await purge(selector, true)).purgeCount || 0;
      confirmed = selector;
      $("confirm-text").textContent =
        count === 0
          ? "No live sandbox has " + selector.join(" and ") + ". Nothing to sweep."
          : "Dry run: " + sandboxes(count) + " with " + selector.join(" and ") + " would be ended now, whatever runs in them.";
      $("confirm-go").textContent = "End " + sandboxes(count);
      $("confirm-go").hidden = count === 0;
      $("confirm").hidden = false;
      $("confirm-cancel").focus();
    } catch (e) {
      say(e.message);
    }
  }

  async function sweep() {
    const selector = confirmed;
    cancel();
    try {
      const result = await purge(selector, false);
      const failed = (result.failedSandboxIds || []).length;
      say(
        sandboxes(result.purgeCount || 0) + " ended" + (failed ? ", " + failed + " could not be: sweep again" : "") + ".",
        true
      );
    } catch (e) {
      say(e.message, true);
    }
    load();
  }

  $("login").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, $("token").value.trim());
    $("token").value = "";
    load();
  });
  $("logout").addEventListener("click", () => login(""));
  $("filter").addEventListener("submit", (event) => {
    event.preventDefault();
    const tag = $("tag").value.trim();
    if (tag) tags.add(tag);
    $("tag").value = "";
    showFilter();
  });
  $("ended").addEventListener("change", load);
  $("sweep").addEventListener("click", dryRun);
  $("confirm-go").addEventListener("click", sweep);
  $("confirm-cancel").addEventListener("click", cancel);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.tag) {
      tags.add(button.dataset.tag);
      showFilter();
    } else if (button.dataset.untag) {
      tags.delete(button.dataset.untag);
      showFilter();
    } else if (button.dataset.sweep) {
      tags.clear();
      tags.add(button.dataset.sweep);
      showFilter();
      dryRun();
    }
  });
  setInterval(() => {
    if (!document.hidden && !$("main").hidden && $("confirm").hidden) load();
  }, EVERY_MS);
  load();
})();
