import type { Dirent } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What is sent as one file. */
export interface DemoFile {
  readonly name: string;
  /** The content, in pieces that are `limit` bytes long but for the last. A piece is good until the next is asked for. */
  pieces(limit: number): AsyncIterable<Uint8Array>;
}

const LEFT_OUT = new Set([".git", "node_modules"]);

/** Every regular file under a folder, by path, without what is in `.git` and `node_modules`. */
export async function filesOf(folder: string): Promise<DemoFile[]> {
  const files: DemoFile[] = [];
  for (const path of (await paths(folder, "")).sort()) {
    files.push({ name: path, pieces: (limit) => piecesOf(join(folder, path), limit) });
  }
  return files;
}

async function paths(folder: string, under: string): Promise<string[]> {
  const found: string[] = [];
  const entries: Dirent[] = await readdir(join(folder, under), { withFileTypes: true });
  for (const entry of entries) {
    const path = join(under, entry.name);
    if (entry.isFile()) found.push(path);
    else if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) found.push(...await paths(folder, path));
  }
  return found;
}

async function* piecesOf(path: string, limit: number): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(limit);
    let length: number;
    do {
      length = 0;
      while (length < limit) {
        const { bytesRead } = await file.read(buffer, length, limit - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > 0) yield buffer.subarray(0, length);
    } while (length === limit);
  } finally {
    await file.close();
  }
}

/** Files that no folder has for certain: the lengths at which a boundary could be lost, and one that is large. */
export function madeUpFiles(limit: number): DemoFile[] {
  return [0, 1, limit - 1, limit, limit + 1, 2 * limit, 256 * limit].map((length) => ({
    name: `(made up: ${length.toLocaleString("en")})`,
    pieces: () => piecesOfLength(length, limit),
  }));
}

/** The same bytes everywhere, so that their digests can be compared; no two pieces alike, so that none can be mixed up. */
async function* piecesOfLength(length: number, limit: number): AsyncGenerator<Uint8Array> {
  const buffer = Uint8Array.from({ length: Math.min(length, limit) }, (_, index) => index % 251);
  for (let sent = 0; sent < length; sent += limit) {
    const piece = buffer.subarray(0, Math.min(length - sent, limit));
    piece[0] = sent / limit;
    yield piece;
  }
}
