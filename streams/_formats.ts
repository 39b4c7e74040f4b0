import type { Socket } from "../ffi/socket.ts";
import { BatchReceiver, BatchSender } from "./batches.ts";
import { ByteReceiver, ByteSender } from "./bytes.ts";
import { FrameReceiver, FrameSender } from "./frames.ts";
import { MessageReceiver, MessageSender, type ReceivedMessage } from "./messages.ts";
import type { AdoptOptions, ChunkKind } from "./options.ts";
import { RecordReceiver, RecordSender } from "./records.ts";

/** 64 MiB. */
const MAX_RECORD_SIZE = 64 * 1024 * 1024;

/**
 * The format that the options ask for: what makes the chunks, what takes the stream's (which they are is checked as they come),
 * and what takes those of calls, where calls are allowed.
 */
export function formatOf(socket: Socket, kind: ChunkKind, options: AdoptOptions) {
  const { framing, maxRecordSize = MAX_RECORD_SIZE, unread = [] } = options;
  // What an earlier owner had received is what its receiver gave.
  if (kind === "messages") {
    const receiver = new MessageReceiver(socket, unread as readonly ReceivedMessage[], options.credentials);
    return { receiver, sender: new MessageSender(socket), caller: undefined };
  }
  const given = unread as readonly Uint8Array[];
  if (kind === "bytes") {
    const sender = new ByteSender(socket);
    return { receiver: new ByteReceiver(socket, given), sender, caller: sender };
  }
  const receiver = framing
    ? new FrameReceiver(socket, framing, maxRecordSize, given)
    : new RecordReceiver(socket, given);
  const caller = framing ? new FrameSender(socket, framing, maxRecordSize) : new RecordSender(socket);
  if (kind === "records") return { receiver, sender: caller, caller };
  return { receiver: new BatchReceiver(receiver), sender: new BatchSender(caller), caller };
}
