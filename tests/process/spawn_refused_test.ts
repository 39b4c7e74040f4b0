/** What cannot be right is refused in words of ours, before anything is started: every end stays as it is. */

import { socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, test } from "../_support.ts";
import { works } from "./_programs.ts";

/** As one calls it from JavaScript. */
const call = spawn as (...values: unknown[]) => unknown;

const IGNORE = ["ignore", "ignore", "ignore"];

for (
  const [what, values, message] of [
    ["no program", [], "its program must be a string, not undefined"],
    ["an empty program", [""], "its program is an empty string"],
    ["a null byte in the program", ["a\0b"], '"a\\u0000b" has a null byte in it'],
    ["a null byte in an argument", ["true", ["\0"]], '"\\u0000" has a null byte in it'],
    ["arguments that are no array", ["true", "x"], 'its arguments must be an array, not "x"'],
    ["null as arguments", ["true", null], "its arguments must be an array, not null"],
    ["an argument that is no string", ["true", [5]], "an argument must be a string, not 5"],
    ["null as options", ["true", [], null], "its options must be an object, not null"],
    ["a list as options", ["true", [], []], "its options must be an object, not an object of type Array"],
    ["an unknown option", ["true", [], { stdin: "ignore" }], 'there is no option "stdin", only stdio, names, .*'],
    ["an unknown word", ["true", [], { stdio: "open" }], 'stdio must be .*, not "open"'],
    ['"ipc" for all', ["true", [], { stdio: "ipc" }], 'stdio must be .*, not "ipc"'],
    ["an object as stdio", ["true", [], { stdio: {} }], "stdio must be .*, not an object of type Object"],
    ["an unknown word in stdio", ["true", [], { stdio: [...IGNORE, "x"] }], 'stdio\\[3\\] must be .*, not "x"'],
    ["a negative number", ["true", [], { stdio: [-1] }], "stdio\\[0\\] must be .*, not -1"],
    ["a fraction", ["true", [], { stdio: [1.5] }], "stdio\\[0\\] must be .*, not 1.5"],
    ["null as environment", ["true", [], { env: null }], "its env must be an object, not null"],
    ["names that are no object", ["true", [], { names: "x" }], 'its names must be an object, not "x"'],
    [
      "a name of what is no descriptor",
      ["true", [], { names: { 3: "x" } }],
      "its descriptor 3 has a name, and is neither an end nor a descriptor",
    ],
    ...[1.5, NaN, 2 ** 31, -2, "3", null, undefined, {}].map((fd): [string, unknown[], string] => [
      `an object with ${String(fd)} as fd`,
      ["true", [], { stdio: [...IGNORE, { fd }] }],
      "stdio\\[3\\] must be .*, not an object of type Object",
    ]),
    ["an empty object", ["true", [], { stdio: [{}] }], "stdio\\[0\\] must be .*, not an object of type Object"],
    ["a list in stdio", ["true", [], { stdio: [[]] }], "stdio\\[0\\] must be .*, not an object of type Array"],
    ["a closed descriptor", ["true", [], { stdio: [...IGNORE, { fd: -1 }] }], "stdio\\[3\\] is closed"],
  ] as [string, unknown[], string][]
) {
  test(`spawn() refuses ${what}`, () => {
    assert.throws(() => call(...values), (error: Error) => {
      assert.equal(error.constructor, TypeError);
      assert.match(error.message, new RegExp(`^Cannot start a program: ${message.replaceAll("\\u", "\\\\u")}$`));
      return true;
    });
  });
}

for (
  const [what, options] of [
    ["an argument that is wrong", { cwd: 5 }],
    ["a name with a colon", { names: { 3: "a:b" } }],
    ["a name with a null byte", { names: { 3: "a\0b" } }],
    ["a name that is no text", { names: { 3: 7 } }],
    ["a null byte in the environment", { env: { A: "\0" } }],
  ] as [string, object][]
) {
  test(`spawn() that refuses ${what} leaves the ends as they are`, async () => {
    await using pair = socketpair();
    assert.throws(() => call("true", [], { stdio: [...IGNORE, pair[1]], ...options }), TypeError);
    await works(pair);
  });
}

test("spawn() refuses an end that has moved, and gives none of the others away", async () => {
  await using pair = socketpair();
  const [gone, moved] = socketpair();
  const child = spawn("true", [], { stdio: [moved, "ignore", "ignore"] });
  await new Promise((resolve) => child.on("exit", resolve));
  for (const stdio of [[moved, pair[1], "ignore"], [pair[1], moved, "ignore"]] as const) {
    assert.throws(() => spawn("true", [], { stdio }), { name: "TypeError", message: /^Cannot .*closed$/ });
  }
  await works(pair);
  await gone.close();
});
