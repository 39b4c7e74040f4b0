import type { SocketEnd } from "@socketpair/streams";
import type { DemoFile } from "./files.ts";
import { Answers } from "./protocol.ts";

/** How a file went over. */
export interface Sent {
  readonly name: string;
  bytes: number;
  records: number;
  emptyRecords: number;
  /** The beginning of its SHA-256 in hexadecimal. */
  digest: string;
}

/** How all went over. */
export interface Report {
  readonly files: Sent[];
  /** What was wrong, one line each. */
  readonly mismatches: string[];
  /** From the child's greeting to the end. */
  seconds: number;
}

/** What the child has yet to answer. */
type Expected = { readonly file: string; readonly answer: Uint8Array }[];

/** Sends the files to the child at the other end and checks its answers meanwhile: so neither direction stays full. */
export async function exchange(
  end: SocketEnd,
  files: readonly DemoFile[],
  limit: number,
  progress: (files: number, bytes: number) => void = () => {},
): Promise<Report> {
  const report: Report = { files: [], mismatches: [], seconds: 0 };
  const reader = end.readable.getReader();
  const greeting = await reader.read();
  if (greeting.done || greeting.value.byteLength !== 0) {
    report.mismatches.push("the child did not greet");
    return report;
  }
  const begin = performance.now();
  const expected: Expected = [];
  const sent = send(end, files, limit, report.files, expected, progress)
    .catch((reason) => void report.mismatches.push(`not all files were sent: ${String(reason)}`));
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const due = expected.shift();
    if (due === undefined) report.mismatches.push("an answer to nothing");
    else if (!equal(next.value, due.answer)) report.mismatches.push(`${due.file}: a wrong answer`);
  }
  await sent;
  for (const { file } of expected) report.mismatches.push(`${file}: no answer`);
  report.seconds = (performance.now() - begin) / 1000;
  return report;
}

async function send(
  end: SocketEnd,
  files: readonly DemoFile[],
  limit: number,
  done: Sent[],
  expected: Expected,
  progress: (files: number, bytes: number) => void,
): Promise<void> {
  const answers = new Answers(limit);
  let total = 0;

  async function write(record: Uint8Array, sent: Sent): Promise<void> {
    const answer = answers.next(record);
    expected.push({ file: sent.name, answer });
    sent.bytes += record.byteLength;
    sent.records += 1;
    if (record.byteLength === 0) sent.emptyRecords += 1;
    // The last answer to a file is always that to the whole.
    sent.digest = Array.from(answer.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
    // Resolves when the kernel has the record: from then on its memory may be used again.
    await end.write(record);
    total += record.byteLength;
    progress(done.length, total);
  }

  try {
    for (const file of files) {
      const sent: Sent = { name: file.name, bytes: 0, records: 0, emptyRecords: 0, digest: "" };
      for await (const piece of file.pieces(limit)) await write(piece, sent);
      if (sent.records === 0 || !answers.complete) await write(new Uint8Array(0), sent);
      done.push(sent);
    }
    await end.closeWrite();
  } catch (reason) {
    await end.closeWrite().catch(() => {}); // the child reads to the end here too, and ends; or it has gone before
    throw reason;
  }
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.byteLength === right.byteLength && left.every((byte, index) => byte === right[index]);
}
