// Memory-bound loops over whole tensors.

/** dx = dy where y > 0, else 0. */
export function reluGradient(dy: usize, y: usize, dx: usize, count: i32): void {
  const end = dy + ((<usize>count) << 2);
  const zero = f32x4.splat(0);
  const vector = dy + ((<usize>(count & ~3)) << 2);
  while (dy < vector) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
    dy += 16;
    y += 16;
    dx += 16;
  }
  while (dy < end) {
    store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0);
    dy += 4;
    y += 4;
    dx += 4;
  }
}

/** y = max(x, 0). */
export function rectify(x: usize, y: usize, count: i32): void {
  const end = x + ((<usize>count) << 2);
  const vector = x + ((<usize>(count & ~7)) << 2);
  const zero = f32x4.splat(0);
  while (x < vector) {
    const y0 = f32x4.max(v128.load(x), zero), y1 = f32x4.max(v128.load(x, 16), zero);
    v128.store(y, y0);
    v128.store(y, y1, 16);
    x += 32;
    y += 32;
  }
  while (x < end) {
    store<f32>(y, max<f32>(load<f32>(x), 0));
    x += 4;
    y += 4;
  }
}

/** out = a + b. */
export function add(a: usize, b: usize, out: usize, count: i32): void {
  const end = a + ((<usize>count) << 2);
  const vector = a + ((<usize>(count & ~7)) << 2);
  while (a < vector) {
    const s0 = f32x4.add(v128.load(a), v128.load(b)), s1 = f32x4.add(v128.load(a, 16), v128.load(b, 16));
    v128.store(out, s0);
    v128.store(out, s1, 16);
    a += 32;
    b += 32;
    out += 32;
  }
  while (a < end) {
    store<f32>(out, load<f32>(a) + load<f32>(b));
    a += 4;
    b += 4;
    out += 4;
  }
}

/** The first `bytes`, a multiple of 16, of rows of `pitch` bytes. */
export function sliceColumns(x: usize, y: usize, rows: i32, pitch: usize, bytes: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, v128.load(x + k));
    x += pitch;
    y += bytes;
  }
}

/** to += from. */
export function accumulate(from: usize, to: usize, count: i32): void {
  const end = from + ((<usize>count) << 2);
  while (from < end) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    from += 4;
    to += 4;
  }
}

/** out[j] = Σ over rows of x[row][j]; blocks of rows are summed apart, which keeps rounding errors small. */
export function columnSums(x: usize, out: usize, rows: i32, c: i32): void {
  const bytes = (<usize>c) << 2;
  const vector = (<usize>(c & ~3)) << 2;
  memory.fill(out, 0, bytes);
  for (let first = 0; first < rows; first += 512) {
    const count = min(512, rows - first);
    let k: usize = 0;
    for (; k < vector; k += 16) {
      let sum = f32x4.splat(0);
      let at = x + k;
      for (let r = 0; r < count; r++) {
        sum = f32x4.add(sum, v128.load(at));
        at += bytes;
      }
      v128.store(out + k, f32x4.add(v128.load(out + k), sum));
    }
    for (; k < bytes; k += 4) {
      let sum: f32 = 0;
      let at = x + k;
      for (let r = 0; r < count; r++) {
        sum += load<f32>(at);
        at += bytes;
      }
      store<f32>(out + k, load<f32>(out + k) + sum);
    }
    x += <usize>count * bytes;
  }
}

/** g = gradient + decay · value; v = momentum · velocity + g; w = value − rate · (nesterov ? g + momentum · v : v). */
export function momentumUpdate(
  value: usize, velocity: usize, gradient: usize, w: usize, v: usize,
  count: i32, rate: f32, momentum: f32, decay: f32, nesterov: bool,
): void {
  const bytes = (<usize>count) << 2;
  for (let k: usize = 0; k < bytes; k += 4) {
    const old = load<f32>(value + k);
    const g = load<f32>(gradient + k) + decay * old;
    const speed = momentum * load<f32>(velocity + k) + g;
    store<f32>(v + k, speed);
    store<f32>(w + k, old - rate * (nesterov ? g + momentum * speed : speed));
  }
}
