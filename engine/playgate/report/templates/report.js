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
  function apply() {
    var chosen = {}, any = false, deals = 0, all = 0;
    names.forEach(function (name) { var box = form.elements[name]; chosen[name] = box ? box.value : ""; any = any || chosen[name]; });
    items.forEach(function (item) {
      item.hidden = !fits(item, chosen);
      if (item.classList.contains("deal")) { all += 1; deals += item.hidden ? 0 : 1; }
    });
    status.textContent = any ? deals + " of " + all + " deals" : "";
  }
  form.hidden = false;
  form.addEventListener("change", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(apply, 0); });
  apply();
})();
