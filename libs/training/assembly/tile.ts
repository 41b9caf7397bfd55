// Register tiles: the two inner loops in which nearly all the time of training goes.
//
// Both keep 6 rows × PANEL columns of the result in registers. PANEL is 16 where the engine fuses pairs of 128-bit operations
// into 256-bit ones (12 accumulators of 8 lanes fill the 16 registers of AVX2), else 8 (12 accumulators of 4 lanes).
// Every operation stands beside its neighbor of the next 16 bytes, and no load stands between the stores of two neighbors:
// the form that V8's revectorizer recognizes (--trace-wasm-revectorize tells).

/** Columns of a tile: the width of packed panels. WIDE is given on the compiler's command line. */
export const PANEL: i32 = WIDE ? 16 : 8;
/** Rows of a tile. */
export const ROWS: i32 = 6;

// @ts-ignore: decorator
@inline
function at(table: usize, base: usize, row: i32): usize {
  return base + load<u32>(table + ((<usize>row) << 2));
}

/**
 * out[r][j] = Σ_{k < height} Σ_{i < run} in[r][k · rowStride + i] · panel[k · run + i][j] for 6 rows (output pixels).
 *
 * @param inputs - 6 byte offsets from `inBase`: where each row's window begins
 * @param height - rows of the window
 * @param run - floats that are contiguous in a row of the window (its columns × channels)
 * @param rowStride - bytes from one row of the window to the next
 * @param panel - height · run rows of PANEL floats
 * @param outputs - 6 byte offsets from `outBase`
 */
export function pixelTile(
  inBase: usize, inputs: usize, height: i32, run: i32, rowStride: usize, panel: usize, outBase: usize, outputs: usize,
): void {
  if (WIDE) pixelTile16(inBase, inputs, height, run, rowStride, panel, outBase, outputs);
  else pixelTile8(inBase, inputs, height, run, rowStride, panel, outBase, outputs);
}

function pixelTile16(
  inBase: usize, inputs: usize, height: i32, run: i32, rowStride: usize, panel: usize, outBase: usize, outputs: usize,
): void {
  const a0 = at(inputs, inBase, 0), a1 = at(inputs, inBase, 1), a2 = at(inputs, inBase, 2);
  const a3 = at(inputs, inBase, 3), a4 = at(inputs, inBase, 4), a5 = at(inputs, inBase, 5);
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c02 = f32x4.splat(0), c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0), c12 = f32x4.splat(0), c13 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c22 = f32x4.splat(0), c23 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0), c32 = f32x4.splat(0), c33 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0), c42 = f32x4.splat(0), c43 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0), c52 = f32x4.splat(0), c53 = f32x4.splat(0);
  let b = panel;
  let shift: usize = 0;
  for (let k = 0; k < height; k++) {
    let i = shift;
    const end = shift + ((<usize>run) << 2);
    while (i < end) {
      const b0 = v128.load(b, 0), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
      let s = v128.load32_splat(a0 + i);
      c00 = f32x4.relaxed_madd(s, b0, c00); c01 = f32x4.relaxed_madd(s, b1, c01); c02 = f32x4.relaxed_madd(s, b2, c02); c03 = f32x4.relaxed_madd(s, b3, c03);
      s = v128.load32_splat(a1 + i);
      c10 = f32x4.relaxed_madd(s, b0, c10); c11 = f32x4.relaxed_madd(s, b1, c11); c12 = f32x4.relaxed_madd(s, b2, c12); c13 = f32x4.relaxed_madd(s, b3, c13);
      s = v128.load32_splat(a2 + i);
      c20 = f32x4.relaxed_madd(s, b0, c20); c21 = f32x4.relaxed_madd(s, b1, c21); c22 = f32x4.relaxed_madd(s, b2, c22); c23 = f32x4.relaxed_madd(s, b3, c23);
      s = v128.load32_splat(a3 + i);
      c30 = f32x4.relaxed_madd(s, b0, c30); c31 = f32x4.relaxed_madd(s, b1, c31); c32 = f32x4.relaxed_madd(s, b2, c32); c33 = f32x4.relaxed_madd(s, b3, c33);
      s = v128.load32_splat(a4 + i);
      c40 = f32x4.relaxed_madd(s, b0, c40); c41 = f32x4.relaxed_madd(s, b1, c41); c42 = f32x4.relaxed_madd(s, b2, c42); c43 = f32x4.relaxed_madd(s, b3, c43);
      s = v128.load32_splat(a5 + i);
      c50 = f32x4.relaxed_madd(s, b0, c50); c51 = f32x4.relaxed_madd(s, b1, c51); c52 = f32x4.relaxed_madd(s, b2, c52); c53 = f32x4.relaxed_madd(s, b3, c53);
      i += 4;
      b += 64;
    }
    shift += rowStride;
  }
  let o: usize;
  o = at(outputs, outBase, 0);
  v128.store(o, c00, 0); v128.store(o, c01, 16); v128.store(o, c02, 32); v128.store(o, c03, 48);
  o = at(outputs, outBase, 1);
  v128.store(o, c10, 0); v128.store(o, c11, 16); v128.store(o, c12, 32); v128.store(o, c13, 48);
  o = at(outputs, outBase, 2);
  v128.store(o, c20, 0); v128.store(o, c21, 16); v128.store(o, c22, 32); v128.store(o, c23, 48);
  o = at(outputs, outBase, 3);
  v128.store(o, c30, 0); v128.store(o, c31, 16); v128.store(o, c32, 32); v128.store(o, c33, 48);
  o = at(outputs, outBase, 4);
  v128.store(o, c40, 0); v128.store(o, c41, 16); v128.store(o, c42, 32); v128.store(o, c43, 48);
  o = at(outputs, outBase, 5);
  v128.store(o, c50, 0); v128.store(o, c51, 16); v128.store(o, c52, 32); v128.store(o, c53, 48);
}

