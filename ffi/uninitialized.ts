export { uninitialized } from "./host.ts";
