/** A worker that does nothing, for comparison. */

import { finished } from "./_port.ts";

finished("nothing");
