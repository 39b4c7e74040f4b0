/** For tests: Chromium without a window, spoken to over a pair: its protocol is JSON with a NUL behind each message. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";

/** The browser, if there is one. */
const PROGRAM = ["chromium", "chromium-browser", "google-chrome"].find((name) =>
  spawnSync("sh", ["-c", `command -v ${name}`], { stdio: "ignore" }).status === 0
);

/** Why there is no browser, or false. */
export const noBrowser: string | false = PROGRAM === undefined && "no Chromium: apt-get install chromium";

/** A browser with one page. */
export interface Browser extends AsyncDisposable {
  /** Opens an address in a window of that width, and gives what the expression is there. */
  evaluate(url: string, width: number, expression: string): Promise<unknown>;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: {
    readonly targetId: string;
    readonly sessionId: string;
    readonly result: { readonly value: unknown };
  };
  readonly error?: { readonly message: string };
}

/** Starts a browser. */
export async function startBrowser(): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-browser-"));
  const [ours, theirs] = socketpair();
  const args = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", `--user-data-dir=${folder}`];
  const child = spawn(PROGRAM!, args, { stdio: ["ignore", "ignore", "ignore", theirs, theirs] });
  const exited = new Promise((resolve) => child.on("exit", resolve));

  const waiting = new Map<number | string, { resolve(answer: Answer): void; reject(error: Error): void }>();
  const wait = (key: number | string) =>
    new Promise<Answer>((resolve, reject) => waiting.set(key, { resolve, reject }));
  async function receive(): Promise<void> {
    let rest = "";
    for await (const text of ours.readable.pipeThrough(new TextDecoderStream())) {
      const messages = (rest + text).split("\0");
      rest = messages.pop()!;
      for (const message of messages) {
        const answer: Answer = JSON.parse(message);
        const key = answer.id ?? answer.method!;
        if (answer.error === undefined) waiting.get(key)?.resolve(answer);
        else waiting.get(key)?.reject(new Error(answer.error.message));
        waiting.delete(key);
      }
    }
    for (const { reject } of waiting.values()) reject(new Error("the browser is gone"));
  }
  const receiving = receive();

  let ids = 0;
  let sessionId: string | undefined;
  async function call(method: string, params: object = {}): Promise<NonNullable<Answer["result"]>> {
    const id = ids += 1;
    const answer = wait(id);
    await ours.write(new TextEncoder().encode(`${JSON.stringify({ id, method, params, sessionId })}\0`));
    return (await answer).result!;
  }

  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  sessionId = (await call("Target.attachToTarget", { targetId, flatten: true })).sessionId;
  await call("Page.enable");
  return {
    async evaluate(url, width, expression) {
      await call("Emulation.setDeviceMetricsOverride", { width, height: 800, deviceScaleFactor: 1, mobile: false });
      const loaded = wait("Page.loadEventFired");
      await call("Page.navigate", { url });
      await loaded;
      const { result } = await call("Runtime.evaluate", { expression, returnByValue: true });
      return result.value;
    },
    async [Symbol.asyncDispose]() {
      sessionId = undefined;
      await call("Browser.close").catch(() => child.kill("SIGKILL"));
      await exited;
      await receiving;
      await ours.close().catch(() => {});
      rmSync(folder, { recursive: true, maxRetries: 5 });
    },
  };
}
