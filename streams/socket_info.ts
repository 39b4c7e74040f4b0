/** What `opened` says, in the shape of the Sockets API. Ends of a pair have no addresses. */
export interface SocketInfo {
  /** The peer's path, or its name behind a NUL; null where it has none. */
  readonly remoteAddress: string | null;
  /** This end's own. */
  readonly localAddress: string | null;
  /** The negotiated protocol: none. */
  readonly alpn: null;
}

/** Of sockets that have no names. */
export const UNNAMED: SocketInfo = { remoteAddress: null, localAddress: null, alpn: null };
