/** Tries a call that may now succeed; with a failure, the kernel cannot be asked for it. Returns false if it goes on waiting. */
export type Attempt = (failure?: { readonly reason: unknown }) => boolean;

/**
 * One direction of a descriptor, and what waits for it.
 *
 * - `"idle"`: nothing waits.
 * - `"spinning"`: something waits, and the call is tried again in the next turn of the event loop.
 * - `"waiting"`: something waits, and the kernel is asked to tell.
 */
export class Direction {
  #state: "idle" | "spinning" | "waiting" = "idle";
  #attempt: Attempt | undefined;

  /** Which of the three states it is in. */
  get state(): "idle" | "spinning" | "waiting" {
    return this.#state;
  }

  /** Begins to wait. */
  begin(attempt: Attempt): void {
    this.#attempt = attempt;
    this.#state = "spinning";
  }

  /** Leaves the wait to the kernel. */
  park(): void {
    if (this.#state === "spinning") this.#state = "waiting";
  }

  /** Takes the wait back from the kernel. */
  spin(): void {
    if (this.#state === "waiting") this.#state = "spinning";
  }

  /** Ends the wait, whatever it has waited for. */
  end(): void {
    this.#state = "idle";
    this.#attempt = undefined;
  }

  /**
   * Lets what waits try its call.
   *
   * @returns Whether the wait is over
   */
  try(failure?: { readonly reason: unknown }): boolean {
    if (this.#attempt?.(failure) !== true) return false;
    this.end();
    return true;
  }
}
