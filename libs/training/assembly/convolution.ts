// Direct convolution over zero-padded images, as sums of products of windows and packed filter panels.
// The input gradient is the same computation with the transposed, flipped filter; for strides above one it falls into
// stride² phases, each with the filter taps that reach it, so that no multiplication by an inserted zero is done.
import { PANEL, ROWS, filterTile, pixelTile } from "./tile";

/** Columns of packed panels; filters, gradients and scratch are padded to a multiple of it. */
export function panelColumns(): i32 {
  return PANEL;
}

/**
 * Packs taps of a filter (kh × kw × c × o) for the forward pass: panels of PANEL output channels, each kh · kw · c rows.
 *
 * @param rows - kh · kw · c
 */
export function packFilter(filter: usize, panels: usize, rows: i32, o: i32): void {
  for (let j = 0; j < o; j += PANEL) {
    const columns = min(PANEL, o - j);
    for (let k = 0; k < rows; k++) {
      const from = filter + ((<usize>(k * o + j)) << 2);
      if (columns < PANEL) memory.fill(panels, 0, PANEL * 4);
      memory.copy(panels, from, columns * 4);
      panels += PANEL * 4;
    }
  }
}

/**
 * Packs one phase of the transposed, flipped filter for the input gradient: panels of PANEL input channels with rows
 * (tap row, tap column, output channel), taps in descending order.
 *
 * @param y0, x0 - the phase's first tap @param ny, nx - its number of taps @param stride - distance of its taps
 */
export function packFlipped(
  filter: usize, panels: usize, kw: i32, c: i32, o: i32, y0: i32, x0: i32, ny: i32, nx: i32, stride: i32,
): void {
  for (let j = 0; j < c; j += PANEL) {
    const columns = min(PANEL, c - j);
    for (let y = ny - 1; y >= 0; y--) {
      for (let x = nx - 1; x >= 0; x--) {
        const tap = filter + ((<usize>((((y0 + y * stride) * kw + x0 + x * stride) * c + j) * o)) << 2);
        for (let k = 0; k < o; k++) {
          for (let i = 0; i < columns; i++) {
            store<f32>(panels + ((<usize>i) << 2), load<f32>(tap + ((<usize>(i * o + k)) << 2)));
          }
          for (let i = columns; i < PANEL; i++) store<f32>(panels + ((<usize>i) << 2), 0);
          panels += PANEL * 4;
        }
      }
    }
  }
}

/** Copies n images of h rows of `row` bytes into frames of ph rows of pitch bytes, `top` rows and `left` bytes in; zero elsewhere. */
export function padImages(
  x: usize, frames: usize, n: i32, h: i32, row: usize, ph: i32, pitch: usize, top: i32, left: usize,
): void {
  const right = pitch - left - row;
  for (let i = 0; i < n; i++) {
    memory.fill(frames, 0, <usize>top * pitch);
    frames += <usize>top * pitch;
    for (let y = 0; y < h; y++) {
      if (left) memory.fill(frames, 0, left);
      memory.copy(frames + left, x, row);
      if (right) memory.fill(frames + left + row, 0, right);
      frames += pitch;
      x += row;
    }
    const below = <usize>(ph - top - h) * pitch;
    memory.fill(frames, 0, below);
    frames += below;
  }
}

/** Byte offsets of n × h × w pixels, the last repeated up to a multiple of ROWS: a tile then never needs a partial row. */
export function pixelTable(
  table: usize, n: i32, h: i32, w: i32, first: usize, imageStep: usize, rowStep: usize, step: usize,
): void {
  let last: usize = 0;
  for (let i = 0; i < n; i++) {
    for (let y = 0; y < h; y++) {
      last = first + <usize>i * imageStep + <usize>y * rowStep;
      for (let x = 0; x < w; x++) {
        store<u32>(table, <u32>last);
        table += 4;
        last += step;
      }
    }
  }
  for (let i = (n * h * w) % ROWS; i > 0 && i < ROWS; i++) {
    store<u32>(table, <u32>(last - step));
    table += 4;
  }
}

