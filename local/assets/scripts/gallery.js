// The hours under the film, and which of the rooms are open.
import { whoIsHere } from "./session.js";

const video = document.querySelector("video");
const hours = document.querySelector(".hours");

hours.hidden = false;
hours.addEventListener("click", ({ target }) => {
  const { hour } = target.dataset;
  if (hour === undefined || !Number.isFinite(video.duration)) return;
  video.currentTime = (Number(hour) / 24) * video.duration;
});

const profile = await whoIsHere();
for (const room of document.querySelectorAll("[data-group]")) {
  const isOpen = profile?.groups.includes(room.dataset.group) ?? false;
  room.toggleAttribute("data-shut", !isOpen);
  room.querySelector("span").textContent = isOpen ? "You are in it." : "You are not in it.";
}
