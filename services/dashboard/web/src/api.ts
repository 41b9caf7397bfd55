import { signal } from "@preact/signals";

/** What the server says when it refuses. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly reason?: string;
  readonly remedy?: string;
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
}

export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Set when a call was refused for want of a login. */
export const needsLogin = signal(false);

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

async function call(method: string, url: string, body?: unknown): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "GET" ? {} : { "x-superbatch": "1" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError({
      code: "unavailable",
      message: "The dashboard's server cannot be reached.",
      remedy: "See that it still runs; this page goes on by itself then.",
    });
  }
  const answer: unknown = await response
    .json()
    .catch(() => ({ code: "internal", message: `The server answered ${response.status}.` }));
  if (response.ok) return { status: response.status, body: answer, headers: response.headers };
  if (response.status === 401) needsLogin.value = true;
  throw new ApiError(answer as Problem);
}

export const get = async <T>(url: string): Promise<T> => (await call("GET", url)).body as T;
export const post = async <T>(url: string, body: unknown): Promise<T> => (await call("POST", url, body)).body as T;

/**
 * What a URL answers, however long that takes, and in how many milliseconds a newer answer may be had; 0 for one that is new.
 *
 * @param pending - told when the server says that it takes longer
 * @param left - whether the answer is of no use any more
 */
export async function getView<T>(
  url: string,
  pending: () => void,
  left: () => boolean,
): Promise<{ readonly data: T; readonly outdatedFor: number }> {
  let answer = await call("GET", url);
  while (answer.status === 202 && !left()) {
    pending();
    answer = await call("GET", url);
  }
  const { body, headers } = answer;
  return { data: body as T, outdatedFor: Number(headers.get("x-outdated-for") ?? 0) };
}

/** A call of the optimizer itself. */
export function rpc<T>(method: string, request: unknown): Promise<T> {
  return post(`/api/superbatch.optimizer.v1.OptimizerService/${method}`, request);
}

export function problemOf(error: unknown): Problem {
  return error instanceof ApiError ? error.problem : { code: "internal", message: String(error) };
}
