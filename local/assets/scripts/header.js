// The bar over every page: name, time left, and a way to sign in again when it is over.
import { countDown, signIn, whoIsHere } from "./session.js";

const [who, timeLeft] = [document.querySelector("#who"), document.querySelector("#time-left")];
const form = document.querySelector(".who");

show(await whoIsHere());

function show(profile) {
  if (!profile) return over();
  who.textContent = profile.username;
  countDown(profile, (time) => (timeLeft.value = time), show);
}

function over() {
  who.textContent = "Signed out";
  timeLeft.value = "";
  form.querySelector("button").textContent = "Sign in";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signIn();
  });
}