function pixelTile8(
  inBase: usize, inputs: usize, height: i32, run: i32, rowStride: usize, panel: usize, outBase: usize, outputs: usize,
): void {
  const a0 = at(inputs, inBase, 0), a1 = at(inputs, inBase, 1), a2 = at(inputs, inBase, 2);
  const a3 = at(inputs, inBase, 3), a4 = at(inputs, inBase, 4), a5 = at(inputs, inBase, 5);
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  let b = panel;
  let shift: usize = 0;
  for (let k = 0; k < height; k++) {
    let i = shift;
    const end = shift + ((<usize>run) << 2);
    while (i < end) {
      const b0 = v128.load(b, 0), b1 = v128.load(b, 16);
      let s = v128.load32_splat(a0 + i);
      c00 = f32x4.relaxed_madd(s, b0, c00); c01 = f32x4.relaxed_madd(s, b1, c01);
      s = v128.load32_splat(a1 + i);
      c10 = f32x4.relaxed_madd(s, b0, c10); c11 = f32x4.relaxed_madd(s, b1, c11);
      s = v128.load32_splat(a2 + i);
      c20 = f32x4.relaxed_madd(s, b0, c20); c21 = f32x4.relaxed_madd(s, b1, c21);
      s = v128.load32_splat(a3 + i);
      c30 = f32x4.relaxed_madd(s, b0, c30); c31 = f32x4.relaxed_madd(s, b1, c31);
      s = v128.load32_splat(a4 + i);
      c40 = f32x4.relaxed_madd(s, b0, c40); c41 = f32x4.relaxed_madd(s, b1, c41);
      s = v128.load32_splat(a5 + i);
      c50 = f32x4.relaxed_madd(s, b0, c50); c51 = f32x4.relaxed_madd(s, b1, c51);
      i += 4;
      b += 32;
    }
    shift += rowStride;
  }
  let o: usize;
  o = at(outputs, outBase, 0);
  v128.store(o, c00, 0); v128.store(o, c01, 16);
  o = at(outputs, outBase, 1);
  v128.store(o, c10, 0); v128.store(o, c11, 16);
  o = at(outputs, outBase, 2);
  v128.store(o, c20, 0); v128.store(o, c21, 16);
  o = at(outputs, outBase, 3);
  v128.store(o, c30, 0); v128.store(o, c31, 16);
  o = at(outputs, outBase, 4);
  v128.store(o, c40, 0); v128.store(o, c41, 16);
  o = at(outputs, outBase, 5);
  v128.store(o, c50, 0); v128.store(o, c51, 16);
}

/**
 * out[r][j] += Σ over output pixels of in[pixel][r] · dy[pixel][j], for 6 neighboring floats r of the window and PANEL channels j.
 *
 * @param input - where the first pixel's 6 floats begin
 * @param dy - where the first pixel's channels begin; pixels follow each other in steps of `dyStep` bytes
 * @param images, height, width - how many pixels, nested
 * @param step, rowStep, imageStep - bytes in the input from pixel to pixel, row to row, image to image
 * @param outStep - bytes from row r of the result to the next
 */
