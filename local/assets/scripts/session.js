// Who is signed in, and until when: what the gate says of it.

/** The profile, or undefined when nobody is signed in. */
export async function whoIsHere() {
  const response = await fetch("/.gatehouse/me");
  const answer = await response.json();
  return response.ok ? answer : undefined;
}

/** Signs in, and comes back to this page. */
export function signIn() {
  location.href = `/.gatehouse/login?return_to=${encodeURIComponent(location.pathname + location.search)}`;
}

/** Calls back with `mm:ss` until the profile's token ends, once a second; then asks for the next one. */
export function countDown({ expiresAt, renewable }, show, renewed) {
  const timer = setInterval(tick, 1000);
  tick();

  function tick() {
    const seconds = Math.max(0, Math.round(expiresAt - Date.now() / 1000));
    show(`${pad(seconds / 60)}:${pad(seconds % 60)}`);
    if (seconds > 0) return;
    clearInterval(timer);
    if (renewable) void whoIsHere().then(renewed);
    else renewed(undefined);
  }
}

function pad(number) {
  return String(Math.floor(number)).padStart(2, "0");
}
