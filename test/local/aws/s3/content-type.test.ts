import { expect, test } from "vitest";
import { contentTypeOf } from "../../../../local/aws/s3/content-type.ts";

test.each([
  ["manifest.webmanifest", "application/manifest+json"],
  ["films/a.vtt", "text/vtt"],
  ["films/a.m4s", "video/iso.segment"],
  ["films/a.weba", "audio/webm"],
  ["a.jxl", "image/jxl"],
  ["a.avif", "image/avif"],
  ["fonts/a.woff", "font/woff"],
  ["fonts/a.ttf", "font/ttf"],
  ["app.js.map", "application/json"],
  ["app.cjs", "text/javascript"],
  ["model.glb", "model/gltf-binary"],
  ["PAGE.HTML", "text/html"],
  ["a.unknown", "binary/octet-stream"],
  ["no-end", "binary/octet-stream"],
  [".html", "binary/octet-stream"],
  ["a.constructor", "binary/octet-stream"],
])("%s is %s", (key, type) => expect(contentTypeOf(key)).toBe(type));
