"use strict";
(function () {
  var root = document.documentElement, theme = document.getElementById("theme");
  var media = window.matchMedia("(prefers-color-scheme: dark)");
  function dark() { return root.dataset.theme ? root.dataset.theme === "dark" : media.matches; }
  function label() { var said = theme.dataset; theme.textContent = dark() ? said.light : said.dark; theme.setAttribute("aria-label", dark() ? said.toLight : said.toDark); }
  // Fills in the places of a text that the page gives.
  function filled(text, words) { return text.replace(/\{(\w+)\}/g, function (_, word) { return words[word]; }); }
  theme.hidden = false;
  theme.addEventListener("click", function () { root.dataset.theme = dark() ? "light" : "dark"; label(); });
  media.addEventListener("change", label);
  label();

  var form = document.getElementById("filters"), status = document.getElementById("shown");
  var names = ["team", "rep", "state", "stage", "rule", "way", "edge", "group", "practice", "level"];
  var items = Array.from(document.querySelectorAll("[data-rep],[data-team],[data-stage],[data-level]"));
  var list = document.getElementById("list"), deals = Array.from(list.children), order = deals.slice();
  var body = document.querySelector(".matrix tbody"), rows = body ? Array.from(body.rows) : [];
  var heads = Array.from(document.querySelectorAll(".matrix th[data-sort]")), sorted = "", address = "";

  function fits(item, chosen) {
    return names.every(function (name) {
      var own = item.dataset[name];
      return !chosen[name] || own === undefined || own.split(" ").includes(chosen[name]);
    });
  }
  var texts = new Map();
  function says(item, wanted) {
    if (!texts.has(item)) { texts.set(item, item.textContent.toLowerCase()); }
    return wanted.every(function (word) { return texts.get(item).includes(word); });
  }
  var tiles = Array.from(document.querySelectorAll(".heat li")), rules = document.querySelectorAll("#rules tbody tr");
  var heat = document.querySelector(".heat");
  var parts = Array.from(document.querySelectorAll("[data-of]")), today = document.querySelector(".todo");
  // What was followed, and where it breaks, of one rep or team.
  function narrow(who) {
    parts.forEach(function (part) { part.hidden = part.dataset.of !== who; });
    tiles.forEach(function (tile, place) {
      var shown = tile.dataset.whole.split("|");
      if (who) {
        shown = ["–", "none", "0", "0", "0"];
        tile.dataset.own.split(";").forEach(function (own) { own = own.split("|"); if (own[0] === who) { shown = own.slice(1); } });
      }
      tile.firstChild.textContent = shown[0];
      tile.className = "heat" + shown[1];
      tile.title = filled(heat.dataset.says, {rule: tile.dataset.id, met: shown[2], unmet: shown[3], waived: shown[4]});
      [shown[0]].concat(shown.slice(2)).forEach(function (text, column) { rules[place].cells[column + 3].textContent = text; });
    });
  }
  function first() {
    var room = today ? Number(today.dataset.most) : 0, none = document.getElementById("nothing");
    if (!today) { return; }
    Array.from(today.children).forEach(function (item) { if (!item.hidden) { room -= 1; item.hidden = room < 0; } });
    none.hidden = room < Number(today.dataset.most);
  }
  function text(box) { return box.options[box.selectedIndex].text; }
  function show(all, wanted) { document.querySelectorAll(all).forEach(function (each) { each.hidden = !wanted; }); }
  function box(name) { return form.elements[name]; }

  // In which order
  function arrange() {
    var by = box("order").value;
    if (list.dataset.by === by) { return; }
    list.dataset.by = by;
    var found = order.slice();
    if (by === "name") { found.sort(function (a, b) { return a.firstElementChild.textContent.localeCompare(b.firstElementChild.textContent, undefined, {numeric: true}); }); }
    else if (by) { found.sort(function (a, b) { return Number(b.dataset[by]) - Number(a.dataset[by]); }); }
    found.forEach(function (deal) { list.appendChild(deal); });
  }
  function key(row, column) {
    var own = row.cells[column].dataset.v;
    return column ? (own === "" ? -Infinity : Number(own)) : row.cells[0].textContent.toLowerCase();
  }
  function sort() {
    var down = sorted.charAt(0) === "-", name = down ? sorted.slice(1) : sorted;
    var column = heads.findIndex(function (head) { return head.dataset.sort === name; }), found = rows.slice();
    heads.forEach(function (head, place) {
      if (place === column) { head.setAttribute("aria-sort", down ? "descending" : "ascending"); } else { head.removeAttribute("aria-sort"); }
    });
    if (column >= 0) {
      found.sort(function (a, b) {
        if (a.className === "company" || b.className === "company") { return a.className === "company" ? -1 : 1; }
        var one = key(a, column), other = key(b, column);
        return (one < other ? -1 : one > other ? 1 : 0) * (down ? -1 : 1);
      });
    }
    found.forEach(function (row) { body.appendChild(row); });
  }
  heads.forEach(function (head, place) {
    var button = document.createElement("button");
    button.type = "button";
    while (head.firstChild) { button.appendChild(head.firstChild); }
    head.appendChild(button);
    button.addEventListener("click", function () {
      var name = head.dataset.sort, start = place ? "-" + name : name;
      sorted = sorted === start ? (place ? name : "-" + name) : start;
      sort();
      write();
    });
  });

  function apply() {
    var chosen = {}, any = false, seen = 0;
    names.forEach(function (name) { chosen[name] = box(name) ? box(name).value : ""; any = any || chosen[name]; });
    var wanted = box("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    items.forEach(function (item) {
      var deal = item.classList.contains("deal"), searched = deal || item.parentNode === today;
      item.hidden = !fits(item, chosen) || (searched && wanted.length > 0 && !says(item, wanted));
      seen += deal && !item.hidden ? 1 : 0;
    });
    first();
    var of = chosen.rep || chosen.team, known = parts.some(function (part) { return part.dataset.of === of; });
    narrow(known ? of : "");
    show(".everyone", any);
    document.querySelectorAll(".who").forEach(function (each) {
      each.hidden = !of;
      each.textContent = !of ? "" : known ? text(box(chosen.rep ? "rep" : "team")) : each.dataset.all;
    });
    status.textContent = any || wanted.length ? filled(status.dataset.says, {shown: seen, all: deals.length}) : "";
    arrange();
  }

  // What is chosen stands in the address
  function parse(hash) {
    var said = {};
    if (hash.includes("=")) { new URLSearchParams(hash).forEach(function (value, name) { said[name] = value; }); }
    else if (hash) { said.at = decodeURIComponent(hash); }
    return said;
  }
  function state() {
    var said = {};
    names.forEach(function (name) {
      var each = box(name), option = each && each.value ? each.options[each.selectedIndex] : null;
      if (option) { said[name] = option.dataset.key; }
    });
    if (box("q").value) { said.q = box("q").value; }
    if (box("order").value) { said.order = box("order").value; }
    if (sorted) { said.sort = sorted; }
    return said;
  }
  function hash(said) {
    var left = Object.keys(said).filter(function (name) { return said[name]; });
    if (left.length === 1 && left[0] === "at") { return "#" + said.at; }
    return "#" + left.map(function (name) { return name + "=" + encodeURIComponent(said[name]).replace(/%2F/g, "/"); }).join("&");
  }
  function write() {
    var said = hash(state());
    history.replaceState(null, "", said === "#" ? location.pathname + location.search : said);
    address = location.hash;
  }
  function read() {
    address = location.hash;
    var said = parse(location.hash.slice(1) || document.body.dataset.start || ""), at = said.at ? document.getElementById(said.at) : null;
    names.forEach(function (name) {
      if (!box(name)) { return; }
      var option = Array.from(box(name).options).find(function (each) { return said[name] && each.dataset.key === said[name]; });
      box(name).value = option ? option.value : "";
    });
    box("q").value = said.q || "";
    box("order").value = said.order || "";
    if (box("order").selectedIndex < 0) { box("order").value = ""; }
    sorted = said.sort || "";
    apply();
    if (at && at.hidden) { form.reset(); apply(); }
    sort();
    document.querySelectorAll(".at").forEach(function (each) { each.classList.remove("at"); });
    if (!at) { return; }
    at.classList.add("at");
    if (!at.hasAttribute("tabindex")) { at.tabIndex = -1; }
    at.focus({preventScroll: true});
    at.scrollIntoView();
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    var said = hash(Object.assign(state(), {at: ""}, parse(link.getAttribute("href").slice(1))));
    location.hash = said;
    read();
  });
  form.hidden = false;
  show(".order", true);
  function changed() { apply(); write(); }
  form.addEventListener("change", changed);
  box("q").addEventListener("input", changed);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(changed, 0); });
  window.addEventListener("hashchange", function () { if (location.hash !== address) { read(); } });
  read();
})();
