import type { Descriptor } from "../ffi/descriptor.ts";
import { FrameReceiver } from "./_frame_receiver.ts";
import { FrameSender } from "./_frame_sender.ts";
import { GivenReceiver } from "./_given_receiver.ts";
import { MessageReceiver } from "./_message_receiver.ts";
import { MessageSender } from "./_message_sender.ts";
import type { Receiver } from "./_receiver.ts";
import { RecordReceiver } from "./_record_receiver.ts";
import { RecordSender } from "./_record_sender.ts";
import type { Sender } from "./_sender.ts";
import type { Failure } from "./_sink.ts";
import { BatchSink } from "./batch_sink.ts";
import { BatchSource } from "./batch_source.ts";
import { ByteSink } from "./byte_sink.ts";
import { ByteSource } from "./byte_source.ts";
import { RecordSink } from "./record_sink.ts";
import { RecordSource } from "./record_source.ts";
import type { AdoptOptions, SocketEndOptions } from "./socket_end_options.ts";

/** What an end needs of its receiving direction. */
export interface Receiving {
  readonly readable: ReadableStream<unknown>;
  readonly ended: boolean;
  finish(failure?: Failure): void;
  unread(): unknown[];
}

/** What an end needs of its sending direction. */
export interface Sending {
  readonly writable: unknown;
  readonly ended: boolean;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
  finish(reason: unknown, failure?: Failure): void;
  flush(flushed: () => void): void;
}

/** 64 MiB. */
const MAX_RECORD_SIZE = 64 * 1024 * 1024;

/** The receiving direction that the options ask for. */
export function receivingOf(
  descriptor: Descriptor,
  options: AdoptOptions,
  onEnd: (failure?: Failure) => void,
): Receiving {
  const { highWaterMark = 0, batches = false, unread = [] } = options;
  const receiver = receiverOf(descriptor, options);
  if (receiver === undefined) return new ByteSource(descriptor, highWaterMark, unread as Uint8Array[], onEnd);
  if (batches) return new BatchSource(descriptor, receiver as Receiver<Uint8Array>, onEnd);
  return new RecordSource(descriptor, receiver, highWaterMark, onEnd);
}

/** Undefined for plain bytes, which go straight into the reader's memory. */
function receiverOf(descriptor: Descriptor, options: AdoptOptions): Receiver<unknown> | undefined {
  const { ancillary = false, framing, maxRecordSize = MAX_RECORD_SIZE, unread = [] } = options;
  if (framing !== undefined) return new FrameReceiver(descriptor, maxRecordSize, unread as Uint8Array[]);
  if (descriptor.type === "stream" && !ancillary) return undefined;
  const receiver = ancillary ? new MessageReceiver(descriptor) : new RecordReceiver(descriptor);
  return unread.length > 0 ? new GivenReceiver<unknown>(unread, receiver) : receiver;
}

/** The sending direction that the options ask for. What chunks it takes is checked as they come. */
export function sendingOf(
  descriptor: Descriptor,
  options: SocketEndOptions,
  onEnd: (failure?: Failure) => void,
): Sending {
  const sender = senderOf(descriptor, options);
  if (sender === undefined) return new ByteSink(descriptor, onEnd);
  return options.batches ? new BatchSink(descriptor, sender, onEnd) : new RecordSink(descriptor, sender, onEnd);
}

function senderOf(descriptor: Descriptor, options: SocketEndOptions): Sender<never> | undefined {
  const { ancillary = false, framing, maxRecordSize = MAX_RECORD_SIZE } = options;
  if (ancillary) return new MessageSender(descriptor);
  if (framing !== undefined) return new FrameSender(descriptor, maxRecordSize);
  return descriptor.type === "stream" ? undefined : new RecordSender(descriptor);
}
