/** Stands in for `@std/streams`, which is on JSR, as far as the recipes use it. */

/** Chunks between delimiters of one byte; what is behind the last one comes, too, even if it is empty. */
export class DelimiterStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;

  constructor(delimiter: Uint8Array) {
    const rest: number[] = [];
    ({ readable: this.readable, writable: this.writable } = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        for (const byte of chunk) {
          if (byte !== delimiter[0]) rest.push(byte);
          else controller.enqueue(new Uint8Array(rest.splice(0)));
        }
      },
      flush: (controller) => controller.enqueue(new Uint8Array(rest)),
    }));
  }
}

/** Lines without their ends; what is behind the last end comes, too, unless it is empty. */
export class TextLineStream {
  readonly readable: ReadableStream<string>;
  readonly writable: WritableStream<string>;

  constructor() {
    let rest = "";
    ({ readable: this.readable, writable: this.writable } = new TransformStream<string, string>({
      transform(chunk, controller) {
        const lines = (rest + chunk).split(/\r?\n/);
        rest = lines.pop()!;
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    }));
  }
}
