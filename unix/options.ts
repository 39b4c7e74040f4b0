import { checkPath, MODE_MAX } from "../ffi/named_socket.ts";
import type { SocketType } from "../ffi/socket_type.ts";
import { checkKnown, knownOptions } from "../streams/known_options.ts";
import {
  checkInteger,
  checkName,
  checkPairOptions,
  END_OPTIONS,
  type SocketEndOptions,
  type SocketPairOptions,
} from "../streams/options.ts";

/** Where {@linkcode connect} connects to, and how the end behaves. */
export interface ConnectOptions extends SocketPairOptions {
  /** A file's path, or a name that is no file (abstract) behind a NUL: `"\0name"`. At most 107 bytes. */
  readonly path: string;
  /** A name of its own for the end, of the same kind as `path`, so that a receiver of its datagrams can answer. */
  readonly bind?: string | undefined;
  /** Ends the attempt, and later the end, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How the ends of a listener behave. */
export interface ListenerOptions extends SocketEndOptions {
  /** SO_SNDBUF of each end in bytes: see `SocketPairOptions`. */
  readonly sendBufferSize?: number | undefined;
  /** SO_RCVBUF of each end in bytes. Linux does not use it for AF_UNIX. */
  readonly receiveBufferSize?: number | undefined;
  /** Closes the listener, and each end that it has given out, with the signal's reason as their error. */
  readonly signal?: AbortSignal | undefined;
}

/** Where {@linkcode listen} listens, and how the ends of its clients behave. */
export interface ListenOptions extends ListenerOptions {
  /** A file's path, or a name that is no file (abstract) behind a NUL: `"\0name"`. At most 107 bytes. */
  readonly path: string;
  /** The kind of socket. Default: `"stream"`. */
  readonly type?: "stream" | "seqpacket" | undefined;
  /** How many clients may wait to be accepted, from 0 on; one more does. `net.core.somaxconn` bounds it. Default: 4,096. */
  readonly backlog?: number | undefined;
  /** The mode of the file, as `0o600`, whatever the process's umask is. Default: 0o777 less the umask. */
  readonly mode?: number | undefined;
}

const OF_ENDS = [...END_OPTIONS, "sendBufferSize", "receiveBufferSize"] as const;

/** The options of connect(), checked: those of the end apart. */
export function takeConnectOptions(options: ConnectOptions) {
  const known = knownOptions("Cannot connect", options, ["path", "bind", "type", "protocol", ...OF_ENDS]);
  const { path, bind, type = "stream", protocol = 0, ...ends } = known;
  checkPath(path);
  if (bind !== undefined) checkPath(bind);
  checkPairOptions(type, protocol, ends);
  return { path, bind, type, protocol, ends };
}

/** The options of listen(), checked: those of the ends apart. */
export function takeListenOptions(options: ListenOptions) {
  const known = knownOptions("Cannot listen", options, ["path", "type", "backlog", "mode", ...OF_ENDS]);
  const { path, type = "stream", backlog = 4096, mode, ...ends } = known;
  checkName("type", type, ["stream", "seqpacket"]);
  checkInteger("backlog", backlog, 0, 2 ** 31 - 1);
  checkInteger("mode", mode, 0, MODE_MAX);
  checkPath(path);
  if (mode !== undefined && path.startsWith("\0")) throw new TypeError("Cannot use mode with a name that is no file");
  checkPairOptions(type, 0, ends);
  return { path, type, backlog, mode, ends };
}

/** The options of the ends of a listener that was made elsewhere, checked. */
export function takeListenerOptions(type: SocketType, options: ListenerOptions): ListenerOptions {
  const ends = knownOptions("Cannot listen", options, OF_ENDS);
  checkPairOptions(type, 0, ends);
  return ends;
}

/** Refuses a name that is not known before there is a listener. */
export function checkListenerOptions(options: ListenerOptions): void {
  checkKnown("Cannot listen", options, OF_ENDS);
}
