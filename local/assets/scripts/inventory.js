// One shelf of the bucket, from the list that S3 writes as XML.

const shelf = new URLSearchParams(location.search).get("shelf") ?? "pictures/";
const address = `/.gatehouse/list/${encodePath(shelf)}`;
const [state, table] = [document.querySelector("#state"), document.querySelector("table")];
const source = document.querySelector("#source");

source.href = address;
source.firstElementChild.textContent = decodeURI(address);
for (const link of document.querySelectorAll(".shelves a"))
  if (new URL(link.href).searchParams.get("shelf") === shelf) link.setAttribute("aria-current", "page");

const response = await fetch(address);
const text = await response.text();
if (response.ok) show(new DOMParser().parseFromString(text, "application/xml"));
else state.textContent = response.status === 403 ? "This shelf is for others." : JSON.parse(text).message;

/** The keys of a person's own folder begin with its real name; the address of everybody's is the same. */
function show(list) {
  const prefix = textOf(list, "Prefix");
  const files = [...list.querySelectorAll("Contents")].map((item) => ({
    name: textOf(item, "Key").slice(prefix.length),
    size: Number(textOf(item, "Size")),
    changed: new Date(textOf(item, "LastModified")),
  }));
  table.tBodies[0].replaceChildren(...files.map(rowOf));
  table.hidden = files.length === 0;
  state.textContent = files.length === 1 ? "One file." : `${files.length} files.`;
}

function rowOf({ name, size, changed }) {
  const link = document.createElement("a");
  link.href = `/${encodePath(shelf + name)}`;
  link.textContent = name;
  const row = document.createElement("tr");
  for (const content of [link, sizeOf(size), changed.toLocaleString(undefined, { dateStyle: "medium" })])
    row.insertCell().append(content);
  return row;
}

function sizeOf(bytes) {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
}

function encodePath(path) {
  return path.split("/").map(encodeURIComponent).join("/");
}

function textOf(element, tag) {
  return element.querySelector(tag)?.textContent ?? "";
}
