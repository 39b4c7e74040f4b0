/** An item's place in a queue, by which it is taken out. */
export class Place<T> {
  readonly item: T;
  /** The queue that it stands in, if it does. */
  queue: Queue<T> | undefined;
  before: Place<T> | undefined;
  after: Place<T> | undefined;

  constructor(item: T) {
    this.item = item;
  }

  /** Takes the item out of its queue. Again: no effect. */
  remove(): void {
    this.queue?.remove(this);
  }
}

/** A queue in which each step costs the same, however long it is: adding, and taking out at any place. */
export class Queue<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;

  /** The place at the front. */
  get first(): Place<T> | undefined {
    return this.#first;
  }

  /** Adds an item at the back. */
  push(item: T): Place<T> {
    return this.append(new Place(item));
  }

  /** Moves a place to the back of this queue, out of the one that it stands in. */
  append(place: Place<T>): Place<T> {
    place.remove();
    place.queue = this;
    place.before = this.#last;
    if (this.#last === undefined) this.#first = place;
    else this.#last.after = place;
    return this.#last = place;
  }

  /** Takes out a place that stands in this queue. */
  remove(place: Place<T>): void {
    const { before, after } = place;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    place.queue = place.before = place.after = undefined;
  }

  /** Takes out all, from the front, each before the next is given. */
  *empty(): Generator<T> {
    for (let place = this.#first; place !== undefined; place = this.#first) {
      place.remove();
      yield place.item;
    }
  }
}
