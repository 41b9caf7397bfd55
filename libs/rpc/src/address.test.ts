import { describe, expect, it } from "vitest";
import { formatAddress, isLoopback, parseAddress } from "./address.ts";

describe("addresses", () => {
  it.each([
    ["127.0.0.1:7600", { host: "127.0.0.1", port: 7600 }],
    ["[::1]:0", { host: "::1", port: 0 }],
    ["example.org:443", { host: "example.org", port: 443 }],
  ])("%s", (text, address) => {
    expect(parseAddress(text)).toEqual(address);
    expect(formatAddress(address)).toBe(text);
  });

  it.each(["", "host", ":80", "host:", "::1:80", "host:65536", "host:1x"])("refuse %j", (text) => {
    expect(() => parseAddress(text)).toThrow(RangeError);
  });

  it.each([
    ["127.0.0.1", true],
    ["127.8.9.10", true],
    ["::1", true],
    ["localhost", true],
    ["0.0.0.0", false],
    ["::", false],
    ["128.0.0.1", false],
    ["127.example.org", false],
    ["localhost.example.org", false],
  ])("%s is loopback: %s", (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
