import { expect, test } from "vitest";
import { unmatchedPaths } from "../summary.ts";

const FILES = ["/src/test/unit/handler.test.ts", "/src/test/unit/auth/login.test.ts"];

test.each<[string[], string[]]>([
  [["run"], []],
  [["run", "test/unit/handler.test.ts"], []],
  [["run", "./test/unit/handler.test.ts:12"], []],
  [["run", "/src/test/unit/handler.test.ts"], []],
  [["run", "--project", "unit", "test/unit/auth"], []],
  [["run", "handler"], []],
  [["run", "test/unit/handler.test.ts", "test/unit/nope.test.ts"], ["test/unit/nope.test.ts"]],
  [["run", "./test/unit/handlers.test.ts"], ["test/unit/handlers.test.ts"]],
  [["run", "test/unti/"], ["test/unti/"]],
  [["run", "-t", "test/of a name"], []],
  [["run", "--testNamePattern", "x.test.ts"], []],
  [["run", "--outputFile=test/report.json"], []],
])("%j names no file: %j", (args, unmatched) => expect(unmatchedPaths(args, FILES)).toEqual(unmatched));
