// The body of somebody's answer, no longer than it should be.

/** Everything read here is a few KB. */
const MAX_CHARACTERS = 65_536;

/** @throws Error when the text is longer than anything that is expected. */
export async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_CHARACTERS) throw new Error(`more than ${MAX_CHARACTERS} characters`);
  }
  return text;
}
