import { useEffect, useRef, useState } from "preact/hooks";
import { getView, type Problem, problemOf } from "./api.ts";

export interface Loaded<T> {
  readonly data?: T | undefined;
  /** The server says that it takes longer: there is a model to fit. */
  readonly pending?: boolean;
  readonly problem?: Problem | undefined;
}

/** Milliseconds until what could not be reached is asked again. */
const retryAfter = 3000;

/** Problems that pass by themselves. */
const passing: ReadonlySet<string> = new Set(["unavailable", "deadline_exceeded"]);

/**
 * What a URL answers, asked again when `revision` changes, when the server says that a newer answer may be had, and after a problem that may have
 * passed. Old data stays until new is there, and beside a problem.
 *
 * @param url - undefined: nothing is asked
 */
export function useData<T>(url: string | undefined, revision = 0): Loaded<T> {
  const [state, setState] = useState<Loaded<T> & { url?: string | undefined }>({});
  const running = useRef(false);
  const again = useRef(false);
  useEffect(() => {
    let left = false;
    let timer: number | undefined;
    const loadIn = (milliseconds: number) => {
      clearTimeout(timer);
      if (!left) timer = window.setTimeout(() => void load(), milliseconds);
    };
    const load = async () => {
      if (url === undefined) return;
      // One question at a time: changes that come meanwhile are asked for once, afterwards.
      if (running.current) {
        again.current = true;
        return;
      }
      running.current = true;
      try {
        const { data, outdatedFor } = await getView<T>(
          url,
          () => setState((old) => (left || old.url !== url || !old.data ? { url, pending: true } : old)),
          () => left,
        );
        if (!left) setState({ data, url });
        if (outdatedFor > 0) loadIn(outdatedFor);
      } catch (error) {
        const problem = problemOf(error);
        if (!left) setState((old) => ({ data: old.url === url ? old.data : undefined, url, problem }));
        if (passing.has(problem.code)) loadIn(retryAfter);
      } finally {
        running.current = false;
        if (again.current) {
          again.current = false;
          if (!left) void load();
        }
      }
    };
    void load();
    return () => {
      left = true;
      clearTimeout(timer);
      running.current = false;
      again.current = false;
    };
  }, [url, revision]);
  return state.url === url ? state : {};
}

/** Counts a study's changes, as the server tells them, at most once in `every` milliseconds. */
export function useRevision(study: string, every = 1500): { revision: number; connected: boolean } {
  const [revision, setRevision] = useState(0);
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    let source: EventSource | undefined;
    let timer: number | undefined;
    let retry: number | undefined;
    let last: number | undefined;
    // After a break, the server may count anew.
    let broken = false;
    const change = (event: Event) => {
      setConnected(true);
      const told = Number((event as MessageEvent<string>).data);
      const news = broken || (last !== undefined && told !== last);
      last = told;
      broken = false;
      if (!news) return;
      timer ??= window.setTimeout(() => {
        timer = undefined;
        setRevision((before) => before + 1);
      }, every);
    };
    // Browsers hold six connections to a place at most, for all tabs together: those that nobody sees give theirs back.
    const listen = () => {
      clearTimeout(retry);
      source?.close();
      source = undefined;
      if (document.hidden) return;
      const opened = new EventSource(`/api/studies/${study}/events`);
      opened.addEventListener("change", change);
      opened.addEventListener("error", () => {
        setConnected(false);
        broken = true;
        // Browsers try again after a break of the connection, but not after an answer such as 503.
        if (opened.readyState === EventSource.CLOSED && opened === source)
          retry = window.setTimeout(listen, retryAfter);
      });
      source = opened;
    };
    listen();
    document.addEventListener("visibilitychange", listen);
    return () => {
      document.removeEventListener("visibilitychange", listen);
      source?.close();
      source = undefined;
      clearTimeout(timer);
      clearTimeout(retry);
    };
  }, [study, every]);
  return { revision, connected };
}
