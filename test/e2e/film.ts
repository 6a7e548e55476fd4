// A film whose second half lies far behind its first in the file, so that a player has to ask for it anew.

/** More than players read ahead. */
const GAP_BYTES = 12 * 1024 * 1024;

/** The boxes around the table of chunk offsets (ISO/IEC 14496-12). */
const ANCESTORS = ["moov", "trak", "mdia", "minf", "stbl"];

/** Splits the single chunk of an MP4 file with one track in two, with nothing between them for a long way. */
export function withGap(film: Buffer): Buffer {
  const chunks = film.indexOf("stsc") + 4;
  const sizes = film.indexOf("stsz") + 4;
  const offsets = film.indexOf("stco") + 4;
  const half = film.readUInt32BE(sizes + 8) / 2;
  const start = film.readUInt32BE(offsets + 8);
  let split = start;
  for (let sample = 0; sample < half; sample += 1) split += film.readUInt32BE(sizes + 12 + 4 * sample);

  const patched = Buffer.from(film);
  patched.writeUInt32BE(half, chunks + 12);
  patched.writeUInt32BE(2, offsets + 4);
  for (const name of [...ANCESTORS, "stco"]) {
    const size = film.indexOf(name) - 4;
    patched.writeUInt32BE(film.readUInt32BE(size) + 4, size);
  }
  patched.writeUInt32BE(start + 4, offsets + 8);
  const second = Buffer.alloc(4);
  second.writeUInt32BE(split + 4 + GAP_BYTES);
  const end = offsets + 12;
  const parts = [patched.subarray(0, end), second, patched.subarray(end, split)];
  return Buffer.concat([...parts, Buffer.alloc(GAP_BYTES), patched.subarray(split)]);
}
