export { immediate } from "./host.ts";
