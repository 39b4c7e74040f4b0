/** Views that say of themselves what is not so: all that lies beside the real view is a canary, which no peer may get. */

/** What the real view is filled with, and what lies beside it. */
export const REAL = 0x01;
export const CANARY = 0xca;

/** A view of `size` bytes in the middle of a block of three times that. */
export interface Liar {
  readonly view: ArrayBufferView;
  readonly block: Uint8Array;
}

type Make = (block: ArrayBuffer, size: number) => ArrayBufferView;

const over = (view: ArrayBufferView, properties: Record<PropertyKey, unknown>): ArrayBufferView => {
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(view, name, { get: () => value, configurable: true });
  }
  return view;
};

const MAKERS: Record<string, Make> = {
  "a class whose byteLength is too large": (block, size) =>
    new (class extends Uint8Array {
      override get byteLength() {
        return size * 2;
      }
    })(block, size, size),
  "a class whose byteOffset is too small": (block, size) =>
    new (class extends Uint8Array {
      override get byteOffset() {
        return 0;
      }
    })(block, size, size),
  "a class whose length is too large": (block, size) =>
    new (class extends Uint8Array {
      override get length() {
        return size * 2;
      }
    })(block, size, size),
  "a class whose subarray() gives more": (block, size) =>
    new (class extends Uint8Array {
      override subarray() {
        return new Uint8Array(block) as never;
      }
    })(block, size, size),
  "a class of another species": (block, size) =>
    new (class extends Uint8Array {
      static get [Symbol.species](): Uint8ArrayConstructor {
        return class {
          constructor() {
            return new Uint8Array(block);
          }
        } as never;
      }
    })(block, size, size),
  "an object with a byteLength of its own": (block, size) =>
    over(new Uint8Array(block, size, size), { byteLength: size * 2 }),
  "an object with a subarray() and a set() of its own": (block, size) =>
    over(new Uint8Array(block, size, size), { subarray: () => new Uint8Array(block), set: () => {} }),
  "an object with a constructor of its own": (block, size) =>
    over(new Uint8Array(block, size, size), {
      constructor: {
        [Symbol.species]: class {
          constructor() {
            return new Uint8Array(block);
          }
        },
      },
    }),
  "an object with a buffer of its own": (block, size) =>
    over(new Uint8Array(block, size, size), { buffer: new Uint8Array(size * 3).fill(CANARY).buffer }),
  "a DataView with a byteLength of its own": (block, size) =>
    over(new DataView(block, size, size), { byteLength: size * 2 }),
  "a DataView with a byteOffset of its own": (block, size) => over(new DataView(block, size, size), { byteOffset: 0 }),
  "a DataView with a buffer of its own": (block, size) =>
    over(new DataView(block, size, size), { buffer: new Uint8Array(size * 3).fill(CANARY).buffer }),
  "a Uint16Array with a byteLength of its own": (block, size) =>
    over(new Uint16Array(block, size, size / 2), { byteLength: size * 2 }),
  "a Uint16Array with the prototype of a Uint8Array": (block, size) =>
    Object.setPrototypeOf(new Uint16Array(block, size, size / 2), Uint8Array.prototype) as Uint8Array,
  "a buffer whose own resizable makes the view lie": (block, size) => {
    const view = new Uint8Array(block, size, size);
    return (lyingWhenAsked(block, () => over(view, { byteLength: size * 2 })), view);
  },
  "a buffer of a class whose resizable makes the view lie": (block, size) => {
    const view = new Uint8Array(block, size, size);
    const prototype = Object.create(ArrayBuffer.prototype) as ArrayBuffer;
    lyingWhenAsked(prototype, () => over(view, { byteLength: size * 2 }));
    Object.setPrototypeOf(block, prototype);
    return view;
  },
  "an object whose prototype is asked, and then lies": (block, size) => {
    const view = new Uint8Array(block, size, size);
    const getPrototypeOf = () => {
      Object.setPrototypeOf(view, Uint8Array.prototype);
      over(view, { byteLength: size * 2 });
      return Uint8Array.prototype;
    };
    return Object.setPrototypeOf(
      view,
      new Proxy(Object.create(Uint8Array.prototype), { getPrototypeOf }),
    ) as Uint8Array;
  },
};

/** Where an engine asks the buffer itself whether it is resizable. */
function lyingWhenAsked(buffer: ArrayBuffer, lie: () => void): void {
  const get = () => (lie(), false);
  Object.defineProperty(buffer, "resizable", { get, configurable: true });
}

/** The kinds of lies. */
export const LIES: readonly string[] = Object.keys(MAKERS);

/** Makes a view that lies. */
export function liar(lie: string, size: number): Liar {
  const block = new Uint8Array(size * 3).fill(CANARY);
  block.fill(REAL, size, size * 2);
  return { view: MAKERS[lie]!(block.buffer, size), block };
}
