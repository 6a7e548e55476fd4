// Whether a Mermaid diagram is one, as far as ours go: sequence diagrams and flowcharts.

/** What is wrong with a diagram. https://mermaid.js.org/intro/syntax-reference.html */
export function diagramProblems(text: string): readonly string[] {
  const [head = "", ...lines] = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("%%"));
  if (head === "sequenceDiagram") return sequenceProblems(lines);
  if (/^flowchart (LR|RL|TD|TB|BT)$/.test(head)) return flowchartProblems(lines);
  return [`${head} is no kind of diagram that we use`];
}

const MESSAGE = /^(\w+)--?>>(\w+): \S[^;#]*$/;

function sequenceProblems(lines: readonly string[]): readonly string[] {
  const problems: string[] = [];
  const participants = new Set<string>();
  let open = 0;
  for (const line of lines) {
    const [, participant] = /^(?:participant|actor) (\w+)(?: as \S.*)?$/.exec(line) ?? [];
    const [, from, to] = MESSAGE.exec(line) ?? [];
    if (participant) participants.add(participant);
    else if (from && to)
      for (const name of new Set([from, to]))
        if (!participants.has(name)) problems.push(`${name} is no participant`);
    if (/^(opt|alt|loop|par)( \S|$)/.test(line)) open += 1;
    else if (line === "end") open -= 1;
    else if (!participant && !from && !/^else( \S|$)/.test(line))
      problems.push(`not understood: ${JSON.stringify(line)}`);
  }
  return open === 0 ? problems : [...problems, `${open} block that does not end`];
}

/** A node: a name, and what is written in it, with quotes where it is more than words. */
const NODE = String.raw`\w+(?:\["[^"]*"\]|\[[\w ,.'-]+\]|\{[\w ]+\})?`;
const EDGE = RegExp(String.raw`^${NODE}(?: -->(?:\|"[^"|]*"\|)? ${NODE})*$`);

function flowchartProblems(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !EDGE.test(line)).map((line) => `not understood: ${JSON.stringify(line)}`);
}
