// Small conveniences: everything works without this file, by reload and by hand.
(() => {
  "use strict";
  const $ = (s, from = document) => from.querySelector(s);
  const $$ = (s, from = document) => [...from.querySelectorAll(s)];

  // Times: UTC as served, local on request; the choice and the zone are kept.
  const zoneName = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  document.cookie = "tz=" + encodeURIComponent(zoneName) + ";path=/;max-age=31536000;samesite=lax";
  // Names of zones mean several places: CST is in China and in America.
  const clock = (iso, opts) => new Intl.DateTimeFormat(undefined, { timeZone: zoneName, timeZoneName: "longOffset", hourCycle: "h23", ...opts }).format(new Date(iso)).replace("GMT", "UTC");
  const zone = $("#zone");
  const times = $$("time[datetime]").map((el) => ({ el, utc: el.textContent }));
  const showTimes = (local) => {
    for (const { el, utc } of times) {
      const withDate = utc.length > 13;
      el.textContent = local
        ? clock(el.dateTime, { hour: "2-digit", minute: "2-digit", second: "2-digit",
            ...(withDate ? { day: "numeric", month: "short", year: "numeric" } : {}) })
        : utc;
    }
    zone.setAttribute("aria-pressed", String(local));
    try { localStorage.setItem("local", local ? "1" : ""); } catch { /* private mode */ }
  };
  if (zone) {
    zone.hidden = false;
    let local = false;
    try { local = localStorage.getItem("local") === "1"; } catch { /* private mode */ }
    if (local) showTimes(true);
    zone.addEventListener("click", () => showTimes((local = !local)));
  }
  for (const el of $$("[data-local]")) {
    if (el.dataset.local && !el.textContent.trim() && zoneName !== "UTC") {
      el.textContent = "(" + clock(el.dataset.local, { hour: "2-digit", minute: "2-digit" }) + ")";
    }
  }

  // A name is typed once; it goes with the buttons that have no field too.
  const names = $$("input[name=author]");
  let name = "";
  try { name = localStorage.getItem("name") || ""; } catch { /* private mode */ }
  for (const el of names) {
    el.value ||= name;
    el.onchange = () => { try { localStorage.setItem("name", el.value.trim()); } catch { /* as above */ } };
  }
  if (name && names[0]) for (const f of $$("form.quick")) f.addEventListener("formdata", (e) => e.formData.set("author", name));

  // Copy buttons take the text of what stands before them.
  for (const b of $$("button.copy")) {
    if (!navigator.clipboard) continue;
    b.hidden = false;
    b.addEventListener("click", async () => {
      const before = b.textContent;
      try {
        await navigator.clipboard.writeText(b.previousElementSibling.textContent);
        b.textContent = "Copied";
      } catch {
        b.textContent = "Not allowed";
      }
      setTimeout(() => (b.textContent = before), 1500);
    });
  }

  // Progress. A new revision is announced, never swapped under the reader; only
  // a page that has no report yet has nothing to lose and reloads.
  const article = $("article.incident");
  if (article && article.dataset.events && window.EventSource) {
    const shown = Number(article.dataset.revision);
    const say = $("#announce");
    let told = shown;
    let running = !!$(".steps .now");
    const source = new EventSource(article.dataset.events + "?looking=" + encodeURIComponent(name));
    source.addEventListener("looking", (event) => {
      const others = JSON.parse(event.data);
      $("#looking").textContent = others.length ? "also here: " + others.join(", ") : "";
    });
    source.addEventListener("progress", (event) => {
      const e = JSON.parse(event.data);
      if (e.revision > told) {
        told = e.revision;
        const typed = $$("textarea, input:not([type=hidden]):not([type=radio])").some((f) => f.value !== f.defaultValue);
        if (shown === 0 && !typed) {
          location.reload();
          return;
        }
        const link = document.createElement("a");
        link.href = location.pathname;
        link.textContent = "Show it";
        say.replaceChildren("Revision " + e.revision + " of this report is ready. ", link);
      }
      // It ended without a report: the page knows why.
      if (running && !e.progress && e.revision === 0) setTimeout(() => location.reload(), 1000);
      running = !!e.progress;
      const words = $("#progress-words");
      if (words && e.progress) {
        const p = e.progress;
        const order = ["resolve", "window", "gather", "join", "changes", "signals", "rank", "report"];
        const at = order.indexOf(p.stage);
        const steps = $$(".steps li");
        const stage = at >= 0 ? steps[at].firstChild.textContent.trim() : p.stage;
        words.textContent = [stage, p.source].filter(Boolean).join(": ") + (p.total ? ", " + p.done + " of " + p.total : "") + (p.detail ? " – " + p.detail : "");
        if (at >= 0) {
          $("#progress-bar").value = (100 * at) / order.length;
          steps.forEach((li, i) => (li.className = i < at ? "done" : i === at ? "now" : "waiting"));
        }
      }
    });
    addEventListener("pagehide", () => source.close());
  }

  // Whether it is still so, while somebody looks.
  const present = $("#present");
  if (present) {
    const places = document.querySelectorAll(".present");
    const asked = present.innerHTML;
    const ask = async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(present.dataset.asks);
        if (!answer.ok) throw new Error(answer.status);
        const now = await answer.json();
        const says = now.says + " (" + clock(now.at, { hour: "2-digit", minute: "2-digit", second: "2-digit" }) + ")";
        places.forEach((p) => (p.textContent = says));
      } catch {
        places.forEach((p) => (p.innerHTML = asked)); // what was true before is not said of now
      }
    };
    ask();
    setInterval(ask, 30000);
  }

  // The list follows what changes, unless somebody is about to use it.
  const rows = $(".rows[data-live]");
  if (rows && window.EventSource) {
    const source = new EventSource(rows.dataset.live + location.search);
    let shown = "";
    source.addEventListener("list", async (event) => {
      const first = shown === "";
      if (shown === event.data) return;
      shown = event.data;
      if (first) return;
      if (rows.contains(document.activeElement) || $("details[open]", rows)) {
        const link = document.createElement("a");
        link.href = location.href;
        link.textContent = "Show the list as it is now";
        $("#announce").replaceChildren("The list has changed. ", link);
        return;
      }
      try {
        const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
        rows.replaceChildren(...$(".rows", page).childNodes);
        $("#announce").textContent = "";
        times.push(...$$("time[datetime]", rows).map((el) => ({ el, utc: el.textContent })));
        if (zone?.getAttribute("aria-pressed") === "true") showTimes(true);
      } catch { /* the next change tries again */ }
    });
    addEventListener("pagehide", () => source.close());
  }

  // The values under the pointer, in all charts of the golden signals at once.
  const charts = $$(".signal[data-points]").map((el) => ({
    read: $(".read", el), svg: $("svg", el), box: $(".plot", el).getBBox(), from: Number(el.dataset.from), to: Number(el.dataset.to),
    points: el.dataset.points.split(";").map((p) => p.split(" ")).map(([s, ...v]) => [Number(s), v.join(" ")]),
  }));
  const point = (seconds) => {
    for (const c of charts) {
      $(".cursor", c.svg)?.remove();
      const at = seconds === null ? NaN : seconds - c.from;
      if (!(at >= 0 && at <= c.to - c.from)) { c.read.textContent = c.read.dataset.rest; continue; }
      const [near, value] = c.points.reduce((a, b) => (Math.abs(b[0] - at) < Math.abs(a[0] - at) ? b : a));
      c.read.textContent = value + " at " + new Date((c.from + near) * 1000).toISOString().slice(11, 19);
      const x = c.box.x + (c.box.width * near) / (c.to - c.from);
      const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
      line.setAttribute("class", "cursor");
      line.setAttribute("d", "M" + x + " " + c.box.y + "v" + c.box.height);
      c.svg.append(line);
    }
  };
  for (const c of charts) {
    c.svg.addEventListener("pointermove", (e) => {
      const x = new DOMPoint(e.clientX, e.clientY).matrixTransform(c.svg.getScreenCTM().inverse()).x;
      point(c.from + ((x - c.box.x) / c.box.width) * (c.to - c.from));
    });
    c.svg.addEventListener("pointerleave", () => point(null));
  }

  // Keys.
  const help = $("#help");
  const keys = $("#keys");
  if (keys) {
    keys.hidden = false;
    keys.addEventListener("click", () => help.showModal());
  }
  const go = (id) => {
    const el = document.getElementById(id);
    if (!el) return;
    el.scrollIntoView();
    el.setAttribute("tabindex", "-1");
    el.focus({ preventScroll: true });
  };
  const step = (by) => {
    const all = $$(".cause > summary, .incidents .title");
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  let g = 0;
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) || help.open) return;
    if (Date.now() - g < 1000) {
      g = 0;
      if (e.key === "i") { location.href = "/"; return; }
      if (e.key === "d") { location.href = "/decisions"; return; }
    }
    const act = {
      j: () => step(1), k: () => step(-1), t: () => go("trace"), l: () => go("timeline"), c: () => go("code"),
      n: () => { const f = $("#note-text"); if (f) { f.focus(); e.preventDefault(); } },
      z: () => zone && zone.click(), g: () => { g = Date.now(); }, "?": () => help.showModal(), "/": () => { const q = $("#q"); if (q) { q.focus(); e.preventDefault(); } },
    }[e.key];
    if (act) act();
  });

  // A folded thing that an address points into is opened.
  const reveal = () => {
    const el = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let p = el; p; p = p.parentElement) if (p.tagName === "DETAILS") p.open = true;
    if (el) el.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
  addEventListener("beforeprint", () => $$("details.cause, details.more").forEach((d) => (d.open = true)));
})();
