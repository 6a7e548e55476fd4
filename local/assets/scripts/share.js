// A link to the film, and a file for one's own room.
import { whoIsHere } from "./session.js";

const FILM = "/media/one-day.webm";
const [make, link, file, progress, stored] = ["make", "link", "file", "progress", "stored"].map((id) =>
  document.getElementById(id),
);

make.addEventListener("click", async () => {
  const answer = await ask("link", { path: FILM, seconds: 600 });
  const until = new Date(answer.expires * 1000).toLocaleTimeString();
  link.replaceChildren(anchor(answer.url, `One day, until ${until}`));
});

file.addEventListener("change", async () => {
  const [chosen] = file.files;
  if (!chosen) return;
  const path = `/me/${encodeURIComponent(chosen.name)}`;
  try {
    const type = chosen.type || "application/octet-stream";
    await send(chosen, await ask("upload", { path, type, size: chosen.size }));
    stored.replaceChildren(anchor(path, "Stored"));
  } catch (error) {
    stored.value = error.message;
  }
});

/** Asks for the profile first: that renews a session whose token has ended. */
async function ask(name, body) {
  await whoIsHere();
  const response = await fetch(`/.gatehouse/${name}`, { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

/** `fetch` says nothing of how far it is. */
function send(body, { method, url, headers }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => (progress.value = loaded / total);
    request.onload = () => (request.status === 200 ? resolve() : reject(new Error("S3 has refused it.")));
    request.onerror = () => reject(new Error("S3 has refused it."));
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(body);
  });
}

function anchor(href, textContent) {
  return Object.assign(document.createElement("a"), { href, textContent });
}
