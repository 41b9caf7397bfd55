import { decode, dimensions, encode, type Point, repair, type SearchSpace } from "@superbatch/search-space";

/** Points as software for continuous spaces sees them: categories as one column for each value. */
export interface OneHot {
  /** Columns of a widened point. */
  readonly columns: number;
  widen(point: Point): number[];
  /** The nearest valid point: the largest of a category's columns counts, levels are snapped. */
  narrow(row: readonly number[]): Point;
}

/** @param space - without conditions */
export function createOneHot(space: SearchSpace): OneHot {
  const widths = dimensions(space).map((dimension) => (dimension.kind === "categorical" ? dimension.categories : 1));
  return {
    columns: widths.reduce((sum, width) => sum + width),
    widen(point) {
      return [...encode(space, point)].flatMap((value, d) =>
        widths[d] === 1 ? [value] : Array.from({ length: widths[d]! }, (_, category) => (category === value ? 1 : 0)),
      );
    },
    narrow(row) {
      let start = 0;
      const narrow = widths.map((width) => {
        const part = row.slice(start, start + width);
        start += width;
        return width === 1 ? part[0]! : part.indexOf(Math.max(...part));
      });
      return decode(space, repair(space, Float64Array.from(narrow)));
    },
  };
}