export function filterTile(
  input: usize, dy: usize, images: i32, height: i32, width: i32, step: usize, rowStep: usize, imageStep: usize,
  dyStep: usize, out: usize, outStep: usize,
): void {
  if (WIDE) filterTile16(input, dy, images, height, width, step, rowStep, imageStep, dyStep, out, outStep);
  else filterTile8(input, dy, images, height, width, step, rowStep, imageStep, dyStep, out, outStep);
}

function filterTile16(
  input: usize, dy: usize, images: i32, height: i32, width: i32, step: usize, rowStep: usize, imageStep: usize,
  dyStep: usize, out: usize, outStep: usize,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c02 = f32x4.splat(0), c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0), c12 = f32x4.splat(0), c13 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c22 = f32x4.splat(0), c23 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0), c32 = f32x4.splat(0), c33 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0), c42 = f32x4.splat(0), c43 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0), c52 = f32x4.splat(0), c53 = f32x4.splat(0);
  let d = dy;
  let image = input;
  for (let n = 0; n < images; n++) {
    let row = image;
    for (let y = 0; y < height; y++) {
      let a = row;
      const end = d + <usize>width * dyStep;
      while (d != end) {
        const b0 = v128.load(d, 0), b1 = v128.load(d, 16), b2 = v128.load(d, 32), b3 = v128.load(d, 48);
        let s = v128.load32_splat(a);
        c00 = f32x4.relaxed_madd(s, b0, c00); c01 = f32x4.relaxed_madd(s, b1, c01); c02 = f32x4.relaxed_madd(s, b2, c02); c03 = f32x4.relaxed_madd(s, b3, c03);
        s = v128.load32_splat(a, 4);
        c10 = f32x4.relaxed_madd(s, b0, c10); c11 = f32x4.relaxed_madd(s, b1, c11); c12 = f32x4.relaxed_madd(s, b2, c12); c13 = f32x4.relaxed_madd(s, b3, c13);
        s = v128.load32_splat(a, 8);
        c20 = f32x4.relaxed_madd(s, b0, c20); c21 = f32x4.relaxed_madd(s, b1, c21); c22 = f32x4.relaxed_madd(s, b2, c22); c23 = f32x4.relaxed_madd(s, b3, c23);
        s = v128.load32_splat(a, 12);
        c30 = f32x4.relaxed_madd(s, b0, c30); c31 = f32x4.relaxed_madd(s, b1, c31); c32 = f32x4.relaxed_madd(s, b2, c32); c33 = f32x4.relaxed_madd(s, b3, c33);
        s = v128.load32_splat(a, 16);
        c40 = f32x4.relaxed_madd(s, b0, c40); c41 = f32x4.relaxed_madd(s, b1, c41); c42 = f32x4.relaxed_madd(s, b2, c42); c43 = f32x4.relaxed_madd(s, b3, c43);
        s = v128.load32_splat(a, 20);
        c50 = f32x4.relaxed_madd(s, b0, c50); c51 = f32x4.relaxed_madd(s, b1, c51); c52 = f32x4.relaxed_madd(s, b2, c52); c53 = f32x4.relaxed_madd(s, b3, c53);
        a += step;
        d += dyStep;
      }
      row += rowStep;
    }
    image += imageStep;
  }
  let o = out;
  c00 = f32x4.add(v128.load(o, 0), c00); c01 = f32x4.add(v128.load(o, 16), c01); c02 = f32x4.add(v128.load(o, 32), c02); c03 = f32x4.add(v128.load(o, 48), c03);
  v128.store(o, c00, 0); v128.store(o, c01, 16); v128.store(o, c02, 32); v128.store(o, c03, 48);
  o += outStep;
  c10 = f32x4.add(v128.load(o, 0), c10); c11 = f32x4.add(v128.load(o, 16), c11); c12 = f32x4.add(v128.load(o, 32), c12); c13 = f32x4.add(v128.load(o, 48), c13);
  v128.store(o, c10, 0); v128.store(o, c11, 16); v128.store(o, c12, 32); v128.store(o, c13, 48);
  o += outStep;
  c20 = f32x4.add(v128.load(o, 0), c20); c21 = f32x4.add(v128.load(o, 16), c21); c22 = f32x4.add(v128.load(o, 32), c22); c23 = f32x4.add(v128.load(o, 48), c23);
  v128.store(o, c20, 0); v128.store(o, c21, 16); v128.store(o, c22, 32); v128.store(o, c23, 48);
  o += outStep;
  c30 = f32x4.add(v128.load(o, 0), c30); c31 = f32x4.add(v128.load(o, 16), c31); c32 = f32x4.add(v128.load(o, 32), c32); c33 = f32x4.add(v128.load(o, 48), c33);
  v128.store(o, c30, 0); v128.store(o, c31, 16); v128.store(o, c32, 32); v128.store(o, c33, 48);
  o += outStep;
  c40 = f32x4.add(v128.load(o, 0), c40); c41 = f32x4.add(v128.load(o, 16), c41); c42 = f32x4.add(v128.load(o, 32), c42); c43 = f32x4.add(v128.load(o, 48), c43);
  v128.store(o, c40, 0); v128.store(o, c41, 16); v128.store(o, c42, 32); v128.store(o, c43, 48);
  o += outStep;
  c50 = f32x4.add(v128.load(o, 0), c50); c51 = f32x4.add(v128.load(o, 16), c51); c52 = f32x4.add(v128.load(o, 32), c52); c53 = f32x4.add(v128.load(o, 48), c53);
  v128.store(o, c50, 0); v128.store(o, c51, 16); v128.store(o, c52, 32); v128.store(o, c53, 48);
}

