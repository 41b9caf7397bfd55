import { describe, expect, it } from "vitest";
import { gaussHermite } from "./quadrature.ts";

function integrate(count: number, f: (x: number) => number): number {
  const { nodes, weights } = gaussHermite(count);
  return nodes.reduce((sum, node, i) => sum + weights[i] * f(node), 0);
}

describe("gaussHermite", () => {
  it.each([1, 2, 3, 5, 10, 21, 64, 100])("integrates polynomials up to degree 2n − 1 exactly (n = %i)", (count) => {
    let moment = 1; // E[ζ^k] for even k: 1, 1, 3, 15, …
    for (let degree = 0; degree <= Math.min(2 * count - 1, 20); degree++) {
      if (degree % 2 === 1) {
        expect(Math.abs(integrate(count, (x) => x ** degree))).toBeLessThan(1e-9 * moment * degree);
      } else {
        if (degree > 0) moment *= degree - 1;
        expect(Math.abs(integrate(count, (x) => x ** degree) / moment - 1)).toBeLessThan(1e-11);
      }
    }
  });

  it("gives the known rule of three nodes", () => {
    const { nodes, weights } = gaussHermite(3);
    expect(nodes[2]).toBeCloseTo(Math.sqrt(3), 14);
    expect(nodes[1]).toBe(0);
    expect(weights[0]).toBeCloseTo(1 / 6, 14);
    expect(weights[1]).toBeCloseTo(2 / 3, 14);
  });

  it("orders its nodes, symmetric about 0", () => {
    for (let count = 1; count <= 100; count++) {
      const { nodes, weights } = gaussHermite(count);
      for (let i = 1; i < count; i++) expect(nodes[i]).toBeGreaterThan(nodes[i - 1]);
      for (let i = 0; i < count; i++) {
        expect(nodes[i] + nodes[count - 1 - i]).toBeCloseTo(0, 13);
        expect(weights[i]).toBeGreaterThan(0);
      }
    }
  });

  it("refuses numbers of nodes that it cannot serve", () => {
    for (const count of [0, -1, 2.5, 101]) expect(() => gaussHermite(count)).toThrow(RangeError);
  });
});
