// Pooling over windows of NHWC images, vectorized along channels.

/** The commonest case: 2 × 2 windows that tile the image exactly, and channels in eights. */
// @ts-ignore: decorator
@inline
function tiles(h: i32, w: i32, c: i32, oh: i32, ow: i32, size: i32, stride: i32, top: i32, left: i32): bool {
  return size == 2 && stride == 2 && h == 2 * oh && w == 2 * ow && (c & 7) == 0 && (top | left) == 0;
}

function maxPoolTiles(x: usize, y: usize, rows: i32, ow: i32, pixel: usize): void {
  const row = <usize>(2 * ow) * pixel;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < ow; j++) {
      for (let k: usize = 0; k < pixel; k += 32) {
        const a = x + k, b = a + row, right = a + pixel, corner = b + pixel;
        const m0 = f32x4.max(f32x4.max(v128.load(a), v128.load(right)), f32x4.max(v128.load(b), v128.load(corner)));
        const m1 = f32x4.max(
          f32x4.max(v128.load(a, 16), v128.load(right, 16)), f32x4.max(v128.load(b, 16), v128.load(corner, 16)),
        );
        v128.store(y + k, m0);
        v128.store(y + k, m1, 16);
      }
      x += pixel << 1;
      y += pixel;
    }
    x += row;
  }
}

function maxPoolGradientTiles(x: usize, y: usize, dy: usize, dx: usize, rows: i32, ow: i32, pixel: usize): void {
  const row = <usize>(2 * ow) * pixel;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < ow; j++) {
      for (let k: usize = 0; k < pixel; k += 16) {
        const best = v128.load(y + k);
        const g = v128.load(dy + k);
        const first = f32x4.eq(v128.load(x + k), best);
        const second = v128.andnot(f32x4.eq(v128.load(x + k + pixel), best), first);
        let seen = v128.or(first, second);
        const third = v128.andnot(f32x4.eq(v128.load(x + k + row), best), seen);
        seen = v128.or(seen, third);
        const fourth = v128.andnot(f32x4.eq(v128.load(x + k + row + pixel), best), seen);
        v128.store(dx + k, v128.and(g, first));
        v128.store(dx + k + pixel, v128.and(g, second));
        v128.store(dx + k + row, v128.and(g, third));
        v128.store(dx + k + row + pixel, v128.and(g, fourth));
      }
      x += pixel << 1;
      dx += pixel << 1;
      y += pixel;
      dy += pixel;
    }
    x += row;
    dx += row;
  }
}

/** Largest value in each window. Windows are clipped at the border, so padding never wins. */
export function maxPool(
  x: usize, y: usize, n: i32, h: i32, w: i32, c: i32, oh: i32, ow: i32, size: i32, stride: i32, top: i32, left: i32,
): void {
  const pixel = (<usize>c) << 2;
  if (tiles(h, w, c, oh, ow, size, stride, top, left)) return maxPoolTiles(x, y, n * oh, ow, pixel);
  const row = pixel * w;
  const vector = (<usize>(c & ~3)) << 2;
  for (let i = 0; i < n; i++) {
    for (let oy = 0; oy < oh; oy++) {
      const y0 = max(0, oy * stride - top), y1 = min(h, oy * stride - top + size);
      for (let ox = 0; ox < ow; ox++) {
        const x0 = max(0, ox * stride - left), x1 = min(w, ox * stride - left + size);
        let k: usize = 0;
        for (; k < vector; k += 16) {
          let best = v128.load(x + <usize>y0 * row + <usize>x0 * pixel + k);
          for (let r = y0; r < y1; r++) {
            for (let s = x0; s < x1; s++) best = f32x4.max(best, v128.load(x + <usize>r * row + <usize>s * pixel + k));
          }
          v128.store(y + k, best);
        }
        for (; k < pixel; k += 4) {
          let best = load<f32>(x + <usize>y0 * row + <usize>x0 * pixel + k);
          for (let r = y0; r < y1; r++) {
            for (let s = x0; s < x1; s++) best = max(best, load<f32>(x + <usize>r * row + <usize>s * pixel + k));
          }
          store<f32>(y + k, best);
        }
        y += pixel;
      }
    }
    x += row * h;
  }
}

/** Gives each dy to the first position of its window that holds the maximum y. `dx` is overwritten. */
export function maxPoolGradient(
  x: usize, y: usize, dy: usize, dx: usize,
  n: i32, h: i32, w: i32, c: i32, oh: i32, ow: i32, size: i32, stride: i32, top: i32, left: i32,
): void {
  const pixel = (<usize>c) << 2;
  if (tiles(h, w, c, oh, ow, size, stride, top, left)) return maxPoolGradientTiles(x, y, dy, dx, n * oh, ow, pixel);
  const row = pixel * w;
  const vector = (<usize>(c & ~3)) << 2;
  memory.fill(dx, 0, row * h * n);
  for (let i = 0; i < n; i++) {
    for (let oy = 0; oy < oh; oy++) {
      const y0 = max(0, oy * stride - top), y1 = min(h, oy * stride - top + size);
      for (let ox = 0; ox < ow; ox++) {
        const x0 = max(0, ox * stride - left), x1 = min(w, ox * stride - left + size);
        let k: usize = 0;
        for (; k < vector; k += 16) {
          const best = v128.load(y + k);
          let rest = v128.load(dy + k);
          for (let r = y0; r < y1; r++) {
            for (let s = x0; s < x1; s++) {
              const at = <usize>r * row + <usize>s * pixel + k;
              const hit = f32x4.eq(v128.load(x + at), best);
              v128.store(dx + at, f32x4.add(v128.load(dx + at), v128.and(rest, hit)));
              rest = v128.andnot(rest, hit);
            }
          }
        }
        for (; k < pixel; k += 4) {
          const best = load<f32>(y + k);
          let rest = load<f32>(dy + k);
          for (let r = y0; r < y1; r++) {
            for (let s = x0; s < x1; s++) {
              const at = <usize>r * row + <usize>s * pixel + k;
              if (load<f32>(x + at) != best) continue;
              store<f32>(dx + at, load<f32>(dx + at) + rest);
              rest = 0;
            }
          }
        }
        y += pixel;
        dy += pixel;
      }
    }
    x += row * h;
    dx += row * h;
  }
}

/** Mean over the pixels of each image. */
export function globalAverage(x: usize, y: usize, n: i32, pixels: i32, c: i32): void {
  const bytes = (<usize>c) << 2;
  const factor: f32 = 1 / <f32>pixels;
  for (let i = 0; i < n; i++) {
    memory.fill(y, 0, bytes);
    for (let p = 0; p < pixels; p++) {
      for (let k: usize = 0; k < bytes; k += 4) store<f32>(y + k, load<f32>(y + k) + load<f32>(x + k));
      x += bytes;
    }
    for (let k: usize = 0; k < bytes; k += 4) store<f32>(y + k, load<f32>(y + k) * factor);
    y += bytes;
  }
}

/** Spreads dy / pixels over the pixels of each image. */
export function globalAverageGradient(dy: usize, dx: usize, n: i32, pixels: i32, c: i32): void {
  const bytes = (<usize>c) << 2;
  const factor: f32 = 1 / <f32>pixels;
  for (let i = 0; i < n; i++) {
    for (let k: usize = 0; k < bytes; k += 4) store<f32>(dx + k, load<f32>(dy + k) * factor);
    for (let p = 1; p < pixels; p++) memory.copy(dx + <usize>p * bytes, dx, bytes);
    dx += <usize>pixels * bytes;
    dy += bytes;
  }
}
