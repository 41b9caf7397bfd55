// Copies between row-major matrices and panels (see tile.ts). All sizes are multiples of 4; `stride` is the bytes of a matrix row.

import { STEP } from "./tile";

/** Panels of 4 consecutive rows: `rows` × `depth` elements from `source` on. */
export function packRows(source: usize, stride: usize, rows: i32, depth: i32, panels: usize): void {
  for (let i = 0; i < rows; i += 4) {
    let r0 = source + <usize>i * stride;
    let r1 = r0 + stride;
    let r2 = r1 + stride;
    let r3 = r2 + stride;
    for (let p = 0; p < depth; p += 2) {
      const a0 = v128.load(r0);
      const a1 = v128.load(r1);
      const a2 = v128.load(r2);
      const a3 = v128.load(r3);
      v128.store(panels, v128.shuffle<f64>(a0, a1, 0, 2));
      v128.store(panels, v128.shuffle<f64>(a2, a3, 0, 2), 16);
      v128.store(panels, v128.shuffle<f64>(a0, a1, 1, 3), 32);
      v128.store(panels, v128.shuffle<f64>(a2, a3, 1, 3), 48);
      r0 += 16;
      r1 += 16;
      r2 += 16;
      r3 += 16;
      panels += 2 * STEP;
    }
  }
}

/** The reverse of packRows. */
export function unpackRows(panels: usize, target: usize, stride: usize, rows: i32, depth: i32): void {
  for (let i = 0; i < rows; i += 4) {
    let r0 = target + <usize>i * stride;
    let r1 = r0 + stride;
    let r2 = r1 + stride;
    let r3 = r2 + stride;
    for (let p = 0; p < depth; p += 2) {
      const a = v128.load(panels);
      const b = v128.load(panels, 16);
      const c = v128.load(panels, 32);
      const d = v128.load(panels, 48);
      v128.store(r0, v128.shuffle<f64>(a, c, 0, 2));
      v128.store(r1, v128.shuffle<f64>(a, c, 1, 3));
      v128.store(r2, v128.shuffle<f64>(b, d, 0, 2));
      v128.store(r3, v128.shuffle<f64>(b, d, 1, 3));
      r0 += 16;
      r1 += 16;
      r2 += 16;
      r3 += 16;
      panels += 2 * STEP;
    }
  }
}

/** Panels of 4 consecutive columns: `depth` rows × `columns` from `source` on. */
export function packColumns(source: usize, stride: usize, depth: i32, columns: i32, panels: usize): void {
  const panel = <usize>depth * STEP;
  for (let p = 0; p < depth; p++) {
    let from = source + <usize>p * stride;
    let to = panels + <usize>p * STEP;
    for (let j = 0; j < columns; j += 4) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += STEP;
      to += panel;
    }
  }
}

/** The reverse of packColumns. */
export function unpackColumns(panels: usize, target: usize, stride: usize, depth: i32, columns: i32): void {
  const panel = <usize>depth * STEP;
  for (let p = 0; p < depth; p++) {
    let from = panels + <usize>p * STEP;
    let to = target + <usize>p * stride;
    for (let j = 0; j < columns; j += 4) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      to += STEP;
      from += panel;
    }
  }
}
