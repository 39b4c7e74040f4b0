import type { Socket } from "../ffi/socket.ts";
import { BatchReceiver, BatchSender } from "./batches.ts";
import { ByteReceiver, ByteSender } from "./bytes.ts";
import type { Bytes, Chunk, Parts } from "./chunk.ts";
import type { Receiver, Sender } from "./_format.ts";
import { FrameReceiver, FrameSender } from "./frames.ts";
import { MessageReceiver, MessageSender, type ReceivedMessage } from "./messages.ts";
import type { AdoptOptions, ChunkKind } from "./options.ts";
import { Prefix } from "./prefix.ts";
import { RecordReceiver, RecordSender } from "./records.ts";

/** 64 MiB. */
const MAX_RECORD_SIZE = 64 * 1024 * 1024;

/** What makes chunks, and what takes them. */
export interface Format {
  readonly receiver: Receiver<object>;
  /** Takes the stream's chunks. Which they are is checked as they come. */
  readonly sender: Sender<never, unknown>;
  /** Takes the chunks of calls, where calls are allowed. */
  readonly caller: Sender<Chunk, Parts> | undefined;
}

/** The format that the options ask for. */
export function formatOf(socket: Socket, kind: ChunkKind, options: AdoptOptions): Format {
  const { framing, maxRecordSize = MAX_RECORD_SIZE, unread = [] } = options;
  // What an earlier owner had received is what its receiver gave.
  if (kind === "messages") {
    const receiver = new MessageReceiver(socket, unread as readonly ReceivedMessage[]);
    return { receiver, sender: new MessageSender(socket), caller: undefined };
  }
  const given = unread as readonly Bytes[];
  if (kind === "bytes") {
    const sender = new ByteSender(socket);
    return { receiver: new ByteReceiver(socket, given), sender, caller: sender };
  }
  const prefix = framing && new Prefix(framing);
  const limit = Math.min(maxRecordSize, prefix?.max ?? maxRecordSize);
  const receiver = prefix ? new FrameReceiver(socket, prefix, limit, given) : new RecordReceiver(socket, given);
  const caller = prefix ? new FrameSender(socket, prefix, limit) : new RecordSender(socket);
  if (kind === "records") return { receiver, sender: caller, caller };
  return { receiver: new BatchReceiver(receiver), sender: new BatchSender(caller), caller };
}
