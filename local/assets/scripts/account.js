// Who is signed in, with the end of the session as a clock.
import { countDown, whoIsHere } from "./session.js";

const [name, state, clock, facts] = ["name", "state", "clock", "facts"].map((id) => document.getElementById(id));

show(await whoIsHere());

function show(profile) {
  if (!profile) {
    state.textContent = "Your session has ended. The next page that you open will ask you to sign in.";
    return;
  }
  name.textContent = `, ${profile.username}`;
  state.textContent = profile.renewable
    ? "This is how long your token is good for. When it ends, the gate gets the next one by itself."
    : "This is how long your session lasts.";
  facts.replaceChildren(...rowsOf(profile));
  countDown(profile, (time) => (clock.value = time), show);
}

function rowsOf({ username, email, groups, sub, expiresAt }) {
  const rows = {
    "User name": username,
    "E-mail": email ?? "not in the token",
    Groups: groups.join(", ") || "none",
    Ends: new Date(expiresAt * 1000).toLocaleString(),
    "Known as": sub,
  };
  return Object.entries(rows).flatMap(([term, text]) => [cell("dt", term), cell("dd", text)]);
}

function cell(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}
