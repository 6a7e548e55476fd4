// History routes, as every router has them; one part is loaded when it is needed.
async function show() {
  const [, kind, name] = location.pathname.match(/^\/app\/(\w+)\/([^/]+)$/) ?? [];
  const { titleOf } = await import("./titles.js");
  document.querySelector("h1").textContent = titleOf(kind, name && decodeURIComponent(name), location.search);
}

addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link) return;
  event.preventDefault();
  history.pushState({}, "", link.href);
  void show();
});
addEventListener("popstate", show);
void show();
