// A plot with two logarithmic axes, as SVG that reads on light and on dark pages.

/** One curve, or a level that is the same everywhere. */
export interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly dashed?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  readonly title: string;
  readonly x: { readonly title: string; readonly ticks: readonly number[] };
  readonly y: { readonly title: string; readonly ticks: readonly number[] };
  readonly curves: readonly Curve[];
}

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 70;
const RIGHT = 200;
const TOP = 40;
const BOTTOM = 50;

/** Draws the plot; the ticks' first and last values are the ends of the axes. */
export function svg({ title, x, y, curves }: Plot): string {
  const atX = scaleOf(x.ticks, LEFT, WIDTH - RIGHT);
  const atY = scaleOf(y.ticks, HEIGHT - BOTTOM, TOP);
  const vertical = x.ticks.map(
    (tick) =>
      line(atX(tick), TOP, atX(tick), HEIGHT - BOTTOM) +
      text(atX(tick), HEIGHT - BOTTOM + 18, compact(tick), "middle"),
  );
  const horizontal = y.ticks.map(
    (tick) =>
      line(LEFT, atY(tick), WIDTH - RIGHT, atY(tick)) + text(LEFT - 8, atY(tick) + 4, compact(tick), "end"),
  );
  const drawn = curves.map((curve) => draw(curve, atX, atY));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">`,
    "<style>text{font:12px system-ui,sans-serif;fill:#777}.title{font-size:14px;font-weight:600}</style>",
    `<text x="${LEFT}" y="22" class="title">${title}</text>`,
    ...vertical,
    ...horizontal,
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x.title, "middle"),
    `<g transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)">${text(0, 0, y.title, "middle")}</g>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function scaleOf(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 10)];
  return (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
}

function draw(
  { name, colour, dashed, points }: Curve,
  atX: (value: number) => number,
  atY: (value: number) => number,
): string {
  const places = points.map(([x, y]) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`);
  const [, lastY = 1] = points.at(-1) ?? [];
  const dash = dashed ? ' stroke-dasharray="6 4"' : "";
  const label = `<text x="${WIDTH - RIGHT + 8}" y="${atY(lastY) + 4}" style="fill:${colour}">${name}</text>`;
  return `<polyline fill="none" stroke="${colour}" stroke-width="2"${dash} points="${places.join(" ")}"/>${label}`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#7774"/>`;
}

function text(x: number, y: number, content: string, anchor: "middle" | "end"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${content}</text>`;
}

function compact(value: number): string {
  return new Intl.NumberFormat("en", { notation: "compact" }).format(value);
}
