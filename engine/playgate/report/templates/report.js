"use strict";
(function () {
  var root = document.documentElement, theme = document.getElementById("theme");
  var media = window.matchMedia("(prefers-color-scheme: dark)");
  function dark() { return root.dataset.theme ? root.dataset.theme === "dark" : media.matches; }
  function label() { theme.textContent = dark() ? "Light" : "Dark"; theme.setAttribute("aria-label", "Show in " + (dark() ? "light" : "dark") + " colours"); }
  theme.hidden = false;
  theme.addEventListener("click", function () { root.dataset.theme = dark() ? "light" : "dark"; label(); });
  media.addEventListener("change", label);
  label();

  var form = document.getElementById("filters"), status = document.getElementById("shown");
  var names = ["team", "rep", "stage", "level"];
  var items = Array.from(document.querySelectorAll("[data-rep],[data-stage],[data-level]"));
  function fits(item, chosen) {
    return names.every(function (name) {
      var own = item.dataset[name];
      return !chosen[name] || own === undefined || own.split(" ").includes(chosen[name]);
    });
  }
  var tiles = Array.from(document.querySelectorAll(".heat li")), rules = document.querySelectorAll("#rules tbody tr");
  var whole = tiles.map(function (tile) {
    var counts = tile.title.match(/: (\S+) met, (\S+) unmet, (\S+) waived$/);
    return [tile.firstChild.textContent, tile.className.slice(4)].concat(counts.slice(1));
  });
  var parts = Array.from(document.querySelectorAll("[data-of]")), today = document.querySelector(".todo");
  // What was followed, and where it breaks, of one rep or team.
  function narrow(who) {
    parts.forEach(function (part) { part.hidden = part.dataset.of !== who; });
    tiles.forEach(function (tile, place) {
      var shown = whole[place], name = tile.title.slice(0, tile.title.lastIndexOf(": "));
      if (who) {
        shown = ["–", "none", "0", "0", "0"];
        tile.dataset.own.split(";").forEach(function (own) { own = own.split("|"); if (own[0] === who) { shown = own.slice(1); } });
      }
      tile.firstChild.textContent = shown[0];
      tile.className = "heat" + shown[1];
      tile.title = name + ": " + shown[2] + " met, " + shown[3] + " unmet, " + shown[4] + " waived";
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
  function apply() {
    var chosen = {}, any = false, deals = 0, all = 0;
    names.forEach(function (name) { var box = form.elements[name]; chosen[name] = box ? box.value : ""; any = any || chosen[name]; });
    items.forEach(function (item) {
      item.hidden = !fits(item, chosen);
      if (item.classList.contains("deal")) { all += 1; deals += item.hidden ? 0 : 1; }
    });
    first();
    var of = chosen.rep || chosen.team, known = parts.some(function (part) { return part.dataset.of === of; });
    narrow(known ? of : "");
    show(".everyone", any);
    show(".all", !any);
    document.querySelectorAll(".who").forEach(function (each) {
      each.hidden = !of;
      each.textContent = !of ? "" : known ? text(form.elements[chosen.rep ? "rep" : "team"]) : "everyone";
    });
    status.textContent = any ? deals + " of " + all + " deals" : "";
  }
  form.hidden = false;
  form.addEventListener("change", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(apply, 0); });
  apply();
})();