/**
 * Windows times panels for all pixels of two tables of offsets.
 *
 * @param pixels - entries of the tables that count (they are filled up to a multiple of ROWS)
 * @param height, run, rowStride - the window: see pixelTile
 * @param columns - output channels; the last panel may have fewer than PANEL
 * @param edge - scratch of ROWS · PANEL floats after ROWS offsets
 */
export function convolve(
  inBase: usize, inputs: usize, pixels: i32, height: i32, run: i32, rowStride: usize,
  panels: usize, columns: i32, outBase: usize, outputs: usize, edge: usize,
): void {
  const panelBytes = (<usize>(height * run * PANEL)) << 2;
  const tiles = edge + ROWS * 4;
  for (let j = 0; j < columns; j += PANEL) {
    const out = outBase + ((<usize>j) << 2);
    const full = columns - j >= PANEL;
    const bytes = (<usize>(columns - j)) << 2;
    if (!full) for (let r = 0; r < ROWS; r++) store<u32>(edge + ((<usize>r) << 2), <u32>(r * PANEL * 4));
    for (let t = 0; t < pixels; t += ROWS) {
      const from = inputs + ((<usize>t) << 2);
      const to = outputs + ((<usize>t) << 2);
      if (full) {
        pixelTile(inBase, from, height, run, rowStride, panels, out, to);
      } else {
        pixelTile(inBase, from, height, run, rowStride, panels, tiles, edge);
        for (let r = 0; r < ROWS; r++) {
          memory.copy(out + load<u32>(to + ((<usize>r) << 2)), tiles + <usize>(r * PANEL * 4), bytes);
        }
      }
    }
    panels += panelBytes;
  }
}

/** Zeros. */
export function clear(address: usize, bytes: usize): void {
  memory.fill(address, 0, bytes);
}

/** Pixels that one tile of the filter gradient runs over before it is added to memory: their panel of dy stays in the L1 cache. */
const BLOCK: i32 = 256;

/**
 * Adds one group of images to the filter gradient: out[ky][i][j] += Σ in[window row ky, float i] · dy[pixel, channel j].
 *
 * @param n, h, w - images, rows, columns of dy
 * @param step, rowStep, imageStep - bytes in the input between windows of neighboring pixels, rows, images
 * @param height, run, rowStride - the window: see pixelTile
 * @param dyStep - bytes from pixel to pixel of dy, a multiple of PANEL floats
 * @param out - height × (run up to a multiple of ROWS) × (dyStep / 4) floats
 */
export function filterGradient(
  input: usize, dy: usize, n: i32, h: i32, w: i32, step: usize, rowStep: usize, imageStep: usize,
  height: i32, run: i32, rowStride: usize, dyStep: usize, out: usize,
): void {
  const whole = n * h * w <= BLOCK;
  const images = whole ? n : 1;
  const rows = whole ? h : max(1, min(h, BLOCK / w));
  for (let image = 0; image < n; image += images) {
    for (let y = 0; y < h; y += rows) {
      const count = min(rows, h - y);
      const corner = input + <usize>image * imageStep + <usize>y * rowStep;
      const first = dy + <usize>((image * h + y) * w) * dyStep;
      for (let j: usize = 0; j < dyStep; j += PANEL * 4) {
        let to = out + j;
        for (let k = 0; k < height; k++) {
          for (let i = 0; i < run; i += ROWS) {
            const from = corner + <usize>k * rowStride + ((<usize>i) << 2);
            filterTile(from, first + j, images, count, w, step, rowStep, imageStep, dyStep, to, dyStep);
            to += <usize>ROWS * dyStep;
          }
        }
      }
    }
  }
}

/** Copies the rows and columns that count out of filterGradient's padded result. */
export function unpadFilter(padded: usize, out: usize, height: i32, run: i32, paddedRun: i32, o: i32, pitch: usize): void {
  const bytes = (<usize>o) << 2;
  for (let k = 0; k < height; k++) {
    for (let i = 0; i < run; i++) {
      memory.copy(out, padded + <usize>(k * paddedRun + i) * pitch, bytes);
      out += bytes;
    }
  }
}
