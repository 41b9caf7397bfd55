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

async function call(method: string, url: string, body?: unknown): Promise<unknown> {
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
  if (response.ok) return answer;
  if (response.status === 401) needsLogin.value = true;
  throw new ApiError(answer as Problem);
}

export const get = <T>(url: string): Promise<T> => call("GET", url) as Promise<T>;
export const post = <T>(url: string, body: unknown): Promise<T> => call("POST", url, body) as Promise<T>;

/** A call of the optimizer itself. */
export function rpc<T>(method: string, request: unknown): Promise<T> {
  return post(`/api/superbatch.optimizer.v1.OptimizerService/${method}`, request);
}

export function problemOf(error: unknown): Problem {
  return error instanceof ApiError ? error.problem : { code: "internal", message: String(error) };
}