function filterTile8(
  input: usize, dy: usize, images: i32, height: i32, width: i32, step: usize, rowStep: usize, imageStep: usize,
  dyStep: usize, out: usize, outStep: usize,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  let d = dy;
  let image = input;
  for (let n = 0; n < images; n++) {
    let row = image;
    for (let y = 0; y < height; y++) {
      let a = row;
      const end = d + <usize>width * dyStep;
      while (d != end) {
        const b0 = v128.load(d, 0), b1 = v128.load(d, 16);
        let s = v128.load32_splat(a);
        c00 = f32x4.relaxed_madd(s, b0, c00); c01 = f32x4.relaxed_madd(s, b1, c01);
        s = v128.load32_splat(a, 4);
        c10 = f32x4.relaxed_madd(s, b0, c10); c11 = f32x4.relaxed_madd(s, b1, c11);
        s = v128.load32_splat(a, 8);
        c20 = f32x4.relaxed_madd(s, b0, c20); c21 = f32x4.relaxed_madd(s, b1, c21);
        s = v128.load32_splat(a, 12);
        c30 = f32x4.relaxed_madd(s, b0, c30); c31 = f32x4.relaxed_madd(s, b1, c31);
        s = v128.load32_splat(a, 16);
        c40 = f32x4.relaxed_madd(s, b0, c40); c41 = f32x4.relaxed_madd(s, b1, c41);
        s = v128.load32_splat(a, 20);
        c50 = f32x4.relaxed_madd(s, b0, c50); c51 = f32x4.relaxed_madd(s, b1, c51);
        a += step;
        d += dyStep;
      }
      row += rowStep;
    }
    image += imageStep;
  }
  let o = out;
  c00 = f32x4.add(v128.load(o, 0), c00); c01 = f32x4.add(v128.load(o, 16), c01);
  v128.store(o, c00, 0); v128.store(o, c01, 16);
  o += outStep;
  c10 = f32x4.add(v128.load(o, 0), c10); c11 = f32x4.add(v128.load(o, 16), c11);
  v128.store(o, c10, 0); v128.store(o, c11, 16);
  o += outStep;
  c20 = f32x4.add(v128.load(o, 0), c20); c21 = f32x4.add(v128.load(o, 16), c21);
  v128.store(o, c20, 0); v128.store(o, c21, 16);
  o += outStep;
  c30 = f32x4.add(v128.load(o, 0), c30); c31 = f32x4.add(v128.load(o, 16), c31);
  v128.store(o, c30, 0); v128.store(o, c31, 16);
  o += outStep;
  c40 = f32x4.add(v128.load(o, 0), c40); c41 = f32x4.add(v128.load(o, 16), c41);
  v128.store(o, c40, 0); v128.store(o, c41, 16);
  o += outStep;
  c50 = f32x4.add(v128.load(o, 0), c50); c51 = f32x4.add(v128.load(o, 16), c51);
  v128.store(o, c50, 0); v128.store(o, c51, 16);
}
