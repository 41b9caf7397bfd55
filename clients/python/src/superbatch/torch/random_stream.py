"""The seeded random numbers of the suite's TypeScript programs (libs/random), draw by draw: the same seed gives the same split, initial weights and shifts."""

from __future__ import annotations

import re
import statistics

import numpy as np
from numpy.typing import NDArray

_MASK = 0xFFFFFFFF
_QUANTILE = statistics.NormalDist().inv_cdf


class RandomStream:
    """A stream of sfc32 (Chris Doty-Humphrey's "small fast counter"), seeded by hashing.

    Args:
        seed: Any text or number; equal seeds give equal streams.
    """

    def __init__(self, seed: str | int) -> None:
        self._key = str(seed)
        self._a, self._b, self._c, self._counter = _hash128(self._key)
        # The published seeding discards some outputs, so that similar seeds do not start out alike.
        self.uint32s(15)

    def uint32s(self, count: int) -> NDArray[np.uint32]:
        """The next draws of 32 random bits."""
        a, b, c, counter = self._a, self._b, self._c, self._counter
        drawn = [0] * count
        for i in range(count):
            result = (a + b + counter) & _MASK
            counter = (counter + 1) & _MASK
            a = b ^ (b >> 9)
            b = (c + (c << 3)) & _MASK
            c = (((c << 21) | (c >> 11)) + result) & _MASK
            drawn[i] = result
        self._a, self._b, self._c, self._counter = a, b, c, counter
        return np.array(drawn, dtype=np.uint32)

    def uint32(self) -> int:
        """The next 32 random bits."""
        return int(self.uint32s(1)[0])

    def uniforms(self, count: int) -> NDArray[np.float64]:
        """Uniform in [0, 1), of 53 random bits each."""
        bits = self.uint32s(2 * count).astype(np.uint64)
        whole = ((bits[::2] >> np.uint64(5)) * 67108864.0 + (bits[1::2] >> np.uint64(6))).astype(np.float64)
        return whole / 9007199254740992.0

    def integer(self, n: int) -> int:
        """Uniform in [0, n), without modulo bias; n at most 2³²."""
        limit = 2**32 - 2**32 % n
        draw = self.uint32()
        while draw >= limit:
            draw = self.uint32()
        return draw % n

    def normals(self, count: int) -> NDArray[np.float64]:
        """Standard normal deviates by inverse transform."""
        u = self.uniforms(count)
        while not u.all():
            # The original draws again where it meets a 0; one in 2⁵³.
            zero = int(np.argmin(u))
            u = np.concatenate([u[:zero], u[zero + 1 :], self.uniforms(1)])
        return np.array([_QUANTILE(p) for p in u.tolist()])

    def permutation(self, n: int) -> NDArray[np.int64]:
        """0 … n − 1 in random order (Fisher and Yates)."""
        order = list(range(n))
        for i in range(n - 1, 0, -1):
            j = self.integer(i + 1)
            order[i], order[j] = order[j], order[i]
        return np.array(order, dtype=np.int64)

    def fork(self, label: str | int) -> RandomStream:
        """An independent stream. Depends on this stream's seed and the label alone, not on how much was drawn."""
        return RandomStream(f"{self._key}/{label}")

    def state(self) -> str:
        """The whole state as text, for :meth:`restore`."""
        words = (self._a, self._b, self._c, self._counter)
        return f"sfc32:{''.join(f'{word:08x}' for word in words)}:{self._key}"

    @staticmethod
    def restore(state: str) -> RandomStream:
        """Continues a stream exactly where :meth:`state` was taken.

        Raises:
            ValueError: if the text is not such a state.
        """
        match = re.fullmatch(r"sfc32:([0-9a-f]{8})([0-9a-f]{8})([0-9a-f]{8})([0-9a-f]{8}):(.*)", state, re.DOTALL)
        if match is None:
            raise ValueError("not the state of a random number generator: it must start with sfc32:")
        stream = RandomStream(match[5])
        stream._a, stream._b, stream._c, stream._counter = (int(match[k], 16) for k in range(1, 5))
        return stream


def _hash128(text: str) -> tuple[int, int, int, int]:
    """Four 32-bit words from a text (cyrb128-style multiply and xor mixing; not for cryptography)."""
    h1, h2, h3, h4 = 1779033703, 3144134277, 1013904242, 2773480762
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2").tolist()
    for k in units:
        h1 = h2 ^ ((h1 ^ k) * 597399067 & _MASK)
        h2 = h3 ^ ((h2 ^ k) * 2869860233 & _MASK)
        h3 = h4 ^ ((h3 ^ k) * 951274213 & _MASK)
        h4 = h1 ^ ((h4 ^ k) * 2716044179 & _MASK)
    h1 = (h3 ^ (h1 >> 18)) * 597399067 & _MASK
    h2 = (h4 ^ (h2 >> 22)) * 2869860233 & _MASK
    h3 = (h1 ^ (h3 >> 17)) * 951274213 & _MASK
    h4 = (h2 ^ (h4 >> 19)) * 2716044179 & _MASK
    h1 ^= h2 ^ h3 ^ h4
    return h1, h2 ^ h1, h3 ^ h1, h4 ^ h1
