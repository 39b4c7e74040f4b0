/**
 * Requests and responses: a few lines make functions of the other side callable, several at once, errors included.
 *
 *   deno run --allow-ffi examples/recipes/requests.ts
 *   bun examples/recipes/requests.ts
 *   node examples/recipes/requests.ts
 */

import { type SocketEnd, socketpair } from "@socketpair/streams";

type Handlers = Record<string, (...values: never[]) => unknown>;
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** Serves `handlers` to the peer, and gives a function that calls the peer's. */
function connect(end: SocketEnd, handlers: Handlers = {}): (name: string, ...values: unknown[]) => Promise<unknown> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let ids = 0;
  const serve = async () => {
    for await (const record of end.readable) {
      const { call, id, name, values, result, error } = JSON.parse(new TextDecoder().decode(record));
      if (call) {
        Promise.try(() => (handlers[name] as (...given: unknown[]) => unknown)(...values))
          .then((result) => end.write(encode({ id, result })), (error) => end.write(encode({ id, error: `${error}` })));
        continue;
      }
      const { resolve, reject } = waiting.get(id)!;
      waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    }
    for (const { reject } of waiting.values()) reject(new Error("the peer is gone"));
  };
  void serve();
  return (name, ...values) =>
    new Promise((resolve, reject) => {
      waiting.set(ids += 1, { resolve, reject });
      end.write(encode({ call: true, id: ids, name, values })).catch(reject);
    });
}

await using pair = socketpair({ type: "seqpacket" });
connect(pair[1], { add: (a: number, b: number) => a + b, fail: () => JSON.parse("not JSON") });
const call = connect(pair[0]);
console.log(await Promise.all([call("add", 1, 2), call("add", 40, 2)]));
await call("fail").catch(() => console.log("the error of the other side arrives"));
