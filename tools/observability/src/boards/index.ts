import type { Board } from "./board.ts";
import { services } from "./services.ts";
import { studies } from "./studies.ts";

export { type Board, queriesOf, renderText } from "./board.ts";

export const boards: readonly Board[] = [studies, services];

/** File of a board among the chart's. */
export const boardFile = ({ uid }: Board): string => `boards/${uid}.json`;
