import type { Dimension } from "@superbatch/search-space";

/** A function of encoded columns to model, without noise. */
export interface Surface {
  readonly name: string;
  readonly dimensions: readonly Dimension[];
  value(point: ArrayLike<number>): number;
}

const numeric = (count: number): Dimension[] =>
  Array.from({ length: count }, (_, k) => ({ name: `x${k}`, kind: "numeric" }));
const fidelity: Dimension = { name: "s", kind: "fidelity", basis: "fabolas" };

/** Smooth, rough, additive, peaked, with irrelevant columns, with categories, with a fidelity. */
export const surfaces: readonly Surface[] = [
  {
    name: "Branin",
    dimensions: numeric(2),
    value: (p) => {
      const x = 15 * p[0]! - 5;
      const y = 15 * p[1]!;
      return (
        (y - (5.1 * x * x) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6) ** 2 +
        10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
        10
      );
    },
  },
  {
    name: "Hartmann 3",
    dimensions: numeric(3),
    value: (p) => {
      const a = [
        [3, 10, 30],
        [0.1, 10, 35],
        [3, 10, 30],
        [0.1, 10, 35],
      ];
      const c = [
        [0.3689, 0.117, 0.2673],
        [0.4699, 0.4387, 0.747],
        [0.1091, 0.8732, 0.5547],
        [0.0381, 0.5743, 0.8828],
      ];
      return -[1, 1.2, 3, 3.2].reduce((sum, weight, i) => {
        const distance = a[i]!.reduce((total, scale, k) => total + scale * (p[k]! - c[i]![k]!) ** 2, 0);
        return sum + weight * Math.exp(-distance);
      }, 0);
    },
  },
  {
    name: "Currin",
    dimensions: numeric(2),
    value: (p) => {
      const factor = p[1]! > 0 ? 1 - Math.exp(-1 / (2 * p[1]!)) : 1;
      return (
        (factor * (2300 * p[0]! ** 3 + 1900 * p[0]! ** 2 + 2092 * p[0]! + 60)) /
        (100 * p[0]! ** 3 + 500 * p[0]! ** 2 + 4 * p[0]! + 20)
      );
    },
  },
  {
    name: "two of six columns matter",
    dimensions: numeric(6),
    value: (p) => Math.sin(5 * p[0]!) + 2 * (p[1]! - 0.4) ** 2,
  },
  {
    name: "category and its own parameter",
    dimensions: [
      { name: "kind", kind: "categorical", categories: 3 },
      { name: "own", kind: "numeric", condition: { parent: 0, values: [2] } },
      ...numeric(2),
    ],
    value: (p) => [0, 0.6, 0.2][p[0]!]! + (p[0] === 2 ? Math.cos(4 * p[1]!) : 0) + Math.sin(3 * p[2]!) * p[3]!,
  },
  {
    name: "learning curve in a fidelity",
    dimensions: [...numeric(3), fidelity],
    value: (p) =>
      0.2 + (p[0]! - 0.3) ** 2 + 0.3 * Math.abs(p[1]! - 0.6) + 0.2 * p[2]! + (0.3 + 0.3 * p[0]!) * (1 - p[3]!) ** 1.5,
  },
];
